'use strict';

/** The metric that counts turns. */
const TURNS = 'ccxray.provider.distribution_total';

/**
 * A finished turn as the host's index line.
 * @param {object} [fields] added to the usual fields, or replacing them
 * @returns {string} JSON
 */
function turn(fields) {
  return JSON.stringify({ ...USUAL, receivedAt: Date.now(), ...fields });
}

/**
 * The response of a turn that called one tool.
 * @param {string} tool
 * @returns {string} JSON
 */
function responseWith(tool) {
  const content = [{ type: 'tool_use', id: 'toolu_1', name: tool, input: { command: 'ls', skill: 'pdf' } }];
  return JSON.stringify({ type: 'message', role: 'assistant', content, stop_reason: 'tool_use', usage: USUAL.usage });
}

/**
 * The sum over all series of a metric that have all of `attributes`.
 * @param {object[]} series see `SeriesStore.all` in testkit/otlp/series.js
 * @param {string} metric
 * @param {Record<string, string>} [attributes]
 * @returns {number}
 */
function sumOf(series, metric, attributes = {}) {
  const wanted = Object.entries(attributes);
  return series
    .filter((one) => one.metric === metric && wanted.every(([key, value]) => one.attributes[key] === value))
    .reduce((sum, { value }) => sum + value, 0);
}

const USUAL = {
  id: '2026-08-20T14-03-22-118',
  provider: 'anthropic',
  agent: 'claude',
  agentKey: 'orchestrator',
  model: 'claude-sonnet-4-6',
  msgCount: 3,
  isSSE: false,
  status: 200,
  elapsed: '1.0',
  stopReason: 'end_turn',
  usage: { input_tokens: 1, output_tokens: 2, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
};

module.exports = { turn, responseWith, sumOf, TURNS };
