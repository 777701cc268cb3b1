'use strict';

/** Error bodies of an upstream. Gateways use other types, or none. */
const ANTHROPIC_ERRORS = [
  { type: 'overloaded_error', message: 'Overloaded' },
  { type: 'rate_limit_error', message: 'slow down' },
  { type: 'api_error', message: 'oops' },
  { type: 'invalid_request_error', message: 'prompt is too long' },
  { type: 'authentication_error', message: 'no' },
  { type: 'acme_gateway_down', message: 'x' },
  { type: 'http_200', message: 'x' },
  { type: '', code: 'insufficient_quota' },
  { type: 'None', code: '429' },
  { type: 'None', code: 'None' },
  { code: 503, message: 'x' },
  { type: '429', message: 'x' },
  { type: 'new_api_error', code: '', message: 'x' },
  { type: 'acme_block', code: 'server_error' },
  { message: 'x' },
];

/** Errors in a failed response. */
const RESPONSE_ERRORS = [
  { code: 'server_error', message: 'oops' },
  { code: 'rate_limit_exceeded' },
  { code: 'context_length_exceeded' },
  { code: 'acme_policy_block' },
  { type: 'usage_limit_reached', message: 'x' },
  {},
];

/** What a spent plan of Codex says in its last event. */
const SPENT = {
  type: 'error',
  status_code: 429,
  error: { type: 'usage_limit_reached', message: 'x', resets_in_seconds: 9500 },
  headers: {
    'X-Codex-Primary-Used-Percent': '100',
    'X-Codex-Primary-Window-Minutes': '300',
    'X-Codex-Secondary-Used-Percent': '80.5',
    'X-Codex-Secondary-Window-Minutes': '10079',
  },
};

/** Error events on the Responses wire. */
const ERROR_EVENTS = [
  { type: 'error', error: { type: 'invalid_request_error', code: 'previous_response_not_found', message: 'x' } },
  { type: 'error', code: 'server_is_overloaded', message: 'x', param: null },
  { type: 'error', error: { type: 'acme_gateway_down' } },
  { type: 'error', message: 'x' },
  { error: { type: 'server_error', message: 'x' } },
  { error: 'overloaded' },
  { type: 'error', status_code: 503, message: 'x' },
  SPENT,
  SPENT,
  SPENT,
];

const HTML = '<html>\n<body class="x">Bad Gateway</body></html>';

/** @returns {{status: number, response: *}} an HTTP error of Anthropic, or of a gateway before it */
function anthropicFailure(random) {
  const error = { type: 'error', error: random.pick(ANTHROPIC_ERRORS) };
  const response = random.weighted([[error, 8], [{ error: 'no' }, 1], [[error], 1], [{ message: 'x', type: 'billing_error' }, 1], [{ message: 'x', code: 'acme_code' }, 1], [HTML, 2], [{ detail: 'x' }, 1], ['', 1]]);
  return { status: random.pick([400, 401, 404, 429, 429, 500, 502, 529, 529]), response };
}

/** @returns {object[]} the error events that end a stream of Anthropic, or follow its end. Some have no type, some come twice */
function errorEvents(random) {
  const error = random.pick(ANTHROPIC_ERRORS);
  const event = random.chance(0.8) ? { type: 'error', error } : { error };
  return random.chance(0.2) ? [event, { type: 'error', error: random.pick(ANTHROPIC_ERRORS) }] : [event];
}

/** @returns {{status: number, response: *}} an HTTP error on the Responses wire */
function responsesFailure(random) {
  const response = random.weighted([
    [{ error: { message: 'x', ...random.pick(RESPONSE_ERRORS) } }, 6],
    [{ type: 'error', error: { type: 'rate_limit_error', message: 'slow down' } }, 2],
    [{ error: { message: 'x', type: 'invalid_request_error', code: 'unknown_parameter' } }, 2],
    [[{ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'x' } }], 1],
    [{ message: 'x', code: 'invalid_api_key' }, 1],
    ['upstream connect error', 1],
    [HTML, 1],
    [{ detail: 'Not Found' }, 1],
  ]);
  return { status: random.pick([400, 401, 404, 429, 429, 500, 503]), response };
}

module.exports = { anthropicFailure, responsesFailure, errorEvents, RESPONSE_ERRORS, ERROR_EVENTS };
