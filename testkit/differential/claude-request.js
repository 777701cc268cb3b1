'use strict';

const { compactCommand, marked, reminders, resultsMessage, typedTexts, userMessage } = require('./messages');
const { TEXTS } = require('./lexicon');

/**
 * The body of a request on the Anthropic wire, with as much history as the metrics need.
 * @param {import('../traffic/random').Random} random
 * @param {object} turn
 * @param {{name: string, isManual: boolean}} turn.step see compaction-steps.js
 * @param {string|undefined} turn.summary the text from which the conversation continues
 * @param {number} turn.msgCount
 * @param {string} [turn.prompt] the main block of the system prompt
 * @param {string} turn.billing the first block of the system prompt
 * @param {boolean} turn.hasNotes whether the client writes reminders as messages of role `system`
 * @returns {object}
 */
function claudeRequest(random, { step, summary, msgCount, prompt, billing, hasNotes }) {
  const messages = [firstMessage(random, summary)];
  const answer = { role: 'assistant', content: [{ type: 'text', text: random.pick(TEXTS) }] };
  if (msgCount > 1) messages.push(answer, newestMessage(random, step));
  else if (step.isManual) messages[0] = userMessage(random, [summary ?? 'hello', compactCommand(random)]);
  if (hasNotes && random.chance(0.5)) messages.push({ role: 'system', content: reminders(random) });
  // A request may prefill the beginning of the response.
  if (random.chance(0.003)) messages.push({ role: 'assistant', content: 'Sure:' });
  const system = [
    { type: 'text', text: billing },
    { type: 'text', text: "You are Claude Code, Anthropic's official CLI for Claude." },
    { type: 'text', text: prompt ?? 'You are an interactive agent that helps users.' },
  ];
  return { model: 'claude-opus-5', max_tokens: 32_000, stream: true, system: random.chance(0.05) ? system[0].text : system, messages };
}

/** @returns {object} the request of a host that keeps the newest messages and the line of the version, and sometimes the first message */
function excerptOf({ messages, system }) {
  const newest = messages.slice(messages.findLastIndex(({ role }) => role !== 'system'));
  const first = messages.length > 3 ? messages.slice(0, 1) : [];
  return { ...(Array.isArray(system) && { system: system.slice(0, 1) }), messages: [...first, ...newest] };
}

function firstMessage(random, summary) {
  return summary === undefined ? userMessage(random, [random.pick(TEXTS)]) : userMessage(random, [summary]);
}

function newestMessage(random, { name, isManual }) {
  const command = isManual ? [compactCommand(random)] : [];
  if (name === 'ask') return userMessage(random, [...command, marked(random, 'request', 'our conversation.')]);
  if (isManual) return userMessage(random, [...command, random.pick(TEXTS)]);
  if (random.chance(0.6)) return resultsMessage(random);
  if (random.chance(0.02)) return userMessage(random, [], [{ type: 'image', source: { type: 'base64', data: '' } }]);
  return userMessage(random, typedTexts(random, 'claude'));
}

module.exports = { claudeRequest, excerptOf };
