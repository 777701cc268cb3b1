'use strict';

/**
 * ccxray's side of `@ccxray/otel-native`: metrics about finished turns, for engineers who chose to send them.
 * This file is meant to be `server/otel.js`; the README beside it lists the lines to add elsewhere.
 *
 * The one rule: nothing here may slow, break or hang the proxy. Only `init` prints. After it nothing throws;
 * what went wrong is counted in `status().host`.
 */

const os = require('node:os');

const ADDON = '@ccxray/otel-native';
/** Metrics get at most this part of the host's own 5 s for a graceful exit. Milliseconds. */
const SHUTDOWN_MS = 2000;
/** The addon is asked to be done this much earlier, so that our own timer is only the last resort. Milliseconds. */
const MARGIN_MS = 100;
/** Longest piece of one text in an excerpt. The marks that metrics look for stand at a text's beginning. */
const TEXT_LIMIT = 2048;
/** Most texts of one message in an excerpt, so that an excerpt stays below 43,000 characters. */
const TEXT_COUNT = 16;
const PERMISSIONS = '<permissions instructions>';
/** Messages of the user that came with one turn: a summary to go on from, what is around, and what was typed. */
const USER_COUNT = 4;
const VERSION = 'cc_version=';
const VERSION_LIMIT = 256;

let addon = null;
let recording = false;
let stopping = null;
/** When a running shutdown must be over: `null` before one, 0 after one. Unix milliseconds. */
let deadline = null;
const host = { recorded: 0, refused: 0, merged: 0, errors: 0, lastError: undefined };

/**
 * Loads the addon and starts it. Never throws: an addon that is missing or broken and a config that is wrong both
 * mean that metrics are off, and cost one line on stderr. So does, while metrics are on, what the addon warns of.
 *
 * @param {object} [options]
 * @param {boolean} [options.hub] This process serves several projects, and every turn names its own. The hub
 *   then starts with the engineer's own settings in the home directory, not with those of the project that
 *   happened to start it, so that a turn without a project can never go to a stranger's endpoint.
 * @param {string} [options.cwd] Project directory. Default: the working directory, with `hub` the home directory.
 * @param {string} [options.hostVersion] ccxray's version.
 * @param {string} [options.addon] What to `require`. Only for tests, which run the addon out of its repository.
 * @returns {object} what `status()` returns
 */
function init({ hub = false, cwd = hub ? os.homedir() : process.cwd(), hostVersion, addon: name = ADDON } = {}) {
  stopping = null;
  deadline = null;
  addon = load(name);
  if (!addon) return status();
  try {
    // The addon itself says in one line what is sent where, or why nothing is that was asked for.
    const { tier, state, warnings = [] } = addon.init({ cwd, hostVersion });
    // Without a hub there is one project, and what it said at the start holds: then a turn costs nothing at tier 0.
    recording = hub || tier > 0;
    // What could be better about settings that are not in force is nobody's concern.
    const heard = state === 'disabled' ? [] : warnings;
    for (const warning of heard) say(warning);
    if (!process.listeners('exit').includes(stopAtExit)) process.on('exit', stopAtExit);
  } catch (err) {
    off(messageOf(err));
  }
  return status();
}

/**
 * Hands over one finished turn. To be called once per turn, right after its index line was built and while
 * `entry.req` is still there. Everything is copied before it returns. Never throws.
 *
 * @param {string} line The index line.
 * @param {object} turn
 * @param {boolean} [turn.merged] The response was seen before, and this is its second copy: not recorded.
 * @param {object|null} [turn.request] `entry.req`; an excerpt is made of it, see `excerpt`.
 * @param {string} [turn.response] The text written to `_res.json`.
 * @param {object} [turn.headers] Headers of the upstream's response; only the rate-limit family is read.
 * @param {string|null} [turn.cwd] The client's project directory, when the hub knows it.
 * @returns {boolean} `true` if it was taken
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
 * What the addon says of itself, and under `host` what this file saw: turns `recorded`, `refused` by the addon,
 * left out as `merged`; `errors` caught here and the `lastError`. Never throws.
 *
 * @param {string} [cwd] The project that is meant, in a hub.
 */
function status(cwd) {
  try {
    if (addon) return { ...addon.status(cwd), host: { ...host } };
  } catch (err) {
    note(err);
  }
  return { state: 'disabled', reason: host.lastError, tier: 0, host: { ...host } };
}

/** Sends what is left and stops the addon. Resolves within 2 s whatever the collector does, and never rejects. */
function shutdown() {
  stopping ??= stop();
  return stopping;
}

module.exports = { init, record, status, shutdown, excerpt };

/**
 * The part of a request that a metric reads, as JSON text shaped like the request itself: the texts that the user
 * sent with this turn, what Codex was told about permissions, and the line in which Claude Code states its version. That
 * there were tool results, but nothing of them; no images, no history, nothing else of the system prompt.
 *
 * Cost: looks at the newest message, and for the Responses wire at the role of each input item; copies at most
 * 16 texts of 2 KB of a message. README.md has the measured numbers.
 *
 * @param {object|null} request `entry.req`
 * @returns {string|undefined} `undefined` when nothing in it matters
 */
function excerpt(request) {
  if (!request) return undefined;
  const { messages, input, system, capture, max_tokens: limit } = request;
  let part;
  // A request for one token is a probe of the quota and no turn.
  if (limit === 1) part = { max_tokens: limit };
  else if (Array.isArray(messages)) part = withVersion(newestMessage(messages), system);
  else if (Array.isArray(input)) part = newestInput(input);
  // A WebSocket connection that never carried a turn says so here and nowhere in its index line.
  else if (capture) part = { capture };
  return part && JSON.stringify(part);
}

function newestMessage(messages) {
  const newest = messages[messages.length - 1];
  if (newest?.role !== 'user') return undefined;
  const content = texts(newest.content);
  if (content.length === 0) return undefined;
  // With results the message is not only the user's own.
  const isAnswer = Array.isArray(newest.content) && newest.content.some((block) => block?.type === 'tool_result');
  return { messages: [{ role: 'user', content: isAnswer ? [{ type: 'tool_result' }, ...content] : content }] };
}

/** Claude Code states its version at the head of its system prompt. */
function withVersion(part, system) {
  const text = Array.isArray(system) ? system[0]?.text : undefined;
  const head = typeof text === 'string' ? text.slice(0, VERSION_LIMIT) : '';
  return head.includes(VERSION) ? { ...part, system: [{ type: 'text', text: head }] } : part;
}

/** Walks back from the end; only messages behind the model's last output came with this turn. */
function newestInput(input) {
  const found = [];
  let isNew = true;
  let permissions = false;
  let users = 0;
  for (let i = input.length - 1; i >= 0 && (isNew || !permissions); i -= 1) {
    const { role, content } = input[i] ?? {};
    if (role === 'developer') {
      // The last word counts.
      const rules = permissions ? [] : texts(content, PERMISSIONS).slice(-1);
      permissions ||= rules.length > 0;
      if (rules.length > 0) found.unshift({ type: 'message', role, content: rules });
    } else if (role === 'user' && isNew) {
      // Of those before the newest one only how they begin is of interest.
      found.unshift({ type: 'message', role, content: users === 0 ? texts(content) : texts(content).slice(0, 1) });
      users += 1;
      isNew = users < USER_COUNT;
    } else if (role !== 'system') {
      isNew = false;
    }
  }
  return found.length > 0 ? { input: found } : undefined;
}

/** The newest texts of a message, each cut. With `mark`, only those that hold it, from there on. */
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

/** For an exit that did not come through `shutdown`, or did not wait for it. */
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

/** `console.error`, because a plain write to a stderr that was closed would end the process. */
function say(text) {
  // oxlint-disable-next-line no-console
  console.error(`ccxray metrics: ${text.replace(/\s+/g, ' ').trim()}`);
}
