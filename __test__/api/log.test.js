'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const addon = require('../..');
const { run } = require('../../testkit/process/run');
const { linesIn, logsIn, only } = require('../../testkit/log-lines');
const { on } = require('../../testkit/notice');
const { HEADER, secretsIn, withSecrets } = require('../../testkit/secrets');
const { answered, ended, refused, withoutTls } = require('../../testkit/receiver/answers');
const { badCollectors } = require('../../testkit/receiver/bad-collectors');
const { PROJECT_FILE, projects } = require('../../testkit/scratch/projects');
const { turn } = require('../../testkit/entries/turn');
const { eventually } = require('../../testkit/waiting');

const MEBIBYTE = 1 << 20;
const KEYS = ['time', 'pid', 'event', 'endpoint', 'queued', 'backlog', 'suppressed'];
/** The further keys of a line, by its event. */
const MORE = {
  export_failed: ['class', 'error', 'consecutive_failures'],
  transition: ['from', 'to', 'reason'],
  partial_success: ['rejected_points'],
};

/** Windows has neither file modes nor named pipes in a directory. */
const onUnix = process.platform === 'win32' ? test.skip : test;

const { project } = projects();
const collectors = badCollectors();
/** The user's home of one test, and ccxray's directory in it. */
let home;
let directory;

beforeAll(() => addon.shutdown(1));

beforeEach(() => {
  home = project();
  directory = path.join(home, '.ccxray');
});

afterEach(() => addon.shutdown(1));

describe('a failed export is one line with its class, without secrets:', () => {
  const rows = [
    ['refuses', 'no_connection', refused, () => collectors.refused()],
    ['hangs', 'timeout', 'no answer in time', () => collectors.hanging()],
    ['hangs within its answer', 'timeout', 'no answer in time', () => collectors.hangingWithinAnswer()],
    ['closes the connection', 'connection_broken', ended, () => collectors.hangingUp()],
    ['closes the connection within its answer', 'connection_broken', 'the connection broke within the answer', () => hangingUpWithinAnswer()],
    ['has no TLS', 'tls', withoutTls, async () => (await collectors.status(200)).replace('http:', 'https:')],
    ['answers 100 MB', 'answer_too_large', 'the answer is too large', () => collectors.talkative()],
    ...[400, 401, 429, 500, 503].map((code) => [
      `answers ${code} and repeats what it got`, `http_${code}`, answered(code), () => repeating(code),
    ]),
  ];

  test.each(rows)('a collector that %s: %s', async (_, name, message, start) => {
    const endpoint = await start();
    const error = typeof message === 'function' ? message(endpoint) : message;
    const began = Date.now();
    addon.init({ cwd: home, home, env: withSecrets(endpoint) });
    addon.record(turn());
    expect(await addon.flush(400)).toBe(false);
    const [line, ...others] = await eventually(() => only('export_failed', linesIn(directory)), (lines) => lines.length > 0);
    expect(others).toEqual([]);
    expect(line).toMatchObject({ class: name, error, consecutive_failures: 1, pid: process.pid, endpoint: `${endpoint}/v1/metrics`, suppressed: 0 });
    expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Date.parse(line.time)).toBeGreaterThanOrEqual(began);
    expect(Date.parse(line.time)).toBeLessThanOrEqual(Date.now());
    expect(addon.status().exports.lastError).toBe(error);
    await addon.shutdown();
    expectWholeAndQuiet(await written());
  });

  test('a missing certificate: certificates', async () => {
    const otel = { tier: 1, endpoint: 'https://127.0.0.1:9', tls: { ca_file: 'nothing.pem' } };
    fs.writeFileSync(path.join(home, PROJECT_FILE), JSON.stringify({ otel }));
    addon.init({ cwd: home, home, env: { CCXRAY_OTEL_TRUST: '1' } });
    addon.record(turn());
    expect(await addon.flush(400)).toBe(false);
    const [line] = await eventually(() => only('export_failed', linesIn(directory)), (lines) => lines.length > 0);
    expect(line).toMatchObject({ class: 'certificates', error: 'the file of tls.ca_file does not exist' });
  });
});

/** The line about an answer that rejects three points, with this message. */
async function rejected(message) {
  // Three points, and a message.
  const partial = Buffer.concat([Buffer.from([0x08, 3, 0x12, message.length]), Buffer.from(message)]);
  const answer = Buffer.concat([Buffer.from([0x0a, partial.length]), partial]);
  const endpoint = await collectors.answering((response) => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(answer));
  addon.init({ cwd: home, home, env: withSecrets(endpoint) });
  addon.record(turn());
  expect(await addon.flush()).toBe(true);
  const [line] = await eventually(() => only('partial_success', linesIn(directory)), (lines) => lines.length > 0);
  expect(line).toMatchObject({ pid: process.pid, endpoint: `${endpoint}/v1/metrics`, rejected_points: 3 });
  await addon.shutdown();
  return line;
}

describe('rejected points are one line', () => {
  test('with the backend\'s message', async () => {
    expect(await rejected('points are out of order')).toMatchObject({ error: 'points are out of order' });
    expect(only('export_failed', linesIn(directory))).toEqual([]);
  });

  test('without a message that repeats a header', async () => {
    expect(await rejected(`Bearer ${HEADER}`)).not.toHaveProperty('error');
    const { lines } = expectWholeAndQuiet(await written());
    expect(only('export_failed', lines)).toEqual([]);
  });
});

describe('every change of state is one line', () => {
  test('from start to shutdown', async () => {
    addon.init({ cwd: home, home, env: withSecrets(await collectors.status(400)) });
    await exportTo([400, 400, 400, 400, 400]);
    expect(addon.status().state).toBe('circuit_open');
    await addon.shutdown();
    const { lines } = expectWholeAndQuiet(await written());
    const changes = only('transition', lines);
    const { transitions } = addon.status();
    expect(changes.map(({ from, to, reason }) => ({ from, to, reason }))).toEqual(transitions.map(({ from, to, reason }) => ({ from, to, reason })));
    // Another thread writes the first line.
    for (const [i, { atMs }] of transitions.entries()) expect(Math.abs(Date.parse(changes[i].time) - atMs)).toBeLessThan(1000);
    expect([changes[0], changes.at(-1)]).toMatchObject([{ from: 'disabled', to: 'active' }, { to: 'disabled' }]);
    expect(changes).toContainEqual(expect.objectContaining({ from: 'active', to: 'circuit_open' }));
  });

  test('with the number of suppressed lines before it', async () => {
    // After four failures and a success, the circuit is still closed.
    const codes = [500, 500, 500, 500, 200, 500, 500, 500, 500, 200, 500, 500, 500, 500, 500];
    addon.init({ cwd: home, home, env: withSecrets(await following(codes)) });
    await exportTo(codes);
    const { state, exports: { failed } } = addon.status();
    expect({ state, failed }).toEqual({ state: 'circuit_open', failed: 4 + 4 + 5 });
    await addon.shutdown();
    const { lines } = expectWholeAndQuiet(await written());
    expect(only('export_failed', lines)).toHaveLength(1);
    expect(only('transition', lines)).toContainEqual(expect.objectContaining({ from: 'active', to: 'circuit_open', suppressed: failed - 1 }));
    expectAllTold(lines);
  });

  test('and so is every new kind of failure', async () => {
    const codes = [500, 500, 501, 500, 200];
    addon.init({ cwd: home, home, env: withSecrets(await following(codes)) });
    await exportTo(codes);
    await addon.shutdown();
    const { lines } = expectWholeAndQuiet(await written());
    expect(only('export_failed', lines).map((line) => line.class)).toEqual(['http_500', 'http_501']);
    expectAllTold(lines);
  });
});

describe('the log is rotated', () => {
  test.each([
    ['at one mebibyte, with five files, by default', undefined, 1, 5],
    ['as the project configures it', { max_mebibytes: 2, keep: 2 }, 2, 2],
    ['and removed, if no file is kept', { keep: 0 }, 1, 0],
  ])('%s', async (_, log, mebibytes, keep) => {
    prefill(mebibytes * MEBIBYTE - 20);
    for (let i = 1; i <= keep; i += 1) fs.writeFileSync(path.join(directory, `otel.log.${i}`), `{"was":${i}}\n`);
    await startAndStop(log);
    expect(logsIn(directory)).toEqual([...Array.from({ length: keep }, (__, i) => `otel.log.${keep - i}`), 'otel.log']);
    expect(fs.statSync(path.join(directory, 'otel.log')).size).toBeLessThan(10_000);
    // The log has become the first rotated file, and the last one has been removed.
    for (let i = 1; i <= keep; i += 1) expect(firstLine(`otel.log.${i}`)).toMatchObject({ was: i - 1 });
    expect(only('transition', linesIn(directory))).toHaveLength(2);
    expect(modesOf(fs.readdirSync(directory).filter((name) => name === 'otel.log'))).toEqual([0o600]);
  });

  test('only when it is full', async () => {
    prefill(MEBIBYTE - 20);
    await startAndStop({ max_mebibytes: 2 });
    expect(logsIn(directory)).toEqual(['otel.log']);
    expect(only('transition', linesIn(directory))).toHaveLength(2);
  });

  test('even if it is already too large', async () => {
    prefill(3 * MEBIBYTE);
    await startAndStop();
    expect(logsIn(directory)).toEqual(['otel.log.1', 'otel.log']);
    expect(fs.statSync(path.join(directory, 'otel.log')).size).toBeLessThan(10_000);
  });
});

test('three processes write one rotating log without losing lines', async () => {
  const [processes, times] = [3, 60];
  // Leaves room for some lines of each process before the rotation.
  prefill(MEBIBYTE - 10_000);
  const endpoints = await Promise.all(Array.from({ length: processes }, () => changing()));
  const ends = await Promise.all(endpoints.map((endpoint) => run('children/log.js', [endpoint, home, String(times)], { withinMs: 25_000 })));
  expect(ends.map(({ code, stderr }) => ({ code, stderr }))).toEqual(endpoints.map((endpoint) => ({ code: 0, stderr: on(endpoint) })));
  expect(logsIn(directory)).toEqual(['otel.log.1', 'otel.log']);
  const all = linesIn(directory);
  for (const { pid, delivered, status } of ends.map(({ stdout }) => JSON.parse(stdout))) {
    const lines = all.filter((line) => line.pid === pid);
    expect(status.files).toMatchObject({ directory, lost: 0 });
    expect(only('transition', lines).map(({ to }) => to)).toEqual(['active', 'disabled']);
    const classes = only('export_failed', lines).map((line) => line.class);
    expect(classes).toHaveLength(status.exports.failed);
    expect(new Set(classes).size).toBe(classes.length);
    expect(delivered).toBeGreaterThan(times / 4);
    expect(classes.length).toBeGreaterThan(times / 4);
  }
});

describe('the log is', () => {
  onUnix('readable by its owner only', async () => {
    addon.init({ cwd: home, home, env: withSecrets(await collectors.status(200)) });
    await eventually(() => linesIn(directory), (lines) => lines.length > 0);
    expect(modesOf(['otel.log', '.'])).toEqual([0o600, 0o700]);
  });

  test('in the directory of CCXRAY_HOME', async () => {
    const elsewhere = path.join(project(), 'own');
    addon.init({ cwd: home, home, env: { ...withSecrets(await collectors.status(200)), CCXRAY_HOME: elsewhere } });
    await eventually(() => linesIn(elsewhere), (lines) => lines.length > 0);
    expect(addon.status().files.directory).toBe(elsewhere);
    expect(fs.readdirSync(home)).toEqual([]);
  });

  test('not written if the project disables it', async () => {
    const otel = { tier: 1, endpoint: await collectors.status(500), log: { enabled: false } };
    fs.writeFileSync(path.join(home, PROJECT_FILE), JSON.stringify({ otel }));
    addon.init({ cwd: home, home, env: {} });
    addon.record(turn());
    expect(await addon.flush(500)).toBe(false);
    // The status file is written by the same thread.
    await eventually(() => addon.status().files, ({ written: files }) => files > 0);
    await addon.shutdown();
    expect(logsIn(directory)).toEqual([]);
    expect(addon.status().files.lost).toBe(0);
  });

  test.each([
    ['tier 0', { CCXRAY_OTEL_TIER: '0' }],
    ['no setting', {}],
  ])('not written with %s, nor is any other file', async (_, env) => {
    addon.init({ cwd: home, home, env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', ...env } });
    expect(addon.record(turn())).toBe(false);
    await addon.flush(100);
    await addon.shutdown();
    expect(fs.readdirSync(home)).toEqual([]);
    expect(addon.status().files).toEqual({ directory: path.join(home, '.ccxray'), written: 0, waiting: 0, lost: 0 });
  });

  test('not written by inspect and preview', async () => {
    addon.inspect({ cwd: home, home, env: withSecrets('http://127.0.0.1:9') });
    expect(fs.readdirSync(home)).toEqual([]);
  });
});

describe('lines that cannot be written are counted:', () => {
  test.each([
    ['a directory has the name of the log', () => fs.mkdirSync(path.join(directory, 'otel.log'), { recursive: true })],
    ['a file has the name of its directory', () => fs.writeFileSync(directory, 'a file')],
  ])('%s', async (_, spoil) => {
    spoil();
    const endpoint = await changing();
    const { code, stdout, stderr } = await run('children/log.js', [endpoint, home, '6']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: on(endpoint) });
    const { delivered, status } = JSON.parse(stdout);
    expect(delivered).toBeGreaterThanOrEqual(2);
    expect(status.exports).toMatchObject({ delivered: status.exports.attempted - status.exports.failed, failed: expect.any(Number) });
    // Two changes of state, and failures of different kinds.
    expect(status.files).toMatchObject({ directory, lastError: expect.stringMatching(/./) });
    expect(status.files.lost).toBeGreaterThanOrEqual(2 + status.exports.failed);
    expect(status.entries).toMatchObject({ accepted: 6, processed: 6, queued: 0 });
  });

  test('later lines are written after the cure', async () => {
    fs.mkdirSync(path.join(directory, 'otel.log'), { recursive: true });
    addon.init({ cwd: home, home, env: withSecrets(await changing()) });
    await eventually(() => addon.status().files, ({ lost }) => lost > 0);
    expect(linesOrNone()).toEqual([]);
    fs.rmdirSync(path.join(directory, 'otel.log'));
    const { lost } = addon.status().files;
    await addon.shutdown();
    expect((await written()).lines.map(({ event }) => event)).toContain('transition');
    expect(addon.status().files).toMatchObject({ lost, written: expect.any(Number) });
  });
});

onUnix('a hanging disk delays nothing, and loses no line', async () => {
  fs.mkdirSync(directory);
  const log = path.join(directory, 'otel.log');
  // Opening a pipe for writing blocks until there is a reader.
  execFileSync('mkfifo', [log]);
  addon.init({ cwd: home, home, env: withSecrets(await changing()) });
  for (let i = 0; i < 9; i += 1) {
    addon.record(turn());
    const before = performance.now();
    const { files } = addon.status();
    expect(performance.now() - before).toBeLessThan(100);
    expect(files.lost).toBe(0);
    expect(await addon.flush()).toBe(addon.status().exports.consecutiveFailures === 0);
  }
  const reader = fs.openSync(log, 'r+');
  try {
    await addon.shutdown();
    const { exports: { delivered, failed }, files } = await eventually(() => addon.status(), (status) => status.files.written >= 2 + status.exports.failed);
    expect(files.lost).toBe(0);
    expect(delivered).toBeGreaterThan(0);
    const text = Buffer.alloc(MEBIBYTE);
    const lines = text.toString('utf8', 0, fs.readSync(reader, text)).split('\n').slice(0, -1).map((line) => JSON.parse(line));
    expect(only('export_failed', lines)).toHaveLength(failed);
    expect(only('transition', lines).map(({ to }) => to)).toEqual(['active', 'disabled']);
  } finally {
    fs.closeSync(reader);
  }
});

/** A collector that begins an answer, and closes the connection. */
function hangingUpWithinAnswer() {
  return collectors.raw((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nx')).resume());
}

/** A collector that rejects, and repeats the token in a header and in its body. */
function repeating(code) {
  return collectors.answering((response, { headers, url }) => response.writeHead(code, { 'x-repeated': headers.authorization }).end(`${url} ${headers.authorization}`));
}

/** A collector that fails with another status each time. In between it accepts two requests, since one export may take two. */
function changing() {
  let requests = 0;
  return collectors.answering((response) => {
    requests += 1;
    response.writeHead(requests % 4 < 2 ? 600 + requests : 200).end();
  });
}

/** Starts and shuts down, which writes two lines. */
async function startAndStop(log) {
  fs.writeFileSync(path.join(home, PROJECT_FILE), JSON.stringify({ otel: { tier: 1, endpoint: await collectors.status(200), log } }));
  expect(addon.init({ cwd: home, home, env: { CCXRAY_OTEL_TRUST: '1' } }).state).toBe('active');
  await addon.shutdown();
  expect((await settled()).lost).toBe(0);
}

/** A collector that answers one export after the other with these codes. An export may take several requests. */
function following(codes) {
  return collectors.answering((response) => response.writeHead(codes[0]).end());
}

/** Makes one export for each of these codes. */
async function exportTo(codes) {
  addon.record(turn());
  while (codes.length > 0) {
    expect(await addon.flush(5000)).toBe(codes[0] === 200);
    if (codes.length === 1) return;
    codes.shift();
  }
}

/** Writes a log of that many bytes, as an earlier process would leave it. */
function prefill(bytes) {
  fs.mkdirSync(directory, { recursive: true });
  const line = `${JSON.stringify({ was: 0, padding: 'x'.repeat(100) })}\n`;
  const lines = line.repeat(Math.floor(bytes / line.length) - 1);
  const last = { was: 0, padding: '' };
  last.padding = 'x'.repeat(bytes - lines.length - JSON.stringify(last).length - 1);
  fs.writeFileSync(path.join(directory, 'otel.log'), `${lines}${JSON.stringify(last)}\n`, { mode: 0o600 });
}

/** The lines and the text of the log after a shutdown. */
async function written() {
  const lines = await eventually(linesOrNone, (all) => all.at(-1)?.to === 'disabled');
  return { lines, text: logsIn(directory).map((name) => fs.readFileSync(path.join(directory, name), 'utf8')).join('') };
}

/** The lines, even while a directory has the name of the log. */
function linesOrNone() {
  return fs.statSync(path.join(directory, 'otel.log'), { throwIfNoEntry: false })?.isFile() ? linesIn(directory) : [];
}

/** Every failed export must be a line, or be counted in a later line. */
function expectAllTold(lines) {
  expect(lines.reduce((sum, { suppressed }) => sum + suppressed, only('export_failed', lines).length)).toBe(addon.status().exports.failed);
}

/** The counts of written and lost lines, once they no longer change. */
async function settled() {
  await eventually(() => linesIn(directory), (all) => all.at(-1)?.to === 'disabled');
  return addon.status().files;
}

/** Checks that every line has exactly the keys of its event, and no secret. */
function expectWholeAndQuiet({ lines, text }) {
  for (const line of lines) expect(new Set(Object.keys(line))).toEqual(new Set([...KEYS, ...MORE[line.event]]));
  expect(secretsIn(text)).toEqual([]);
  return { lines, text };
}

function firstLine(name) {
  return JSON.parse(fs.readFileSync(path.join(directory, name), 'utf8').split('\n', 1)[0]);
}

function modesOf(names) {
  return names.map((name) => fs.statSync(path.join(directory, name)).mode & 0o777);
}
