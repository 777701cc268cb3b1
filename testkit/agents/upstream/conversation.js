'use strict';

/*
 * What a request is about, read from the request alone. A prompt contains a cue, such as `CUE_parallel`: the newest one decides
 * which part of the script answers. The round is how often the client has sent results of tool calls since that cue.
 */

const CUE = /CUE_([a-z0-9]+)/g;
/** How a request for a summary of the conversation is recognised. */
const SUMMARY = /create a detailed summary of|summary of the (?:recent portion|conversation)|CONTEXT CHECKPOINT COMPACTION/i;
/** What the id of a call begins with: the number of the answer that it is in. */
const ANSWER = /^call_scripted(\d+)_/;
const METADATA = 'x-codex-turn-metadata';
/** What a client writes around texts that the user has not typed. */
const NOT_TYPED = /^<(?:system-reminder|task-notification|local-command-stdout)>/;

/**
 * @typedef {object} Subject
 * @property {'turn'|'title'|'summary'|'compact'|'guardian'|'warm-up'|'probe'} kind `compact`: the upstream compacts
 * @property {string} [cue] of a turn
 * @property {number} [round] of a turn, from 0
 */

/**
 * Reads a request of the Messages API.
 * @param {object} body
 * @returns {Subject}
 */
function subjectOfMessages(body) {
  const { messages = [], tools = [], max_tokens: limit, output_config: output } = body;
  if (limit === 1) return { kind: 'probe' };
  if (isTitle(body, output, tools)) return { kind: 'title' };
  const newest = messages.findLast(({ role }) => role === 'user');
  if (SUMMARY.test(textsOf(newest?.content).at(-1) ?? '')) return { kind: 'summary' };
  let at = {};
  for (const { role, content } of messages) {
    if (role === 'user') at = follow(at, textsOf(content).filter((text) => !NOT_TYPED.test(text)), hasResult(content));
  }
  return { kind: 'turn', ...at };
}

/**
 * Reads a request of the Responses API.
 * @param {object} body with the whole history as its input
 * @param {Record<string, string>} [headers]
 * @returns {Subject}
 */
function subjectOfResponses(body, headers = {}) {
  const { input = [], generate } = body;
  if (generate === false) return { kind: 'warm-up' };
  const said = metadataOf(body, headers);
  if (said.thread_source === 'thread_title' || isTitleFormat(body)) return { kind: 'title' };
  if (said.thread_source === 'guardian_review' || said.subagent_kind === 'guardian') return { kind: 'guardian' };
  if (input.at(-1)?.type === 'compaction_trigger') return { kind: 'compact' };
  if (said.request_kind === 'compaction' || SUMMARY.test(textsOf(input.at(-1)?.content).at(-1) ?? '')) return { kind: 'summary' };
  let at = {};
  let answered = new Set();
  for (const item of input) {
    if (item.role === 'user' || item.type?.endsWith('agent_message')) {
      const next = follow(at, item.role === 'user' ? textsOf(item.content) : [JSON.stringify(item)], false);
      if (next !== at) answered = new Set();
      at = next;
    }
    // Results of one answer are one round, in whatever order they stand.
    const [, answer] = item.type?.endsWith('_output') ? (ANSWER.exec(item.call_id) ?? []) : [];
    if (answer === undefined || answered.has(answer)) continue;
    answered.add(answer);
    at = follow(at, [], true);
  }
  return { kind: 'turn', ...at };
}

/** What Codex says about its request: in the body, or in a header. */
function metadataOf({ client_metadata: own }, headers) {
  const given = own?.[METADATA] ?? headers[METADATA];
  try {
    return (typeof given === 'string' ? JSON.parse(given) : given) ?? {};
  } catch {
    // Not written by Codex as it is known.
    return {};
  }
}

module.exports = { subjectOfMessages, subjectOfResponses, metadataOf };

/** A small answer in a given format and without tools is a title. */
function isTitle({ system }, output, tools) {
  if (tools.length > 0) return false;
  return output?.format !== undefined || textsOf(system).some((text) => /^(?:Generate a concise|Summarize this coding conversation|Analyze if this message)/.test(text));
}

function isTitleFormat({ text, tools = [] }) {
  return tools.length === 0 && /title/i.test(text?.format?.name ?? '');
}

function follow(at, texts, isResult) {
  const cue = texts.flatMap((text) => Array.from(text.matchAll(CUE), ([, name]) => name)).at(-1);
  if (cue !== undefined) return { cue, round: 0 };
  return isResult && at.cue !== undefined ? { ...at, round: at.round + 1 } : at;
}

function hasResult(content) {
  return Array.isArray(content) && content.some(({ type }) => type === 'tool_result');
}

function textsOf(content) {
  if (typeof content === 'string') return [content];
  return Array.isArray(content) ? content.flatMap(({ text }) => (typeof text === 'string' ? [text] : [])) : [];
}
