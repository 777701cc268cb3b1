'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');

const { MetricStore } = require('../../demo/store');
const { startOfDay, isWeekend } = require('../../demo/sources/calendar');
const { syntheticDay } = require('../../demo/traffic/day');
const { Reference } = require('../../testkit/reference');
const { eventually } = require('../../testkit/waiting');

const ROOT = path.join(__dirname, '..', '..');
const TURNS = 60;
const HOUR_MS = 3_600_000;
const COST = 'ccxray.cost.usd_total';

let home;
const children = new Set();

beforeEach(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-live-'));
  fs.mkdirSync(path.join(home, 'tmp'));
});

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  fs.rmSync(home, { recursive: true, force: true });
});

describe('the live demo', () => {
  test('gets every number of eight synthetic days', async () => {
    const demo = await start('--turns', String(TURNS), '--speed', '3600');
    const page = watch(demo.url);
    await eventually(() => page.state?.isDone, Boolean, 60_000);
    const { [COST]: cost, ...sums } = page.sums();
    const { [COST]: expectedCost, ...expected } = expectedSums();
    expect(sums).toEqual(expected);
    // A sum of dollars depends on the order of the summands.
    expect(cost).toBeCloseTo(expectedCost, 9);
    expect(page.state).toMatchObject({ exporter: { state: 'active', exports: { failed: 0 } }, receiver: { requests: { rejected: 0 } }, dropped: { series: 0, points: 0 } });
    page.end();
    await demo.end();
  }, 90_000);

  test('is about nothing of the user: reads no config, writes no file, prints one address', async () => {
    fs.writeFileSync(path.join(home, '.ccxray.user.json'), JSON.stringify({ otel: { tier: 0 } }));
    const demo = await start('--turns', '20');
    await demo.end();
    expect(fs.readdirSync(home)).toEqual(['.ccxray.user.json', 'tmp']);
    expect(fs.readdirSync(path.join(home, 'tmp'))).toEqual([]);
    expect(demo.stderr).toBe('');
    expect(JSON.parse(demo.stdout)).toEqual({ url: demo.url, endpoint: demo.endpoint });
  }, 60_000);

  test('shows what the next request would contain at each tier', async () => {
    const demo = await start('--turns', String(TURNS));
    const { turns, never, variants } = await eventually(() => json(`${demo.url}api/privacy`), (answer) => answer.turns > 100, 20_000);
    expect(never).toContain('prompts');
    expect(turns).toBeGreaterThan(100);
    expect(variants.map(({ tier, names }) => [tier, names])).toEqual([[0, undefined], [1, 'known'], [1, 'all'], [2, 'known']]);
    const texts = variants.map(({ requests }) => requests.join(''));
    expect(texts[0]).toBe('');
    expect(texts[1]).not.toContain('acme');
    expect(texts[2]).toContain('acme');
    expect(texts[3]).toContain('enduser.id');
    await demo.end();
  }, 60_000);

  test('takes metrics of other processes', async () => {
    const demo = await start('--listen');
    const point = { asInt: '7', timeUnixNano: `${Date.now()}000000` };
    const body = JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'claude_code.token.usage', sum: { isMonotonic: true, aggregationTemporality: 1, dataPoints: [point] } }] }] }] });
    expect(await post(`${demo.endpoint}/v1/metrics`, body)).toBe(200);
    const page = watch(demo.url);
    await eventually(() => page.sums()['claude_code.token.usage'], (sum) => sum === 7);
    page.end();
    await demo.end();
  }, 60_000);

  test('names the port that it takes if the wanted one is taken', async () => {
    const blocker = http.createServer();
    await new Promise((resolve) => { blocker.listen(0, '127.0.0.1', resolve); });
    const { port } = blocker.address();
    const demo = await start('--listen', '--port', String(port));
    const own = Number(new URL(demo.url).port);
    expect(own).toBeGreaterThan(port);
    expect(demo.stderr).toBe(`Port ${port} is taken. This is the next free one: ${own}.\n`);
    await demo.end();
    blocker.close();
  }, 60_000);
});

/** Starts the demo as another process. */
async function start(...args) {
  const child = spawn(process.execPath, [path.join(ROOT, 'cli.js'), 'demo', '--page', '--json', ...args.includes('--port') ? [] : ['--port', '0'], ...args], {
    cwd: home, env: { PATH: process.env.PATH, HOME: home, TMPDIR: path.join(home, 'tmp') }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  const demo = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (chunk) => { demo[name] += chunk; });
  const ended = new Promise((resolve) => { child.on('close', (code, signal) => resolve({ code, signal })); });
  // The address is one line, which a pipe may hand over in parts.
  await eventually(() => demo.stdout, (text) => text.endsWith('}\n') || child.exitCode !== null, 20_000);
  Object.assign(demo, JSON.parse(demo.stdout));
  return Object.assign(demo, {
    async end() {
      child.kill('SIGINT');
      expect(await ended).toEqual({ code: 0, signal: null });
    },
  });
}

/** Reads the stream of a page into a store. */
function watch(url) {
  const page = { state: undefined };
  let store;
  let kinds;
  const take = {
    hello: ({ store: options }) => {
      store = new MetricStore(options);
      kinds = new Map();
    },
    series: (list) => list.forEach((series) => {
      store.define(series);
      kinds.set(series.id, series.kind);
    }),
    points: ({ timeMs, values }) => values.forEach(([id, value]) => store.add(id, timeMs, kinds.get(id) === 'histogram' ? { count: value[0], sum: value[1], buckets: value.slice(2) } : value)),
    ready: () => {},
    state: (state) => { page.state = state; },
  };
  let rest = '';
  const request = http.get(`${url}api/stream`, (response) => {
    response.setEncoding('utf8');
    response.on('error', () => {});
    response.on('data', (chunk) => {
      const messages = (rest + chunk).split('\n\n');
      rest = messages.pop();
      for (const message of messages) {
        const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(message);
        take[event](JSON.parse(data));
      }
    });
  });
  request.on('error', () => {});
  page.end = () => request.destroy();
  page.sums = () => {
    const sums = {};
    for (const { id, metric, kind } of store?.series() ?? []) {
      if (kind === 'counter') sums[metric] = (sums[metric] ?? 0) + store.sum(id, 0, 1e15);
    }
    return withoutHealth(sums);
  };
  return page;
}

/** The sums of all counters, by the reference implementation. */
function expectedSums() {
  const reference = new Reference();
  const today = startOfDay(Date.now());
  for (let day = -7; day <= 0; day += 1) {
    const startMs = startOfDay(today, day);
    const turns = day < 0 && isWeekend(startMs) ? TURNS / 10 : TURNS;
    for (const turn of syntheticDay({ turns, seed: day < 0 ? 9 + day : 1, startMs: startMs + 9 * HOUR_MS })) reference.add(turn);
  }
  const sums = Array.from(reference.totals.counters, ([metric, series]) => [metric, [...series.values()].reduce((total, value) => total + value, 0)]);
  return withoutHealth(Object.fromEntries(sums));
}

/** The reference knows nothing of the exporter. A sum of zero and an absent one are equal. */
function withoutHealth(sums) {
  return Object.fromEntries(Object.entries(sums).filter(([metric, sum]) => !metric.startsWith('ccxray.otel.') && sum !== 0).toSorted());
}

async function json(url) {
  return (await fetch(url)).json();
}

function post(url, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST', headers: { 'content-type': 'application/json' } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on('error', reject);
    request.end(body);
  });
}
