'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const fc = require('fast-check');

const { dayOf, daysOf, endOf, startOf } = require('../../cli/replay/days');
const { SentDays } = require('../../cli/replay/sent-days');
const { hasTerminal, onTerminal } = require('../../testkit/cli/terminal');
const { run } = require('../../testkit/process/run');
const { responseWith, turn } = require('../../testkit/entries/turn');
const { historyOf, withoutExporter, writeLogs } = require('../../testkit/history');
const { Totals, differences, totalsOf } = require('../../testkit/otlp/totals');
const { startReceiver } = require('../../testkit/receiver/receiver');
const { Reference } = require('../../testkit/reference');
const { projects } = require('../../testkit/scratch/projects');

jest.setTimeout(60_000);

const CLI = path.join(__dirname, '..', '..', 'cli.js');
const DAY = 86_400_000;
const SECRET = 'h3ader-s3cret-value';
const DAYS = ['2026-01-15', '2026-01-16', '2026-01-18'];

const { project, homeWith } = projects();

/** The requests that the receiver was given, and what it does with each. */
let requests;
let answer;
let receiver;
let home;

beforeEach(async () => {
  requests = [];
  answer = () => {};
  home = homeWith({});
  receiver = await startReceiver({ onRequest: (request) => {
    requests.push(request);
    answer(request);
  } });
});

afterEach(() => receiver.close());

const logs = () => path.join(home, '.ccxray', 'logs');
const replay = (args, env = {}) => run('../cli.js', ['replay', ...args], { cwd: project(), env: { HOME: home, ...env }, withinMs: 50_000 });
const toReceiver = (args = [], env = {}) => replay(['--endpoint', receiver.endpoint, '--yes', ...args], env);

/** A turn of a day, as a line. */
function turnOn(day, id = day) {
  return { line: turn({ id: `t-${id}`, receivedAt: startOf(day) + 3_600_000, elapsed: '1.0' }) };
}

/** The start and the end of all points of a request, in milliseconds. */
function timesIn(request) {
  const metrics = request.resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  const points = metrics.flatMap(({ sum, gauge, histogram }) => (sum ?? gauge ?? histogram).dataPoints);
  return [...new Set(points.map(({ startTimeUnixNano, timeUnixNano }) => `${BigInt(startTimeUnixNano) / 1_000_000n} ${BigInt(timeUnixNano) / 1_000_000n}`))];
}

/** What the reference implementation counts, without what is about the exporter itself. */
function expected(turns) {
  const reference = new Reference();
  for (const each of turns) reference.add(each);
  return withoutExporter(reference.totals);
}

/** The same totals without counters at zero, which delta temporality leaves out. */
function nonZero(totals) {
  const counters = new Map([...totals.counters].map(([name, series]) => [name, new Map([...series].filter(([, value]) => value !== 0))]));
  return Object.assign(totals, { counters });
}

function inputTokens({ counters }) {
  return [...counters.get('ccxray.tokens.input_total').values()].reduce((sum, value) => sum + value, 0);
}

function newDirectory() {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-sent-'));
}

function filesIn(directory) {
  const entries = fs.readdirSync(directory, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.relative(directory, path.join(entry.parentPath ?? entry.path, entry.name)));
  files.sort();
  return files;
}

describe('consent', () => {
  test('without a terminal, --yes is needed', async () => {
    writeLogs(logs(), [turnOn('2026-01-15')]);
    const { code, stdout, stderr } = await replay(['--endpoint', receiver.endpoint], { OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${SECRET}` });
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toBe([
      'It would send 1 turn of 2026-01-15 (UTC):',
      `  To: ${receiver.endpoint}/v1/metrics`,
      '  Send: numbers at tier 1, anonymous, dated when they happened',
      '  As project: none',
      '  With the headers: authorization: Bearer ***',
      '  Never sent: prompts, code, file names.',
      'Not a terminal, so I cannot ask. Add --yes to approve.', '',
    ].join('\n'));
    expect(requests).toEqual([]);
    expect(filesIn(path.join(home, '.ccxray'))).toEqual(['logs/index.ndjson']);
  });

  test.each([
    ['DO_NOT_TRACK', { DO_NOT_TRACK: '1' }, 'DO_NOT_TRACK is set'],
    ['OTEL_SDK_DISABLED', { OTEL_SDK_DISABLED: 'true' }, 'OTEL_SDK_DISABLED is set'],
    ['OTEL_METRICS_EXPORTER', { OTEL_METRICS_EXPORTER: 'none' }, 'OTEL_METRICS_EXPORTER is none'],
    ['CCXRAY_OTEL_TIER', { CCXRAY_OTEL_TIER: '0' }, 'CCXRAY_OTEL_TIER is 0'],
  ])('%s forbids it', async (_, env, reason) => {
    writeLogs(logs(), [turnOn('2026-01-15')]);
    expect(await toReceiver([], env)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(reason) });
    expect(requests).toEqual([]);
  });

  test('tier 0 of the user forbids it', async () => {
    home = homeWith({ tier: 0 });
    writeLogs(logs(), [turnOn('2026-01-15')]);
    expect(await toReceiver()).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('"tier": 0') });
    expect(requests).toEqual([]);
  });

  test('only the named endpoint gets anything, and secrets are neither shown nor kept', async () => {
    const other = await startReceiver();
    try {
      home = homeWith({ tier: 1, endpoint: other.endpoint });
      writeLogs(logs(), [turnOn('2026-01-15')]);
      const { code, stdout, stderr } = await toReceiver([], { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${other.endpoint}/v1/metrics`, OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${SECRET}` });
      expect({ code, other: other.requests.accepted }).toEqual({ code: 0, other: 0 });
      expect(requests.length).toBeGreaterThan(0);
      expect(stdout + stderr).not.toContain(SECRET);
      const kept = path.join(home, '.ccxray', 'otel', 'replayed.json');
      expect(filesIn(path.join(home, '.ccxray'))).toEqual(['logs/index.ndjson', 'otel/replayed.json']);
      expect(fs.readFileSync(kept, 'utf8')).not.toContain('127.0.0.1');
      expect(fs.statSync(kept).mode & 0o777).toBe(0o600);
    } finally {
      await other.close();
    }
  });
});

(hasTerminal() ? describe : describe.skip)('on a terminal', () => {
  test.each([['y', 0], ['n', 4]])('the answer %s counts', async (key, expectedCode) => {
    writeLogs(logs(), DAYS.map((day) => turnOn(day)));
    const { code, shown } = await onTerminal([process.execPath, CLI, 'replay', '--endpoint', receiver.endpoint], {
      env: { HOME: home },
      answer: (text) => (text.includes('[y/N]') ? `${key}\n` : undefined),
    });
    expect(code).toBe(expectedCode);
    expect(shown).toContain('It would send 3 turns of 3 days, 2026-01-15 to 2026-01-18 (UTC):');
    expect(requests.length > 0).toBe(expectedCode === 0);
    if (expectedCode === 0) expect(shown).toContain('Sent 3 turns of 3 days, 2026-01-15 to 2026-01-18 (UTC) to');
  });
});

describe('what is sent', () => {
  test('cumulative sums end with each day, and begin with the first', async () => {
    const turns = historyOf(DAYS, 30);
    writeLogs(logs(), turns);
    const { code, stdout } = await toReceiver(['--project', 'shop', '--team', 'a b,c']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Sent ${turns.length} turns of 3 days, 2026-01-15 to 2026-01-18 (UTC) to`);
    const times = requests.map(timesIn);
    const start = startOf(DAYS[0]);
    expect(times.filter(([time]) => !time.endsWith('1'))).toEqual(DAYS.map((day) => [`${start} ${endOf(day)}`]));
    // The zeros of new series stand where their day begins.
    expect(times.filter(([time]) => time.endsWith('1')).every(([time]) => DAYS.some((day) => time === `${start} ${startOf(day) + 1}`))).toBe(true);
    expect(differences(expected(turns), totalsOf(receiver.series()))).toEqual([]);
    const [{ resource }] = receiver.series();
    expect(resource).toMatchObject({ 'project.name': 'shop', team: 'a b,c' });
  });

  test('delta sums are those of each day', async () => {
    const turns = historyOf(DAYS, 30);
    writeLogs(logs(), turns);
    expect((await toReceiver([], { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta' })).code).toBe(0);
    expect(requests.map(timesIn)).toEqual(DAYS.map((day, at) => {
      // A series that has begun before goes on from the end of its last day.
      const starts = at === 0 ? [startOf(day)] : [startOf(day), ...DAYS.slice(0, at).map(endOf)];
      return expect.arrayContaining([expect.stringMatching(new RegExp(`^(${starts.join('|')}) ${endOf(day)}$`))]);
    }));
    const all = new Totals();
    for (const request of requests) {
      for (const { name, sum, histogram } of request.resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))) {
        for (const { attributes = [], asInt, asDouble, count, sum: total } of (sum ?? histogram)?.dataPoints ?? []) {
          const values = Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.boolValue]));
          if (sum) all.add(name, values, asDouble ?? Number(asInt));
          else all.observe(name, values, total, Number(count));
        }
      }
    }
    const wanted = expected(turns);
    wanted.gauges = new Map();
    expect(differences(nonZero(wanted), nonZero(all))).toEqual([]);
  });

  test('--now dates everything now', async () => {
    writeLogs(logs(), DAYS.map((day) => turnOn(day)));
    const before = Date.now();
    expect((await toReceiver(['--now'])).code).toBe(0);
    const times = requests.flatMap(timesIn).map((time) => Number(time.split(' ')[1]));
    expect(Math.min(...times)).toBeGreaterThan(before - 10_000);
    expect((await toReceiver()).code).toBe(2);
  });

  test('today is not a whole day, and a time range can be chosen', async () => {
    const today = dayOf(Date.now());
    writeLogs(logs(), [...DAYS, today].map((day) => turnOn(day)));
    const { stdout } = await toReceiver(['--since', '2026-01-16', '--until', '2026-01-17', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ days: ['2026-01-16'], turns: 1, skipped: { later: 2 } });
    expect(JSON.parse((await toReceiver(['--json'])).stdout)).toMatchObject({ days: ['2026-01-15', '2026-01-18'], turns: 2, skipped: { later: 1, sentBefore: 1 } });
  });

  test('unreadable parts do not end it, and are counted', async () => {
    writeLogs(logs(), [{ ...turnOn('2026-01-15', 'a'), parts: { response: responseWith('Bash') } }, turnOn('2026-01-15', 'b'), { line: '{"id":' }]);
    fs.mkdirSync(path.join(logs(), 't-b_res.json'));
    const { code, stdout } = await toReceiver();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Sent, but not counted: malformed 1$/m);
    expect(stdout).toContain('the response of 1 turn, the request of 2');
  });

  test('an index alone can be sent', async () => {
    const file = path.join(project(), 'other.ndjson');
    fs.writeFileSync(file, `${turnOn('2026-01-15').line}\n`);
    expect(await toReceiver([file])).toMatchObject({ code: 0, stdout: expect.stringContaining('Sent 1 turn of 2026-01-15 (UTC)') });
  });
});

describe('a range', () => {
  test('that was sent is refused, unless it is wanted again', async () => {
    writeLogs(logs(), DAYS.map((day) => turnOn(day)));
    expect((await toReceiver()).code).toBe(0);
    const accepted = requests.length;
    const { code, stderr } = await toReceiver();
    expect({ code, stderr }).toEqual({ code: 2, stderr: '3 days of this history were sent to this endpoint before. To count them twice, add --again.\n' });
    expect(requests).toHaveLength(accepted);
    expect((await toReceiver(['--again'])).code).toBe(0);
    expect((await toReceiver(['--project', 'other'])).code).toBe(0);
  });

  test('is the same range, however the endpoint is written', async () => {
    writeLogs(logs(), DAYS.map((day) => turnOn(day)));
    expect((await toReceiver()).code).toBe(0);
    for (const spelling of [`${receiver.endpoint}/`, `${receiver.endpoint}/v1/metrics`, receiver.endpoint.replace('http', 'HTTP')]) {
      expect(await replay(['--endpoint', spelling, '--yes'])).toMatchObject({ code: 2, stderr: expect.stringContaining('sent to this endpoint before') });
    }
  });

  test('is sent once by several processes at a time', async () => {
    writeLogs(logs(), DAYS.map((day) => turnOn(day)));
    const all = await Promise.all([1, 2, 3].map(() => toReceiver()));
    expect(all.filter(({ code }) => code === 0)).toHaveLength(1);
    for (const { stderr } of all.filter(({ code }) => code !== 0)) expect(stderr).toMatch(/^Process \d+ is sending your history already\. Wait until it has ended\.\n$|sent to this endpoint before/);
    expect(filesIn(path.join(home, '.ccxray'))).not.toContain('otel/replay.lock');
    expect(inputTokens(totalsOf(receiver.series()))).toBe(inputTokens(expected(DAYS.map((day) => turnOn(day)))));
  });

  test('is sent after a process that was killed at work', async () => {
    writeLogs(logs(), [turnOn(DAYS[0])]);
    const lock = path.join(home, '.ccxray', 'otel', 'replay.lock');
    fs.mkdirSync(path.dirname(lock));
    fs.writeFileSync(lock, `${2 ** 22 + 1}\n`);
    expect((await toReceiver()).code).toBe(0);
    expect(fs.existsSync(lock)).toBe(false);
  });

  test('has whole days, whatever --since says', async () => {
    const today = Date.now() - (Date.now() % DAY);
    const at = (hour) => ({ line: turn({ id: `t-${hour}`, receivedAt: today - DAY + hour * 3_600_000, elapsed: '1.0' }) });
    writeLogs(logs(), [at(1), at(23)]);
    const hours = Math.ceil((Date.now() - (today - DAY + 12 * 3_600_000)) / 3_600_000);
    expect((await toReceiver(['--since', `${hours}h`])).stdout).toMatch(/^Sent 2 turns /);
    expect(await toReceiver(['--since', new Date(today).toISOString().slice(0, 10)])).toMatchObject({ code: 2, stderr: expect.stringContaining('(2 turns before the first day)') });
  });

  test('has the turns that began on the day before', async () => {
    writeLogs(logs(), [{ line: turn({ id: 't-over', receivedAt: startOf(DAYS[1]) - 1000, elapsed: '5.0' }) }, turnOn(DAYS[1])]);
    expect((await toReceiver(['--since', DAYS[1]])).stdout).toMatch(/^Sent 2 turns of 2026-01-16 /);
  });

  test('that was interrupted is continued', async () => {
    const turns = historyOf(DAYS, 12);
    writeLogs(logs(), turns);
    answer = (request) => {
      if (timesIn(request).some((time) => time.endsWith(` ${endOf(DAYS[1])}`))) throw new Error('not today');
    };
    const { code, stderr } = await toReceiver();
    expect(code).toBe(5);
    expect(stderr).toContain('2026-01-16 was not delivered: the backend answered HTTP 503. Earlier days were. To continue, run the same command again.');
    answer = () => {};
    expect(JSON.parse((await toReceiver(['--json'])).stdout)).toMatchObject({ days: DAYS.slice(1) });
    expect(inputTokens(totalsOf(receiver.series()))).toBe(inputTokens(expected(turns)));
  });

  test.each([
    [[], '--endpoint is missing. See: ccxray-otel replay --help\n'],
    [['--endpoint', 'http://127.0.0.1:9', '--until', '7d'], '--until: "7d" is not a date. Use one such as 2026-11-01. See: ccxray-otel replay --help\n'],
    [['--endpoint', 'http://127.0.0.1:9', '--since', 'x'], '--since: "x" is not a time. Use 7d, 12h, 30m or a date such as 2026-11-01. See: ccxray-otel replay --help\n'],
  ])('%j is wrong usage', async (argv, stderr) => {
    expect(await replay(argv)).toMatchObject({ code: 2, stdout: '', stderr });
  });

  test('without turns there is nothing to send', async () => {
    writeLogs(logs(), [{ line: turn({ receivedAt: null }) }]);
    expect(await toReceiver()).toMatchObject({ code: 2, stderr: `There is nothing to send in ${logs()} (1 turn without a time).\n` });
    expect(await replay(['none', '--endpoint', receiver.endpoint])).toMatchObject({ code: 2, stderr: expect.stringMatching(/none does not exist\. See: ccxray-otel replay --help\n$/) });
    expect(await replay(['--endpoint', 'ftp://x', '--yes'])).toMatchObject({ code: 1, stderr: expect.stringContaining('http://') });
  });
});

describe('the day of a turn', () => {
  test('never goes back, and is never in the future', () => {
    const now = startOf('2026-06-01');
    const time = fc.option(fc.integer({ min: -DAY, max: now + 10 * DAY }), { nil: undefined });
    fc.assert(fc.property(fc.array(time), (times) => {
      const days = daysOf(times.map((endMs) => ({ endMs })), now);
      expect(days).toHaveLength(times.length);
      for (const [i, day] of days.entries()) {
        if (day === undefined) continue;
        expect(day <= dayOf(now)).toBe(true);
        if (i > 0 && days[i - 1] !== undefined) expect(day >= days[i - 1]).toBe(true);
        expect(times.slice(0, i + 1).some((each) => each !== undefined && dayOf(Math.max(0, each)) === day)).toBe(true);
      }
    }));
  });
});

describe('the record of sent days', () => {
  test('is kept for each endpoint and project', () => {
    const place = newDirectory();
    const days = new SentDays(place, 'https://a.example', 'shop');
    days.add(['2026-01-15']);
    // Another process that has started before.
    const other = new SentDays(place, 'https://b.example', 'shop');
    new SentDays(place, 'https://a.example', 'shop').add(['2026-01-17']);
    other.add(['2026-01-16']);
    days.add(['2026-01-18']);
    const has = (endpoint, name) => DAYS.concat('2026-01-17').filter((day) => new SentDays(place, endpoint, name).has(day));
    expect(has('https://a.example', 'shop')).toEqual(['2026-01-15', '2026-01-18', '2026-01-17']);
    expect(has('https://b.example', 'shop')).toEqual(['2026-01-16']);
    expect(has('https://a.example', 'other')).toEqual([]);
    fs.rmSync(place, { recursive: true });
  });

  test.each(['{', '[]', '{"a":1}', '{"a":["x"]}', 'null'])('that is damaged is an error: %s', (text) => {
    const place = newDirectory();
    fs.mkdirSync(path.join(place, 'otel'));
    fs.writeFileSync(path.join(place, 'otel', 'replayed.json'), text);
    expect(() => new SentDays(place, 'https://a.example', '')).toThrow(/replayed\.json is damaged, so it is unknown which days were sent\. Delete it to send all of them\. Those that were sent are counted twice then\.$/);
    fs.rmSync(place, { recursive: true });
  });
});
