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

/** Error events on the Responses wire. */
const ERROR_EVENTS = [
  { type: 'error', error: { type: 'invalid_request_error', code: 'previous_response_not_found', message: 'x' } },
  { type: 'error', code: 'server_is_overloaded', message: 'x', param: null },
  { type: 'error', error: { type: 'acme_gateway_down' } },
  { type: 'error', message: 'x' },
];

const HTML = '<html>\n<body class="x">Bad Gateway</body></html>';

/** @returns {{status: number, response: *}} an HTTP error of Anthropic, or of a gateway before it */
function anthropicFailure(random) {
  const error = { type: 'error', error: random.pick(ANTHROPIC_ERRORS) };
  const response = random.weighted([[error, 8], [{ error: 'no' }, 1], [HTML, 2], [{ detail: 'x' }, 1], ['', 1]]);
  return { status: random.pick([400, 401, 404, 429, 429, 500, 502, 529, 529]), response };
}

/** @returns {{status: number, response: *}} an HTTP error on the Responses wire */
function responsesFailure(random) {
  const response = random.weighted([
    [{ error: { message: 'x', ...random.pick(RESPONSE_ERRORS) } }, 6],
    [{ type: 'error', error: { type: 'rate_limit_error', message: 'slow down' } }, 2],
    [{ error: { message: 'x', type: 'invalid_request_error', code: 'unknown_parameter' } }, 2],
    ['upstream connect error', 1],
    [HTML, 1],
    [{ detail: 'Not Found' }, 1],
  ]);
  return { status: random.pick([400, 401, 404, 429, 429, 500, 503]), response };
}

module.exports = { anthropicFailure, responsesFailure, ANTHROPIC_ERRORS, RESPONSE_ERRORS, ERROR_EVENTS };
