'use strict';

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { main: runDemo } = require('../../demo');
const { startReceiver } = require('../../testkit/receiver/receiver');
const { syntheticDay } = require('../../demo/traffic/day');
const { parseOptions } = require('../../demo/options');
const { replay } = require('../../demo/traffic/replay');
const { withScratch } = require('../../demo/scratch');
const { head, renderTable } = require('../../demo/table');
const { checkOf } = require('../../testkit/reference/check');
const { eventually } = require('../../testkit/waiting');

describe('a logs directory', () => {
  let directory;

  beforeEach(() => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-logs-'));
  });

  afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

  const write = (name, text) => fs.writeFileSync(path.join(directory, name), text);

  test('with copies of a response is replayed without them', async () => {
    write('index.ndjson', ['{"id":"a","responseId":"msg_1"}', '{"id":"b","responseId":"msg_1"}', '{"id":"a","responseId":"msg_1"}', '{"id":"e","responseId":"msg_2"}'].join('\n'));
    write('a_res.json', '[1]');
    const io = fakeIo();
    await main(['--logs', directory], { ...io, addon: standIn() });
    expect(io.stdout.text).toMatch(/^Lines left out: 2 copies of a response$/m);
  });

  test.each([['is empty', ''], ['has imported lines only', '{"id":"b","imported":true}\n']])('whose index %s has no turn to replay', async (_, index) => {
    write('index.ndjson', index);
    const io = fakeIo();
    expect(await main(['--logs', directory], { ...io, addon: standIn() })).toBe(1);
    expect(io.stderr.text).toBe(`nothing to replay: index.ndjson in ${directory} has no turns\n`);
  });
});

describe('the command line', () => {
  test.each([
    [['--turn'], 'Unknown option --turn. Did you mean --turns?'],
    [['--end-point', 'x'], 'Unknown option --end-point. Did you mean --endpoint?'],
    [['--end'], 'Unknown option --end. Did you mean --endpoint?'],
    [['--verbose'], 'Unknown option --verbose.'],
    [['logs'], 'Unexpected argument "logs". Options go after "--": npm start -- --logs DIR.'],
    [['--turns', '3', '4'], 'Unexpected argument "4". Options go after "--": npm start -- --help.'],
    [['--logs'], '--logs needs a value: --logs DIR.'],
    [['--logs', '--seed', '1'], '--logs needs a value: --logs DIR.'],
    [['--turns', 'many'], '--turns: "many" is not a whole number from 1 to 100000.'],
    [['--turns=0'], '--turns: "0" is not a whole number from 1 to 100000.'],
    [['--seed', '-1'], '--seed: "-1" is not a whole number from 0 to 4294967295.'],
    [['--endpoint', 'localhost:4318'], '--endpoint: "localhost:4318" is not an http or https URL, such as http://127.0.0.1:4318.'],
    [['--endpoint', 'http://127.0.0.1:1'], '--endpoint needs --logs DIR for your own history, or --synthetic for made-up turns of the project ccxray-demo.'],
    [['--synthetic'], '--synthetic needs --endpoint, without --logs.'],
    [['--yes'], '--yes needs --logs and --endpoint.'],
    [['--logs', 'x', '--turns', '3'], '--turns has no effect with --logs. Leave one of them out.'],
    [['--follow', '--speed', '2'], '--speed has no effect with --follow. Leave one of them out.'],
    [['--once', '--page'], '--once does not go with --page. Leave one of them out.'],
    [['--follow', '--listen'], '--follow does not go with --listen. Leave one of them out.'],
    [['--page', '--synthetic', '--endpoint', 'http://127.0.0.1:1'], '--page does not go with --endpoint. Leave one of them out.'],
    [['--once', '--speed', '2'], '--once does not go with --speed. Leave one of them out.'],
    [['--port', '65536'], '--port: "65536" is not a whole number from 0 to 65535.'],
    [['--speed', '0'], '--speed: "0" is not a whole number from 1 to 3600.'],
  ])('%j causes one line and exit code 2', async (argv, message) => {
    const io = fakeIo();
    expect(await main(argv, io)).toBe(2);
    expect(io.stderr.text).toBe(`${message} See: npm start -- --help\n`);
    expect(io.stdout.text).toBe('');
  });

  test('accepts values after a space or an equals sign', () => {
    expect(parseOptions(['--turns', '5', '--seed=9'])).toMatchObject({ help: false, turns: 5, seed: 9, speed: 60, port: 4319 });
  });

  test('prints its help', async () => {
    const io = fakeIo();
    expect(await main(['--help'], io)).toBe(0);
    expect(io.stdout.text).toMatch(/^Usage: npm start -- \[options\]/);
  });

  test('an invalid logs directory causes one line and exit code 2', async () => {
    const io = fakeIo();
    expect(await main(['--logs', path.join(os.tmpdir(), 'ccxray-no-such-directory')], { ...io, addon: standIn() })).toBe(2);
    expect(io.stderr.text).toMatch(/^--logs: no such directory: [^\n]+\n$/);
  });
});

describe('a replay', () => {
  test('waits while the queue is long', async () => {
    const addon = standIn({ queued: 3000 });
    await replay(syntheticDay({ turns: 100, seed: 1 }), addon);
    expect(addon.looks).toBeGreaterThan(1);
    expect(addon.recorded).toBeGreaterThanOrEqual(100);
  });

  test('stops if the addon processes nothing', async () => {
    const addon = standIn({ queued: 3000, isStuck: true });
    await expect(replay(syntheticDay({ turns: 100, seed: 1 }), addon, { stalledMs: 20 })).rejects.toThrow(/has processed nothing for 20 ms with 3000 entries waiting/);
  });
});

describe('the demo with an addon that sends nothing', () => {
  test('lists missing series and exits with 1', async () => {
    const io = fakeIo();
    expect(await main(['--turns', '5'], { ...io, addon: standIn() })).toBe(1);
    expect(io.stdout.text).toMatch(/the receiver's totals DISAGREE with the independent reference implementation in \d+ series:/);
    expect(io.stdout.text).toMatch(/ {2}ccxray\.sessions_total \{"provider":"openai"\}: expected \d+, received 0/);
  });

  test('reports the exports with --endpoint', async () => {
    const io = fakeIo();
    const addon = standIn({ exports: { attempted: 2, delivered: 0, failed: 2, lastError: 'connection refused' } });
    expect(await main(['--turns', '5', '--endpoint', 'http://127.0.0.1:1', '--synthetic'], { ...io, addon })).toBe(1);
    expect(io.stdout.text).toMatch(/sent to http:\/\/127\.0\.0\.1:1: 2 exports, 0 delivered, 2 failed \(connection refused\)\nentries: \d+ accepted, \d+ processed, 0 dropped\n$/);
  });

  test('does not pass on the user\'s environment', async () => {
    const addon = standIn();
    await main(['--turns', '5'], { ...fakeIo({ OTEL_EXPORTER_OTLP_HEADERS: 'a=b', SECRET: 'x' }), addon });
    expect(Object.keys(addon.options.env)).toEqual(['OTEL_METRIC_EXPORT_INTERVAL', 'CCXRAY_HOME', 'CCXRAY_OTEL_TIER', 'CCXRAY_OTEL_NOTICE', 'OTEL_EXPORTER_OTLP_ENDPOINT']);
    expect(fs.existsSync(addon.options.home)).toBe(false);
  });

  test('passes only the user\'s headers to the user\'s backend', async () => {
    const addon = standIn();
    await main(['--turns', '5', '--endpoint', 'http://127.0.0.1:1', '--synthetic'], { ...fakeIo({ OTEL_EXPORTER_OTLP_HEADERS: 'a=b', SECRET: 'x' }), addon });
    expect(addon.options.env).toMatchObject({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_EXPORTER_OTLP_HEADERS: 'a=b', OTEL_RESOURCE_ATTRIBUTES: 'project.name=ccxray-demo' });
    expect(addon.options.env).not.toHaveProperty('SECRET');
  });
});

describe('the demo with a backend', () => {
  test('sends the synthetic day as the project ccxray-demo, unless telemetry is off', async () => {
    const receiver = await startReceiver();
    try {
      const io = fakeIo({ DO_NOT_TRACK: '1' });
      expect(await main(['--turns', '5', '--synthetic', '--endpoint', receiver.endpoint], io)).toBe(1);
      expect(io.stderr.text).toContain('the addon did not start: disabled, Telemetry is off: DO_NOT_TRACK is set.');
      expect(receiver.requests.accepted).toBe(0);
      expect(await main(['--turns', '5', '--synthetic', '--endpoint', receiver.endpoint], fakeIo())).toBe(0);
      expect(new Set(receiver.series().map(({ resource }) => resource['project.name']))).toEqual(new Set(['ccxray-demo']));
    } finally {
      await receiver.close();
    }
  });

  test('sends your own history only if you approve', async () => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-home-'));
    const receiver = await startReceiver();
    try {
      const logs = path.join(home, 'logs');
      fs.mkdirSync(logs);
      fs.writeFileSync(path.join(logs, 'index.ndjson'), '{"id":"a","receivedAt":1768435200000,"provider":"anthropic"}\n');
      const refused = fakeIo({ HOME: home });
      expect(await main(['--logs', logs, '--endpoint', receiver.endpoint], refused)).toBe(4);
      expect(refused.stderr.text).toContain('It would send 1 turn of 2026-01-15 (UTC):');
      expect(receiver.requests.accepted).toBe(0);
      const io = fakeIo({ HOME: home });
      expect(await main(['--logs', logs, '--endpoint', receiver.endpoint, '--yes'], io)).toBe(0);
      expect(io.stdout.text).toMatch(/^Sent 1 turn of 2026-01-15 \(UTC\) to /);
      expect(receiver.requests.accepted).toBeGreaterThan(0);
    } finally {
      await receiver.close();
      fs.rmSync(home, { recursive: true });
    }
  });
});

describe('the demo with the built addon', () => {
  test('gives the totals of the reference implementation', () => {
    const { status, stdout, stderr } = runMain();
    expect(stdout.trim().split('\n').at(-1)).toMatch(
      /^entries: (\d+) accepted, \1 processed, 0 dropped; the receiver's totals agree with the independent reference implementation \(\d+ metrics, \d+ series\)$/,
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
  }, 60_000);

  test.each([2, 3])('does so for another day (seed %d)', (seed) => {
    const { status, stdout } = runMain('--turns', '300', '--seed', String(seed));
    expect(stdout.slice(stdout.indexOf('entries: '))).toMatch(/agree with the independent reference implementation/);
    expect(status).toBe(0);
  }, 60_000);
});

(process.platform === 'win32' ? describe.skip : describe)('the directory of a run', () => {
  test.each(['SIGINT', 'SIGTERM'])('is removed by %s', async (signal) => {
    const script = "require('./demo/scratch').withScratch((directory) => { process.stdout.write(directory); return new Promise((done) => { setTimeout(done, 20000); }); })";
    const child = spawn(process.execPath, ['-e', script], { cwd: path.join(__dirname, '..', '..'), stdio: ['ignore', 'pipe', 'inherit'] });
    const directory = await new Promise((resolve) => { child.stdout.once('data', (text) => resolve(String(text))); });
    expect(fs.existsSync(directory)).toBe(true);
    child.kill(signal);
    expect(await new Promise((resolve) => { child.on('exit', (_, by) => resolve(by)); })).toBe(signal);
    expect(fs.existsSync(directory)).toBe(false);
  });

  test('is removed by process.exit, as after a second signal', async () => {
    const script = "require('./demo/scratch').withScratch(() => new Promise(() => { process.once('SIGINT', () => process.exit(130)); setTimeout(() => {}, 20000); process.stdout.write('ready'); }), { signals: [] })";
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-exit-'));
    try {
      const child = spawn(process.execPath, ['-e', script], { cwd: path.join(__dirname, '..', '..'), env: { ...process.env, TMPDIR: home }, stdio: ['ignore', 'pipe', 'inherit'] });
      await new Promise((resolve) => { child.stdout.once('data', resolve); });
      expect(fs.readdirSync(home)).toHaveLength(1);
      child.kill('SIGINT');
      expect(await new Promise((resolve) => { child.on('exit', resolve); })).toBe(130);
      expect(fs.readdirSync(home)).toEqual([]);
    } finally {
      fs.rmSync(home, { recursive: true, force: true });
    }
  });

  test('is removed even while files are written', async () => {
    const writing = "for (let i = 0, end = Date.now() + 300; Date.now() < end; i += 1) require('node:fs').writeFileSync(`${process.argv[1]}/${i}`, '')";
    let directory;
    let writer;
    await withScratch(async (scratch) => {
      directory = scratch;
      writer = spawn(process.execPath, ['-e', writing, scratch], { stdio: 'ignore' });
      await eventually(() => fs.readdirSync(scratch).length, (count) => count > 0);
    });
    expect(fs.existsSync(directory)).toBe(false);
    writer.kill();
  });
});

describe('the table', () => {
  test('has a block per family and the largest attribute values', () => {
    const table = renderTable([
      point('ccxray.tokens.input_total', 'counter', { model: 'm1', provider: 'p' }, { value: 1234567 }),
      point('ccxray.cost.usd_total', 'counter', { model: 'm1', provider: 'p' }, { value: 12.5 }),
      ...[5, 9, 2, 1, 0].map((value, i) => point('ccxray.errors_total', 'counter', { type: `t${i}` }, { value })),
      point('ccxray.latency_ms', 'histogram', { model: 'm1' }, { count: 2, sum: 3001 }),
      point('ccxray.cache.hit_ratio', 'gauge', { model: 'm1' }, { value: 0.912 }),
      point('ccxray.otel.state', 'gauge', { state: 'active' }, { value: 1 }),
      point('ccxray.otel.state', 'gauge', { state: 'degraded' }, { value: 0 }),
      point('ccxray.something.new', 'counter', {}, { value: 1 }),
    ]);
    const rows = table.split('\n').filter((row) => !row.endsWith('–'));
    expect(rows.join('\n')).toMatchInlineSnapshot(`
"cost
  ccxray.tokens.input_total                    1,234,567  m1/p 1,234,567
  ccxray.cost.usd_total                            12.50  m1/p 12.50
  ccxray.cache.hit_ratio                                  m1 0.91

usage

quality
  ccxray.errors_total                                 17  t1 9, t0 5, t2 2, 1 more
  ccxray.latency_ms                                    2  mean 1,500.50 ms; m1 2

patterns

governance

sentinels

health
  ccxray.otel.state                                       active

other
  ccxray.something.new                                 1"
`);
  });

  test('shows the head of a document', () => {
    expect(head({ a: 1, b: { c: 2 } }, 3)).toBe('{\n  "a": 1,\n  "b": {\n… 3 more lines');
    expect(head({ a: 1 }, 3)).toBe('{\n  "a": 1\n}');
  });
});

/** As `npm start` does. */
function main(argv, io) {
  return runDemo(argv, { checkOf, ...io });
}

/** In another process, because there is one addon instance per process. */
function runMain(...args) {
  const script = "const { checkOf } = require('./testkit/reference/check'); require('./demo').main(process.argv.slice(1), { ...process, stdout: process.stdout, stderr: process.stderr, stdin: process.stdin, env: process.env, cwd: undefined, checkOf }).then((code) => { process.exitCode = code; })";
  return spawnSync(process.execPath, ['-e', script, '--', ...args], { cwd: path.join(__dirname, '..', '..'), encoding: 'utf8' });
}

/** An addon that counts and sends nothing. It works off `queued` entries, unless it is stuck. */
function standIn({ queued = 0, isStuck = false, exports = { attempted: 0, delivered: 0, failed: 0 } } = {}) {
  let left = queued;
  return {
    recorded: 0,
    looks: 0,
    options: undefined,
    init(options) {
      this.options = options;
      return { state: 'active' };
    },
    record() {
      this.recorded += 1;
      return true;
    },
    status() {
      this.looks += 1;
      if (!isStuck) left = Math.max(0, left - 500);
      const processed = isStuck ? 0 : this.recorded;
      return { entries: { accepted: this.recorded, processed, queued: left, queuedBytes: left, dropped: {} }, exports };
    },
    preview: () => '{"resourceMetrics":[]}',
    flush: async () => exports.failed === 0,
    shutdown: async () => {},
  };
}

function fakeIo(env = {}) {
  return { stdout: sink(), stderr: sink(), env };
}

function point(metric, kind, attributes, rest) {
  return { metric, kind, unit: '', attributes, ...rest };
}

function sink() {
  return {
    text: '',
    write(chunk) {
      this.text += chunk;
    },
  };
}
