'use strict';

const { callItems } = require('./carriers');

/**
 * @param {object} facts see facts.js
 * @returns {boolean} whether all sources report the same number of tool calls. The host may or may not see calls outside the events of a
 *   stream, and cannot tell calls with the same id apart
 */
function agreesOnTools({ entry, terminal, carriers, calls, missed }) {
  if (carriers === undefined) return true;
  if (missed) return false;
  const plain = calls.filter(({ isPlain }) => isPlain);
  const seen = plain.filter(({ isLate }) => !isLate);
  const isMessages = entry.provider === 'anthropic';
  const noted = isMessages ? sumOf(entry.turnToolCalls) : sizeOf(entry.turnToolCallIds);
  const possible = isMessages ? [plain.length, seen.length] : [plain.length, seen.length, idsOf(plain), idsOf(seen)];
  return (noted === undefined || possible.includes(noted)) && agreesWithEnvelope(carriers, terminal);
}

function idsOf(calls) {
  return new Set(calls.map(({ id }) => id)).size;
}

/** The last event of a complete response repeats all items, if it has any. */
function agreesWithEnvelope(carriers, terminal) {
  if (!['response.completed', 'response.done'].includes(terminal?.type)) return true;
  const output = terminal.response?.output;
  if (!Array.isArray(output) || output.length === 0) return true;
  return callItems(output).length === carriers.length;
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

module.exports = { agreesOnTools };
