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
/** Longest piece of one text in an excerpt, in characters. Metrics read only the beginning of a text. */
const TEXT_LIMIT = 2048;
/** Most texts of one message in an excerpt. With it an excerpt stays below 43,000 characters. */
const TEXT_COUNT = 16;
const PERMISSIONS = '<permissions instructions>';
/** Most user messages of one turn: a summary to continue from, the context, and the typed text. */
const USER_COUNT = 4;
const VERSION = 'cc_version=';
const VERSION_LIMIT = 256;

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
 * @param {string|null} [turn.cwd] The client's project directory, if the hub knows it.
 * @returns {boolean} `true` if the addon accepted the turn
 */
function record(line, turn) {
  if (!recording) return false;
  try {
    const { merged, request, response, headers, cwd } = turn;
    if (merged) {
      host.merged += 1;
      return false;
    }
    const parts = { request: excerpt(request), response, headers, cwd: cwd ?? undefined };
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
 * The part of a request that metrics need, as JSON text of the same shape. It contains the texts that the user sent
 * with this turn, the permissions that Codex was given, and the line in which Claude Code states its version. It shows
 * that there were tool results, but not their content. It contains no images, no history and nothing else of the
 * system prompt.
 *
 * Cost: reads the newest message; for the Responses wire also the role of each input item. Copies at most 16 texts
 * of 2 KB per message. README.md has the measured numbers.
 *
 * @param {object|null} request `entry.req`
 * @returns {string|undefined} `undefined` if metrics need nothing of it
 */
function excerpt(request) {
  if (!request) return undefined;
  const { messages, input, system, capture, max_tokens: limit } = request;
  let part;
  // A request for one token is a probe of the quota, not a turn.
  if (limit === 1) part = { max_tokens: limit };
  else if (Array.isArray(messages)) part = withVersion(newestMessage(messages), system);
  else if (Array.isArray(input)) part = newestInput(input);
  // Only this field shows that a WebSocket connection never carried a turn; the index line does not.
  else if (capture) part = { capture };
  return part && JSON.stringify(part);
}

function newestMessage(messages) {
  const newest = messages[messages.length - 1];
  if (newest?.role !== 'user') return undefined;
  const content = texts(newest.content);
  if (content.length === 0) return undefined;
  // A message with tool results is not only the user's own text.
  const isAnswer = Array.isArray(newest.content) && newest.content.some((block) => block?.type === 'tool_result');
  return { messages: [{ role: 'user', content: isAnswer ? [{ type: 'tool_result' }, ...content] : content }] };
}

/** Claude Code states its version at the beginning of its system prompt. */
function withVersion(part, system) {
  const text = Array.isArray(system) ? system[0]?.text : undefined;
  const head = typeof text === 'string' ? text.slice(0, VERSION_LIMIT) : '';
  return head.includes(VERSION) ? { ...part, system: [{ type: 'text', text: head }] } : part;
}

/** Reads backwards: only the messages after the model's last output belong to this turn. */
function newestInput(input) {
  const found = [];
  let isNew = true;
  let permissions = false;
  let users = 0;
  for (let i = input.length - 1; i >= 0 && (isNew || !permissions); i -= 1) {
    const { role, content } = input[i] ?? {};
    if (role === 'developer') {
      // The newest permissions count.
      const rules = permissions ? [] : texts(content, PERMISSIONS).slice(-1);
      permissions ||= rules.length > 0;
      if (rules.length > 0) found.unshift({ type: 'message', role, content: rules });
    } else if (role === 'user' && isNew) {
      // Of older messages metrics need only the first text.
      found.unshift({ type: 'message', role, content: users === 0 ? texts(content) : texts(content).slice(0, 1) });
      users += 1;
      isNew = users < USER_COUNT;
    } else if (role !== 'system') {
      isNew = false;
    }
  }
  return found.length > 0 ? { input: found } : undefined;
}

/** The newest texts of a message, each cut. With `mark`: only texts that contain it, from the mark on. */
function texts(content, mark = '') {
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);
  const found = [];
  for (let i = blocks.length - 1; i >= 0 && found.length < TEXT_COUNT; i -= 1) {
    const { type, text } = blocks[i] ?? {};
    const start = typeof text === 'string' ? text.indexOf(mark) : -1;
    if (start >= 0) found.unshift({ type, text: text.slice(start, start + TEXT_LIMIT) });
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
