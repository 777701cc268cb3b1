'use strict';

const { callItems, finishedItems } = require('./carriers');
const { isSocket } = require('./kind');
const { envelopeOf } = require('./response');
const { answeredUsage, isAsAnswered, isAsToldByResponses, splitAddsUp, totalAddsUp } = require('./usage');

/** @returns {boolean} whether all that says how many tools were called says the same */
function agreesOnTools({ entry, events, terminal, carriers, calls, missed }) {
  if (carriers === undefined) return true;
  if (missed) return false;
  const plain = calls.filter(({ isPlain }) => isPlain).length;
  const noted = entry.provider === 'anthropic' ? sumOf(entry.turnToolCalls) : sizeOf(entry.turnToolCallIds);
  return (noted === undefined || noted === plain) && agreesWithEnvelope(entry, events, terminal);
}

/** Over HTTP the end of a good answer repeats all its items. */
function agreesWithEnvelope(entry, events, terminal) {
  if (isSocket(entry) || terminal?.type !== 'response.completed') return true;
  const output = terminal.response?.output;
  if (!Array.isArray(output) || output.length === 0) return true;
  return callItems(output).length === callItems(finishedItems(events)).length;
}

/** @returns {boolean} whether the figures of the entry agree with each other and with those of the answer */
function agreesOnTokens({ entry, usage, events, terminal, res }) {
  if (usage === undefined) return true;
  if (!splitAddsUp(usage) || !totalAddsUp(usage)) return false;
  if (entry.provider === 'anthropic') return isAsAnswered(usage, answeredUsage(events, res));
  return isAsToldByResponses(usage, envelopeOf(terminal, res)?.usage ?? {});
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
