'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const addon = require('../..');
const { call } = require('../../testkit/cli/call');
const { readPending } = require('../../testkit/pending/file');
const { startReceiver } = require('../../testkit/receiver/receiver');
const { projects } = require('../../testkit/scratch/projects');

const { project, homeWith } = projects();
const CHILD = path.join(__dirname, '..', '..', 'testkit', 'children', 'pending.js');
const TOKENS = 10;

let receiver;
let isUp;
/** The last value of each process with cumulative sums, and the sum of all deltas. */
let streams;
let deltas;

beforeEach(async () => {
  isUp = false;
  streams = new Map();
  deltas = 0;
  receiver = await startReceiver({ onRequest: take });
});

afterEach(() => receiver.close());

describe.each(['cumulative', 'delta'])('%s sums that a collector does not take', (temporality) => {
  test('are delivered by the next process, each once', async () => {
    const options = optionsFor(temporality);
    for (let process = 0; process < 5; process += 1) {
      expect(await run(options, 3)).toMatchObject({ code: 0, isDelivered: false, dropped: { shutdown: 0 } });
    }
    expect(waiting(options)).toHaveLength(5);
    isUp = true;
    expect(await run(options, 1)).toMatchObject({ isDelivered: true, repeated: 0 });
    expect(total(temporality)).toBe((5 * 3 + 1) * TOKENS);
    expect(waiting(options)).toEqual([]);
    await run(options, 0);
    expect(total(temporality)).toBe((5 * 3 + 1) * TOKENS);
  }, 60_000);

  test('outlive a kill', async () => {
    const options = optionsFor(temporality);
    expect(await run(options, 3, 'kill')).toMatchObject({ signal: 'SIGKILL' });
    isUp = true;
    await run(options, 0);
    expect(total(temporality)).toBe(3 * TOKENS);
  }, 60_000);

  test('are delivered by one of several processes that start at once', async () => {
    const options = optionsFor(temporality);
    await Promise.all(Array.from({ length: 4 }, () => run(options, 2)));
    isUp = true;
    await Promise.all(Array.from({ length: 4 }, () => run(options, 1)));
    expect(total(temporality)).toBe((4 * 2 + 4) * TOKENS);
    expect(waiting(options)).toEqual([]);
  }, 60_000);
});

test('nothing is written while every export succeeds', async () => {
  isUp = true;
  const options = optionsFor('cumulative');
  expect(await run(options, 3)).toMatchObject({ isDelivered: true });
  expect(fs.existsSync(directoryOf(options))).toBe(false);
});

describe('what waits', () => {
  let options;

  beforeEach(async () => {
    options = optionsFor('cumulative');
    await run(options, 3);
  });

  test('is private, and has no header of the connection', () => {
    const [file] = filesOf(options);
    const content = fs.readFileSync(file);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(content.includes('SECRET')).toBe(false);
    expect(readPending(content).header.origin).toMatchObject({ project: 'shop', tier: 1 });
  });

  test('is listed, and delivered on request', async () => {
    expect(addon.pending(options)).toMatchObject([{ directory: options.cwd, project: 'shop', tier: 1, isRunning: false }]);
    expect((await call(['pending', options.cwd], options)).stdout).toMatch(/^Waits to be delivered\n {2}shop +since \d+ s, 1 process, /);
    expect((await call(['status', options.cwd], options)).stdout).toContain('waits to be delivered');
    expect(await flush(options)).toMatchObject({ code: 5, stdout: expect.stringMatching(/^Delivered: 0 of 1\n {2}.*HTTP 503/) });
    isUp = true;
    expect(await flush(options)).toMatchObject({ code: 0, stdout: 'Delivered: 1 of 1\n' });
    expect(total('cumulative')).toBe(3 * TOKENS);
    expect((await call(['pending', options.cwd], options)).stdout).toBe('Nothing waits to be delivered.\n');
  }, 60_000);

  test('is deleted on request', async () => {
    expect((await call(['pending', '--clear', options.cwd], options)).stdout).toBe('Deleted: 1 file\n');
    expect(waiting(options)).toEqual([]);
  });

  test('is deleted at once when the approval is revoked', () => {
    addon.untrust(options.cwd, options);
    expect(waiting(options)).toEqual([]);
  });

  test.each([
    ['you choose tier 0', { CCXRAY_OTEL_TIER: '0' }],
    ['you switch off all telemetry', { DO_NOT_TRACK: '1' }],
  ])('is deleted when %s', async (_, env) => {
    addon.init({ ...options, env: { ...options.env, ...env } });
    await addon.shutdown();
    expect(waiting(options)).toEqual([]);
  });

  test.each([
    ['other names', { names: 'all' }, 0],
    ['another endpoint', { endpoint: 'http://127.0.0.1:9' }, 1],
  ])('is not sent by a config with %s', async (_, change, left) => {
    isUp = true;
    write(options.cwd, { ...settings(), ...change });
    await run(options, 1);
    expect(total('cumulative')).toBe(change.endpoint === undefined ? TOKENS : 0);
    expect(waiting(options).filter((file) => readPending(fs.readFileSync(file)).header.origin.endpoint.startsWith(receiver.endpoint))).toHaveLength(left);
  }, 60_000);

  test('is not sent if it was changed', async () => {
    const [file] = filesOf(options);
    const content = fs.readFileSync(file);
    content[content.length - 5] ^= 1;
    fs.writeFileSync(file, content);
    isUp = true;
    await run(options, 1);
    expect(total('cumulative')).toBe(TOKENS);
    expect(waiting(options)).toEqual([]);
  }, 60_000);
});

(process.getuid?.() === 0 ? test.skip : test)('a directory that cannot be written costs only what it would have kept', async () => {
  const options = optionsFor('cumulative');
  fs.mkdirSync(path.join(options.env.CCXRAY_HOME, 'otel', 'pending'), { recursive: true, mode: 0o500 });
  expect(await run(options, 3)).toMatchObject({ code: 0, isDelivered: false, dropped: { shutdown: 1 } });
});

test('a file in the place of the directory costs only what it would have kept', async () => {
  const options = optionsFor('cumulative');
  fs.mkdirSync(path.join(options.env.CCXRAY_HOME, 'otel'), { recursive: true });
  fs.writeFileSync(directoryOf(options), 'not a directory');
  expect(await run(options, 3)).toMatchObject({ code: 0, isDelivered: false, dropped: { shutdown: 1 } });
});

function take({ resourceMetrics }) {
  if (!isUp) throw new Error('the collector is down');
  for (const { resource, scopeMetrics } of resourceMetrics) {
    const { value } = resource.attributes.find(({ key }) => key === 'service.instance.id');
    for (const { name, sum } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
      if (name !== 'ccxray.tokens.input_total') continue;
      for (const { asInt } of sum.dataPoints) add(value.stringValue, sum.aggregationTemporality, Number(asInt));
    }
  }
}

function add(instance, temporality, value) {
  if (temporality === 1) {
    deltas += value;
    return;
  }
  // A backend takes a lower value for a restart, and counts everything again.
  if (value < (streams.get(instance) ?? 0)) throw new Error(`the stream falls to ${value}`);
  streams.set(instance, value);
}

function total(temporality) {
  return temporality === 'delta' ? deltas : [...streams.values()].reduce((sum, value) => sum + value, 0);
}

function settings() {
  return { tier: 1, endpoint: receiver.endpoint, project: 'shop', headers: { 'x-key': '${KEY}' }, interval_seconds: 3600 };
}

function optionsFor(temporality) {
  const home = homeWith({ tier: 1 });
  const cwd = project({ ...settings(), temporality });
  return { cwd, home, env: { HOME: home, CCXRAY_HOME: path.join(home, '.ccxray'), CCXRAY_OTEL_TRUST: '1', CCXRAY_OTEL_NOTICE: '0', KEY: 'SECRET' } };
}

function write(cwd, otel) {
  fs.writeFileSync(path.join(cwd, '.ccxray.json'), JSON.stringify({ otel }));
}

function directoryOf({ env }) {
  return path.join(env.CCXRAY_HOME, 'otel', 'pending');
}

function filesOf(options) {
  return fs.readdirSync(directoryOf(options)).filter((name) => name.endsWith('.otlp')).map((name) => path.join(directoryOf(options), name));
}

/** The files that wait. */
function waiting(options) {
  return fs.existsSync(directoryOf(options)) ? filesOf(options) : [];
}

async function run(options, turns, end = '') {
  const child = spawn(process.execPath, [CHILD, ...[options, turns, end].map((argument) => JSON.stringify(argument))], { stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.on('data', (chunk) => { stdout += chunk; });
  const [code, signal] = await new Promise((resolve) => { child.on('close', (...ended) => resolve(ended)); });
  return { code, signal, ...stdout === '' ? {} : JSON.parse(stdout) };
}

/** In another process, because it starts the addon. */
async function flush({ cwd, env }) {
  const child = spawn(process.execPath, [path.join(__dirname, '..', '..', 'cli.js'), 'flush', '--timeout', '2'], { cwd, env: { ...env, PATH: process.env.PATH }, stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.on('data', (chunk) => { stdout += chunk; });
  const code = await new Promise((resolve) => { child.on('close', resolve); });
  return { code, stdout };
}
