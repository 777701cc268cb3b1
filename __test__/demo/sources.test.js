'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { openLogs } = require('../../cli/history/logs');
const { DataClock } = require('../../demo/clock');
const { Projects } = require('../../demo/projects');
const { isWeekend, startOfDay } = require('../../demo/sources/calendar');
const { runFollow } = require('../../demo/sources/follow');
const { runHistory } = require('../../demo/sources/history');
const { recordPeriods } = require('../../demo/sources/periods');
const { runSynthetic } = require('../../demo/sources/synthetic');
const { Tail } = require('../../demo/sources/tail');
const { syntheticDay } = require('../../demo/traffic/day');
const { eventually } = require('../../testkit/waiting');

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let directory;

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-sources-'));
});

afterEach(() => fs.rmSync(directory, { recursive: true }));

describe('the clock of the data', () => {
  test('runs faster than the real time, and stands still', () => {
    let realMs = 1000;
    const clock = new DataClock(() => realMs);
    expect(clock.nowMs).toBe(1000);
    clock.set(50_000, 60);
    realMs = 1500;
    expect(clock.nowMs).toBe(80_000);
    expect(clock.at(1100)).toBe(56_000);
    clock.set(clock.nowMs, 0);
    realMs = 9000;
    expect(clock.nowMs).toBe(80_000);
  });
});

describe('the calendar', () => {
  test('begins days at midnight on this machine', () => {
    const noon = new Date(2026, 2, 15, 12).getTime();
    expect(new Date(startOfDay(noon)).toString()).toContain('Mar 15 2026 00:00:00');
    expect(new Date(startOfDay(noon, -1)).toString()).toContain('Mar 14 2026 00:00:00');
    expect(new Date(startOfDay(noon, 20)).toString()).toContain('Apr 04 2026 00:00:00');
    expect([isWeekend(noon), isWeekend(startOfDay(noon, 1))]).toEqual([true, false]);
  });
});

describe('the projects of the demo', () => {
  test('have a directory for each name, with a config of their own', () => {
    const projects = new Projects(directory, 'http://127.0.0.1:1/x', { shop: 'payments' });
    const one = projects.directoryOf('/home/dev/shop');
    expect(projects.directoryOf('C:\\work\\shop\\')).toBe(one);
    expect(projects.directoryOf('/home/dev/billing')).not.toBe(one);
    const { otel } = JSON.parse(fs.readFileSync(path.join(one, '.ccxray.json'), 'utf8'));
    expect(otel).toMatchObject({ tier: 1, project: 'shop', team: 'payments', endpoint: 'http://127.0.0.1:1/x' });
  });

  test('share one directory if there are too many', () => {
    const projects = new Projects(directory, 'http://127.0.0.1:1/x');
    const directories = Array.from({ length: 60 }, (_, index) => projects.directoryOf(`/home/dev/project-${index}`));
    expect(new Set(directories).size).toBeLessThanOrEqual(41);
    expect(directories[58]).toBe(directories[59]);
    expect(projects.directoryOf(undefined)).toBe(directories[59]);
  });
});

describe('periods', () => {
  test('are exported when they end, if anything happened in them', async () => {
    const recorder = fakeRecorder();
    const turns = [10, 20, 25, 71].map((atMs) => ({ atMs }));
    await recordPeriods(turns, { recorder, endOf: (atMs) => (Math.floor(atMs / 20) + 1) * 20, signal: new AbortController().signal });
    expect(recorder.calls).toEqual(['record 10', 'export 19', 'record 20', 'record 25', 'export 39', 'record 71', 'export 79']);
  });
});

describe('a synthetic day', () => {
  test('begins when it is told to', () => {
    const startMs = Date.UTC(2026, 5, 1, 9);
    const received = Array.from(syntheticDay({ turns: 50, startMs }), ({ entry }) => entry.receivedAt);
    expect(Math.min(...received)).toBeGreaterThanOrEqual(startMs);
    expect(Math.min(...received)).toBeLessThan(startMs + 10 * HOUR_MS);
  });

  test('comes after seven earlier days and a morning', async () => {
    const recorder = fakeRecorder();
    const controller = new AbortController();
    const clock = new DataClock();
    const done = runSynthetic({ recorder, clock, turns: 40, seed: 1, speed: 60, signal: controller.signal });
    await eventually(() => clock.rate, (rate) => rate === 60);
    const today = startOfDay(Date.now());
    const exported = recorder.calls.filter((call) => call.startsWith('export')).map((call) => Number(call.split(' ')[1]));
    expect(new Set(exported.map((atMs) => startOfDay(atMs))).size).toBe(8);
    expect(Math.min(...exported)).toBeGreaterThan(today - 8 * DAY_MS);
    expect(Math.max(...exported)).toBeLessThanOrEqual(today + 11 * HOUR_MS);
    expect(exported).toEqual([...exported].toSorted((one, other) => one - other));
    controller.abort();
    await done;
  });
});

describe('the tail of a file', () => {
  test('has only whole lines that are added', () => {
    fs.writeFileSync(file(), 'before\n');
    const tail = new Tail(file());
    expect(tail.read()).toEqual([]);
    fs.appendFileSync(file(), 'one\n\ntw');
    expect(tail.read()).toEqual(['one']);
    fs.appendFileSync(file(), 'o\r\n三\n');
    expect(tail.read()).toEqual(['two', '三']);
  });

  test('begins with a line that is being written', () => {
    fs.writeFileSync(file(), `before\n${'x'.repeat(3 << 20)}`);
    const tail = new Tail(file());
    expect(tail.position).toBe(7);
    fs.appendFileSync(file(), 'y\n');
    expect(tail.read()).toEqual([`${'x'.repeat(3 << 20)}y`]);
  });

  test('and the logs before it share no line', () => {
    fs.writeFileSync(file(), `${lineOf('a', 1)}\n${lineOf('b', 2)}\n`);
    const tail = new Tail(file());
    fs.appendFileSync(file(), `${lineOf('c', 3)}\n`);
    expect(openLogs(directory, { to: tail.position }).total).toBe(2);
    expect(tail.read()).toEqual([lineOf('c', 3)]);
  });

  test('begins again if the file was replaced', () => {
    fs.writeFileSync(file(), 'a long line before\n');
    const tail = new Tail(file());
    fs.writeFileSync(file(), 'new\n');
    expect(tail.read()).toEqual(['new']);
  });

  test('waits for a file that does not exist yet', () => {
    const tail = new Tail(file());
    expect(tail.read()).toEqual([]);
    fs.writeFileSync(file(), 'first\n');
    expect(tail.read()).toEqual(['first']);
  });

  test('reads characters that two chunks share', () => {
    const tail = new Tail(file());
    const line = `x${'三'.repeat(500_000)}`;
    fs.writeFileSync(file(), `${line}\n`);
    expect(tail.read()).toEqual([line]);
  });
});

describe('your own logs', () => {
  test('are exported by the hour for the last days, and by the day before', async () => {
    const today = startOfDay(Date.now());
    const old = startOfDay(today, -30);
    fs.writeFileSync(path.join(directory, 'index.ndjson'), [
      lineOf('a', old + HOUR_MS), lineOf('b', old + 5 * HOUR_MS), lineOf('c', startOfDay(today, -1) + HOUR_MS), lineOf('d', startOfDay(today, -1) + 5 * HOUR_MS),
    ].join('\n'));
    const recorder = fakeRecorder();
    const seen = [];
    await runHistory({ logs: openLogs(directory), recorder, onTurn: (done, total) => seen.push([done, total]), signal: new AbortController().signal });
    expect(recorder.calls.filter((call) => call.startsWith('export'))).toEqual([startOfDay(old, 1), startOfDay(today, -1) + 2 * HOUR_MS, startOfDay(today, -1) + 6 * HOUR_MS].map((end) => `export ${end - 1}`));
    expect(seen.at(-1)).toEqual([4, 4]);
    expect(recorder.turns.every((turn) => turn.directory === '/home/dev/shop')).toBe(true);
  });

  test('are followed without the copies of a response', async () => {
    const first = `${lineWith('a', 'msg_1')}\n`;
    fs.writeFileSync(file(), first);
    const logs = openLogs(directory);
    const recorder = fakeRecorder();
    const controller = new AbortController();
    const done = runFollow({ directory, recorder, seen: logs.seen, signal: controller.signal });
    fs.appendFileSync(file(), [lineWith('b', 'msg_1'), lineWith('c', 'msg_2'), lineWith('d', 'msg_2'), '{"id":"e","imported":true}', ''].join('\n'));
    await eventually(() => recorder.calls.length, (count) => count > 1);
    controller.abort();
    await done;
    expect(recorder.turns.map(({ line }) => JSON.parse(line).id)).toEqual(['c']);
  });

  test('are followed again after the index could not be read', async () => {
    const problems = [];
    const recorder = fakeRecorder();
    const controller = new AbortController();
    const done = runFollow({ directory, recorder, signal: controller.signal, onProblem: (problem) => problems.push(problem) });
    fs.mkdirSync(file());
    await eventually(() => problems, (list) => list.length > 0);
    expect(problems).toEqual(['The index cannot be read (EISDIR). Trying again.']);
    fs.rmdirSync(file());
    fs.writeFileSync(file(), `${lineOf('a', 1)}\n`);
    await eventually(() => recorder.calls.length, (count) => count > 1);
    controller.abort();
    await done;
    expect(recorder.turns).toHaveLength(1);
  });

  test('are followed with their requests and responses', async () => {
    fs.writeFileSync(path.join(directory, 'index.ndjson'), '');
    const recorder = fakeRecorder();
    const controller = new AbortController();
    const done = runFollow({ directory, recorder, signal: controller.signal });
    fs.writeFileSync(path.join(directory, 'a_res.json'), '[1]');
    fs.appendFileSync(path.join(directory, 'index.ndjson'), `${lineOf('a', Date.now())}\nnot JSON\n`);
    await eventually(() => recorder.calls.length, (count) => count > 2);
    controller.abort();
    await done;
    expect(recorder.turns).toEqual([
      { line: expect.stringContaining('"id":"a"'), parts: { response: Buffer.from('[1]') }, directory: '/home/dev/shop' },
      { line: 'not JSON', parts: {}, directory: undefined },
    ]);
    expect(recorder.calls.at(-1)).toMatch(/^export \d+$/);
  });
});

function file() {
  return path.join(directory, 'index.ndjson');
}

function lineOf(id, atMs) {
  return JSON.stringify({ id, receivedAt: atMs, elapsed: '1.0', cwd: '/home/dev/shop' });
}

function lineWith(id, responseId) {
  return JSON.stringify({ id, responseId });
}

function fakeRecorder() {
  const calls = [];
  const turns = [];
  return {
    calls,
    turns,
    async record(turn) {
      turns.push(turn);
      calls.push(`record ${turn.atMs}`);
    },
    async export(timeMs) {
      calls.push(`export ${timeMs}`);
      return true;
    },
  };
}
