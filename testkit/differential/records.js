'use strict';

const { indexLine } = require('../../demo/traffic/index-line');
const { Random } = require('../../demo/traffic/random');
const { ClaudeSession } = require('./claude-session');
const { escaped } = require('./commands');
const { extreme } = require('./extremes');
const { probe } = require('./probes');
const { ResponsesSession } = require('./responses-session');

/** How many sessions run at a time. */
const SESSIONS = 12;
const BEGIN_MS = Date.UTC(2026, 0, 15, 1);

/**
 * Finished entries of all wires with everything that can happen on them, in random order. The same seed gives the same entries. Each
 * has one of the forms in which a host can record it.
 * @param {{seed: number, count: number}} options
 * @returns {{line: string, parts: {response?: string, request?: string, headers?: object, requestHeaders?: object}, session: number}[]} `session` is the
 *   number of the session. Sessions do not influence each other
 */
function recordsOf({ seed, count }) {
  const random = new Random(seed);
  const running = [];
  const records = [];
  for (let begun = 0; records.length < count;) {
    while (running.length < SESSIONS) {
      begun += 1;
      running.push({ number: begun, left: random.int(5, 70), source: sessionOf(random.fork(begun), BEGIN_MS + begun * 100_000) });
    }
    const session = random.pick(running);
    const record = recordOf(random, session.source.next());
    records.push(Object.assign(record, { session: session.number }));
    session.left -= 1;
    if (session.left === 0) running.splice(running.indexOf(session), 1);
  }
  return records;
}

function sessionOf(random, at) {
  const kind = random.weighted(KINDS);
  if (kind === 'claude') return new ClaudeSession(random, at);
  if (kind === 'probe') return { next: () => probe(random, at) };
  return new ResponsesSession(random, at, kind);
}

/** A whole entry, or a line with parts. Sometimes a part is missing or broken. */
function recordOf(random, { entry: real, request, excerpt, response, headers, requestHeaders }) {
  if (random.chance(0.002)) return { line: random.pick(BROKEN_LINES), parts: {} };
  const entry = random.chance(0.02) ? extreme(random, real) : real;
  const res = random.chance(0.02) ? null : response;
  const req = random.chance(0.1) ? null : request;
  const parts = { ...(headers && { headers }), ...(requestHeaders && { requestHeaders }) };
  if (random.chance(0.4)) return { line: json(random, { ...entry, req, res }), parts };
  if (res !== null) parts.response = typeof res === 'string' ? res : json(random, res);
  const kept = req === null || random.chance(0.5) ? req : excerpt;
  if (kept !== null) parts.request = json(random, kept);
  if (parts.response !== undefined && typeof res !== 'string' && random.chance(0.004)) parts.response = cut(random, parts.response);
  if (parts.request !== undefined && random.chance(0.004)) parts.request = random.chance(0.5) ? 'no JSON' : cut(random, parts.request);
  return { line: lineOf(random, entry), parts };
}

function lineOf(random, entry) {
  const line = indexLine(entry);
  return random.chance(0.03) ? escaped(line) : line;
}

function json(random, value) {
  const text = JSON.stringify(value, null, random.weighted([[0, 96], [1, 4]]));
  return random.chance(0.03) ? escaped(text) : text;
}

function cut(random, text) {
  return text.slice(0, random.int(1, text.length - 1));
}

const BROKEN_LINES = ['no JSON', '{"id":"2026-01-15T01-00-00-000","provider":"anthr', '[{"model":"claude-opus-5"}]', 'null', '5', '"text"'];
const KINDS = [['claude', 46], ['codex_ws', 17], ['codex', 17], ['grok', 16], ['probe', 4]];

module.exports = { recordsOf };
