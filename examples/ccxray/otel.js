'use strict';

/**
 * ccxray's side of `@ccxray/otel-native`: metrics about finished turns, for users who chose to send them.
 * Copy this file to `server/otel.js`. The README beside it lists the lines to add elsewhere.
 *
 * The one rule: nothing here slows, breaks or hangs the proxy. Only `init` prints. `init`, `record`, `status` and
 * `shutdown` never throw; `status().host` counts what failed.
 */

const os = require('node:os');

const ADDON = '@ccxray/otel-native';
/** How much of ccxray's own 5 s for a graceful exit metrics may take. Milliseconds. */
const SHUTDOWN_MS = 2000;
/** The addon gets this much less time, so that the timer in this file is only a fallback. Milliseconds. */
const MARGIN_MS = 100;
/** Longest piece of one text in an excerpt, in characters. Apart from marks, metrics read only the beginning. */
const TEXT_LIMIT = 2048;
/** Most texts of one message in an excerpt. With it an excerpt stays below 48,000 characters. */
const TEXT_COUNT = 16;
/** Most messages of the client behind the user's newest message. */
const ADDED_COUNT = 16;
/** Longest line with a mark, and the most such lines of one text. */
const LINE_LIMIT = 200;
const LINE_COUNT = 8;
/** Longest identifier, such as the beginning of an encrypted summary. */
const WORD_LIMIT = 64;
const VERSION = 'cc_version=';
const VERSION_LIMIT = 256;
const REMINDER = '<system-reminder>';
const REMINDER_END = '</system-reminder>';
/** How a line begins that turns plan mode on or off. */
const PLAN_MARKS = [
  'Plan mode is ',
  'Plan mode still ',
  '## Exited Plan Mode',
  '## Re-entering Plan Mode',
  '## Returning to Plan Mode',
  'You have exited plan mode.',
  'User has approved your plan.',
];
/** What each of those marks contains. They begin with a capital letter, which makes the search fast. */
const PLAN_WORDS = ['Plan mode ', 'Plan Mode', 'You have exited plan mode.', 'User has approved your plan.'];
/** How far behind the beginning of its line such a word may be. */
const INDENT_LIMIT = 64;
/** How a conversation begins that continues from a summary. */
const SUMMARIES = [
  'This session is being continued from a previous conversation',
  'Another language model started to solve this problem and produced a summary',
];
/** The code of a space, the largest of what a text may begin with and be trimmed. */
const SPACE = 32;
const PERMISSIONS = '<permissions instructions>';
/** What names the policy in Codex's permissions. */
const POLICY_WORDS = ['`sandbox_mode` is `', 'Approval policy is ', '`approval_policy` is `', '`approvals_reviewer` is `', '# Escalation Requests'];
/** Longest permissions that are searched, and how much of their beginning is kept. */
const PERMISSIONS_LIMIT = 16_384;
const RULES_LIMIT = 1024;
const COLLABORATION = '<collaboration_mode>';
/** Types of the input items that show a compaction. */
const COMPACTION_TRIGGER = 'compaction_trigger';
const COMPACTIONS = new Set([COMPACTION_TRIGGER, 'compaction', 'compaction_summary', 'context_compaction']);
/** Where Codex says what kind of request it makes. */
const METADATA = 'x-codex-turn-metadata';
const METADATA_LIMIT = 16_384;
/** The headers in which a client says who it is. */
const REQUEST_HEADERS = [
  'x-claude-code-agent-id',
  'x-claude-code-session-id',
  METADATA,
  'x-openai-subagent',
  'session-id',
  'thread-id',
];

const NONE = [];

let addon = null;
let recording = false;
let stopping = null;
/** Deadline of the running shutdown: `null` before a shutdown, 0 after it. Unix milliseconds. */
let deadline = null;
const host = { recorded: 0, refused: 0, merged: 0, errors: 0, lastError: undefined };

/**
 * Loads the addon and starts it. Never throws. If the addon is missing or broken, or the config is wrong, metrics
 * are off and one line on stderr says why. While metrics are on, each warning of the addon is one line on stderr.
 *
 * @param {object} [options]
 * @param {boolean} [options.hub] This process serves several projects, and every turn names its own project. The
 *   hub then starts with the user's own settings in the home directory, not with those of the project that started
 *   it. So a turn without a project is never sent to the endpoint of a project.
 * @param {string} [options.cwd] Project directory. Default: the working directory, with `hub` the home directory.
 * @param {string} [options.hostVersion] ccxray's version.
 * @param {string} [options.addon] What to `require`. Only for tests, which run the addon from its repository.
 * @returns {object} what `status()` returns
 */
function init({ hub = false, cwd = hub ? os.homedir() : process.cwd(), hostVersion, addon: name = ADDON } = {}) {
  stopping = null;
  deadline = null;
  addon = load(name);
  if (!addon) return status();
  try {
    // The addon itself prints one line: what is sent where, or why nothing is sent.
    const { tier, state, warnings = [] } = addon.init({ cwd, hostVersion });
    // Without a hub there is one project, and its config is read once. So at tier 0 a turn costs nothing.
    recording = hub || tier > 0;
    // While metrics are off, warnings about settings have no use.
    const heard = state === 'disabled' ? [] : warnings;
    for (const warning of heard) say(warning);
    if (!process.listeners('exit').includes(stopAtExit)) process.on('exit', stopAtExit);
  } catch (err) {
    off(messageOf(err));
  }
  return status();
}

/**
 * Hands over one finished turn. Call it once per turn, after the index line was built and while `entry.req` still
 * exists. It copies everything before it returns. Never throws.
 *
 * @param {string} line The index line.
 * @param {object} turn
 * @param {boolean} [turn.merged] This is the second copy of a response: not recorded.
 * @param {object|null} [turn.request] `entry.req`. Only an excerpt of it is handed over, see `excerpt`.
 * @param {string} [turn.response] The text written to `_res.json`.
 * @param {object} [turn.headers] Headers of the upstream's response. Only the rate-limit headers are read.
 * @param {object} [turn.requestHeaders] Headers of the client's request. Only six of them are handed over.
 * @param {string|null} [turn.cwd] The client's project directory, if the hub knows it.
 * @returns {boolean} `true` if the addon accepted the turn
 */
function record(line, turn) {
  if (!recording) return false;
  try {
    const { merged, request, response, headers, requestHeaders, cwd } = turn;
    if (merged) {
      host.merged += 1;
      return false;
    }
    const parts = {
      request: excerpt(request),
      response,
      headers,
      requestHeaders: chosen(requestHeaders),
      cwd: cwd ?? undefined,
    };
    const taken = addon.record(line, parts);
    if (taken) host.recorded += 1;
    else host.refused += 1;
    return taken;
  } catch (err) {
    note(err);
    return false;
  }
}

/**
 * The addon's status. Under `host` it has the counts of this file: turns `recorded`, `refused` by the addon, and
 * skipped as `merged`; `errors` caught here, and the `lastError`. Never throws.
 *
 * @param {string} [cwd] In a hub: the directory of the project.
 */
function status(cwd) {
  try {
    if (addon) return { ...addon.status(cwd), host: { ...host } };
  } catch (err) {
    note(err);
  }
  return { state: 'disabled', reason: host.lastError, tier: 0, host: { ...host } };
}

/** Sends what is left and stops the addon. Resolves within 2 s, whatever the collector does, and never rejects. */
function shutdown() {
  stopping ??= stop();
  return stopping;
}

module.exports = { init, record, status, shutdown, excerpt };

/**
 * The part of a request that metrics need, as JSON text of the same shape. It contains:
 *
 * - the texts that the user sent with this turn; of a reminder that the client added, only the lines about plan mode;
 * - the beginning of a summary that the conversation continues from;
 * - the permissions and the collaboration mode that Codex was given, and what it says about its request;
 * - the line in which Claude Code states its version and whether a sub-agent makes the request.
 *
 * It shows that there were tool results, but not their content. It contains no images, no history and nothing else of
 * the system prompt.
 *
 * Cost: reads the first and the newest messages; for the Responses wire also the role of each input item and the texts
 * of the developer's and the user's. README.md has the measured numbers.
 *
 * @param {object|null} request `entry.req`
 * @returns {string|undefined} `undefined` if metrics need nothing of it
 */
function excerpt(request) {
  if (!request) return undefined;
  const { messages, input, system, capture, max_tokens: limit, client_metadata: metadata } = request;
  let part;
  // A request for one token is a probe of the quota, not a turn.
  if (limit === 1) part = { max_tokens: limit };
  else if (Array.isArray(messages)) part = withVersion(newMessages(messages), system);
  else if (Array.isArray(input)) part = withMetadata(newInput(input), metadata);
  // Only this field shows that a WebSocket connection never carried a turn; the index line does not.
  else if (capture) part = { capture };
  return part && JSON.stringify(part);
}

/** The first message's summary, the newest message, and what the client added behind it. */
function newMessages(messages) {
  let at = messages.length - 1;
  const added = [];
  for (; at >= 0 && messages[at]?.role === 'system'; at -= 1) {
    if (messages.length - at <= ADDED_COUNT) added.unshift(...addedMessage(messages[at]));
  }
  const first = at > 0 ? summaryMessage(messages[0]) : [];
  const newest = at >= 0 ? newestMessage(messages[at], first.length > 0) : [];
  const found = [...first, ...newest, ...added];
  return found.length > 0 ? { messages: found } : undefined;
}

/** A message of the client, if it turns plan mode on or off. */
function addedMessage({ content }) {
  const blocks = textBlocks(content, marksOf);
  return blocks.length > 0 ? [{ role: 'system', content: blocks }] : [];
}

function marksOf(text) {
  const lines = planLines(text, 0);
  return lines.length > 0 ? lines.join('\n') : undefined;
}

/** A message of the user, if it has the summary that the conversation continues from. */
function summaryMessage(message) {
  if (message?.role !== 'user') return [];
  const content = textBlocks(message.content, summaryOf);
  return content.length > 0 ? [{ role: 'user', content }] : [];
}

/** The beginning of a text, if it is a summary. */
function summaryOf(text) {
  const first = text.charCodeAt(0);
  // Most texts begin in another way.
  if (first > SPACE && !SUMMARIES.some((start) => start.charCodeAt(0) === first)) return undefined;
  const head = text.slice(0, TEXT_LIMIT);
  const start = head.length - head.trimStart().length;
  return SUMMARIES.some((known) => head.startsWith(known, start)) ? text.slice(start, start + TEXT_LIMIT) : undefined;
}

/** The newest message. With `isNeeded` it keeps its place even if there is nothing in it. */
function newestMessage(message, isNeeded) {
  const { role, content } = message ?? {};
  if (role !== 'user') return isNeeded ? [{ role: String(role), content: '' }] : [];
  const blocks = textBlocks(content, newText);
  if (blocks.length === 0 && !isNeeded) return [];
  // A message with tool results is not only the user's own text.
  const isAnswer = Array.isArray(content) && content.some((block) => block?.type === 'tool_result');
  return [{ role, content: isAnswer ? [{ type: 'tool_result' }, ...blocks] : blocks }];
}

/** A text of the user, cut; of a reminder only the lines that turn plan mode on or off. */
function newText(text) {
  if (text.startsWith(REMINDER) && text.trimEnd().endsWith(REMINDER_END)) {
    return [REMINDER, ...planLines(text, 0), REMINDER_END].join('\n');
  }
  if (text.length <= TEXT_LIMIT) return text;
  return summaryOf(text) ?? [text.slice(0, TEXT_LIMIT), ...planLines(text, TEXT_LIMIT - LINE_LIMIT)].join('\n');
}

/** The last lines of a text that turn plan mode on or off, after the position `from`, in their order. */
function planLines(text, from) {
  const starts = PLAN_WORDS.flatMap((mark) => markedStarts(text, mark, from));
  if (starts.length === 0) return NONE;
  const lines = [];
  // Each mark was searched alone, so their lines are put into the order of the text.
  for (const start of starts) lines.splice(lines.findLastIndex((line) => line < start) + 1, 0, start);
  return lines.slice(-LINE_COUNT).map((start) => lineAt(text, start));
}

function markedStarts(text, mark, from) {
  const starts = [];
  for (let at = text.indexOf(mark, from); at >= 0; at = text.indexOf(mark, at + mark.length)) {
    const start = lineStart(text, at);
    if (start >= 0 && isPlanMark(text.slice(start, start + LINE_LIMIT))) starts.push(start);
    if (starts.length > LINE_COUNT) starts.shift();
  }
  return starts;
}

/** Where the line begins that contains the position `at`; -1 if that is too far before it. */
function lineStart(text, at) {
  for (let i = at - 1; i >= at - INDENT_LIMIT; i -= 1) {
    if (i < 0 || text[i] === '\n') return i + 1;
  }
  return -1;
}

function lineAt(text, start) {
  return text.slice(start, start + LINE_LIMIT).split('\n', 1)[0];
}

function isPlanMark(line) {
  const start = line.trimStart();
  const mark = start.startsWith(REMINDER) ? start.slice(REMINDER.length).trimStart() : start;
  return PLAN_MARKS.some((known) => mark.startsWith(known));
}

/** Claude Code states its version at the beginning of its system prompt. */
function withVersion(part, system) {
  const text = Array.isArray(system) ? system[0]?.text : undefined;
  const head = typeof text === 'string' ? text.slice(0, VERSION_LIMIT) : '';
  return head.includes(VERSION) ? { ...part, system: [{ type: 'text', text: head }] } : part;
}

/**
 * Of an input: the newest message of the user, the newest permissions and collaboration mode, the newest summary, and a
 * request for a summary. Reads backwards, because of each kind the newest one counts.
 */
function newInput(input) {
  const found = [];
  const seen = { permissions: false, mode: false, summary: false, user: false };
  let newest;
  for (let i = input.length - 1; i >= 0; i -= 1) {
    const item = input[i];
    const role = item?.role;
    if (role === 'developer') {
      if (!seen.permissions || !seen.mode) keep(found, developerItem(item.content, seen));
    } else if (newest === undefined) {
      if (role !== 'system') {
        newest = item ?? {};
        keep(found, newestItem(newest, seen));
      }
    } else if (role === 'user' || COMPACTIONS.has(item?.type)) {
      keep(found, olderItem(item, seen));
    }
  }
  // An older message of the user must not take the place of the newest item.
  const isLast = newest === undefined || (newest.role === 'user' && newestMessage(newest, false).length > 0);
  if (!isLast && found.some(({ role }) => role === 'user')) found.push({ type: newest.type, role: newest.role });
  return found.length > 0 ? { input: found } : undefined;
}

function keep(found, item) {
  if (item) found.unshift(item);
}

/** The newest permissions and the newest collaboration mode in a message of the developer, if they were not seen yet. */
function developerItem(content, seen) {
  let rules;
  let mode;
  textBlocks(content, (text, type) => {
    const found = seen.permissions || rules ? undefined : permissionsOf(text);
    if (found !== undefined) rules = { type, text: found };
    const start = seen.mode || mode ? undefined : modeOf(text);
    if (start !== undefined) mode = { type, text: start };
  });
  seen.permissions ||= rules !== undefined;
  seen.mode ||= mode !== undefined;
  const kept = [rules, mode].filter(Boolean);
  return kept.length > 0 ? { type: 'message', role: 'developer', content: kept } : undefined;
}

function permissionsOf(text) {
  const start = text.indexOf(PERMISSIONS);
  if (start < 0) return undefined;
  const rules = text.slice(start, start + PERMISSIONS_LIMIT);
  if (rules.length <= RULES_LIMIT) return rules;
  let kept = rules.slice(0, RULES_LIMIT);
  for (const mark of POLICY_WORDS) {
    const at = rules.indexOf(mark, RULES_LIMIT);
    if (at >= 0) kept += `\n${lineAt(rules, at)}`;
  }
  return kept;
}

/** The newest collaboration mode of a text that begins a line with it. */
function modeOf(text) {
  let found;
  for (let at = text.indexOf(COLLABORATION); at >= 0; at = text.indexOf(COLLABORATION, at + 1)) {
    const start = lineStart(text, at);
    if (start >= 0 && text.slice(start, at).trim() === '') found = at;
  }
  return found === undefined ? undefined : text.slice(found, found + LINE_LIMIT);
}

function newestItem(item, seen) {
  if (item.role !== 'user') return COMPACTIONS.has(item.type) ? olderItem(item, seen) : undefined;
  seen.user = true;
  seen.summary = summaryMessage(item).length > 0;
  return asItem(newestMessage(item, false));
}

function olderItem(item, seen) {
  const { type, role } = item;
  if (role === 'user') {
    seen.user = true;
    const kept = seen.summary ? NONE : summaryMessage(item);
    seen.summary ||= kept.length > 0;
    return asItem(kept);
  }
  // What follows the request for a summary belongs to the next turn.
  if (type === COMPACTION_TRIGGER) return seen.user || seen.summary ? undefined : { type };
  if (seen.summary) return undefined;
  seen.summary = true;
  return { type, id: word(item.id), encrypted_content: word(item.encrypted_content) };
}

function asItem([message]) {
  return message && { type: 'message', ...message };
}

/** Adds what Codex says about its request. */
function withMetadata(part, client) {
  const turn = metadataOf(client?.[METADATA]);
  if (!turn) return part;
  const { request_kind: kind, thread_source: source, subagent_kind: subagent, window_number: window, compaction } = turn;
  const kept = {
    request_kind: word(kind),
    thread_source: word(source),
    subagent_kind: word(subagent),
    window_number: typeof window === 'number' ? window : undefined,
    compaction: compaction ? { trigger: word(compaction.trigger) } : undefined,
  };
  return { ...part, client_metadata: { [METADATA]: JSON.stringify(kept) } };
}

/** The metadata, which is a string that contains JSON; `undefined` if it is not readable. */
function metadataOf(given) {
  if (typeof given !== 'string') return typeof given === 'object' ? given : undefined;
  if (given.length > METADATA_LIMIT) return undefined;
  try {
    const parsed = JSON.parse(given);
    return typeof parsed === 'object' ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** The headers of a request in which the client says who it is. */
function chosen(headers) {
  if (!headers) return undefined;
  const found = {};
  for (const name of REQUEST_HEADERS) {
    if (headers[name] !== undefined) found[name] = headers[name];
  }
  return found;
}

function word(value) {
  return typeof value === 'string' ? value.slice(0, WORD_LIMIT) : undefined;
}

/** The newest texts of a message, each as `read(text, type)` returns it; without those of which it returns nothing. */
function textBlocks(content, read) {
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  const found = [];
  if (!Array.isArray(blocks)) return found;
  let count = 0;
  for (let i = blocks.length - 1; i >= 0 && count < TEXT_COUNT; i -= 1) {
    const block = blocks[i];
    if (typeof block?.text === 'string') {
      count += 1;
      const text = read(block.text, block.type);
      if (text !== undefined) found.unshift({ type: block.type, text });
    }
  }
  return found;
}

function load(name) {
  try {
    return require(name);
  } catch (err) {
    const missing = err?.code === 'MODULE_NOT_FOUND' && messageOf(err).includes(`'${name}'`);
    off(missing ? `${name} is not installed` : `${name} cannot be loaded: ${messageOf(err)}`);
    return null;
  }
}

async function stop() {
  if (!addon) return;
  deadline = Date.now() + SHUTDOWN_MS;
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, SHUTDOWN_MS);
  });
  try {
    await Promise.race([addon.shutdown(SHUTDOWN_MS - MARGIN_MS), late]);
  } catch (err) {
    note(err);
  } finally {
    clearTimeout(timer);
    deadline = 0;
  }
}

/** For an exit that did not call `shutdown`, or did not wait for it. */
function stopAtExit() {
  const left = deadline === null ? SHUTDOWN_MS : deadline - Date.now();
  if (!addon || left <= 0) return;
  try {
    addon.shutdownSync(left);
  } catch (err) {
    note(err);
  }
}

function off(reason) {
  addon = null;
  recording = false;
  note(reason);
  say(`off: ${reason}`);
}

function note(err) {
  host.errors += 1;
  host.lastError = messageOf(err);
}

function messageOf(err) {
  return String(err?.message ?? err);
}

/** Uses `console.error`, because a plain write to a closed stderr terminates the process. */
function say(text) {
  // oxlint-disable-next-line no-console
  console.error(`ccxray metrics: ${text.replace(/\s+/g, ' ').trim()}`);
}
