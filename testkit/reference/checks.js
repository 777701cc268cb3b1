'use strict';

const { callItems, finishedItems } = require('./carriers');
const { isSocket } = require('./kind');
const { envelopeOf } = require('./response');
const { matchesAnthropicUsage, matchesResponsesUsage, splitAddsUp, totalAddsUp, usageInResponse } = require('./usage');

/** @returns {boolean} whether all sources report the same number of tool calls */
function agreesOnTools({ entry, events, terminal, carriers, calls, missed }) {
  if (carriers === undefined) return true;
  if (missed) return false;
  const plain = calls.filter(({ isPlain }) => isPlain).length;
  const noted = entry.provider === 'anthropic' ? sumOf(entry.turnToolCalls) : sizeOf(entry.turnToolCallIds);
  return (noted === undefined || noted === plain) && agreesWithEnvelope(entry, events, terminal);
}

/** Over HTTP, the last event of a complete response repeats all items. */
function agreesWithEnvelope(entry, events, terminal) {
  if (isSocket(entry) || terminal?.type !== 'response.completed') return true;
  const output = terminal.response?.output;
  if (!Array.isArray(output) || output.length === 0) return true;
  return callItems(output).length === callItems(finishedItems(events)).length;
}

/** @returns {boolean} whether the token counts of the entry agree with each other and with the response */
function agreesOnTokens({ entry, usage, events, terminal, res }) {
  if (usage === undefined) return true;
  if (!splitAddsUp(usage) || !totalAddsUp(usage)) return false;
  if (entry.provider === 'anthropic') return matchesAnthropicUsage(usage, usageInResponse(events, res));
  return matchesResponsesUsage(usage, envelopeOf(terminal, res)?.usage ?? {});
}

function sumOf(counts) {
  return isObject(counts) ? Object.values(counts).reduce((sum, count) => sum + count, 0) : undefined;
}

function sizeOf(names) {
  return isObject(names) ? Object.keys(names).length : undefined;
}

function isObject(value) {
  return value !== null && typeof value === 'object';
}

module.exports = { agreesOnTools, agreesOnTokens };
