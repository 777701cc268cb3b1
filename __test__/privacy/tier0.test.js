'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { startReceiver } = require('../../testkit/receiver/receiver');
const addon = require('../..');
const { run } = require('../../testkit/process/run');
const { asks, BASIS, nothing, on, reads, untrusted } = require('../../testkit/notice');
const { projects } = require('../../testkit/scratch/projects');
const { callsIn, isTraceable, strace } = require('../../testkit/process/strace');

jest.setTimeout(30_000);

const { home, homeWith, project } = projects();
const TRACEABLE = process.platform === 'linux' && isTraceable();
/** Longer than the two seconds after which the first export would come. */
const LINGER_MS = 2300;
/** An endpoint on another machine, which does not exist. */
const ELSEWHERE = 'http://192.0.2.1:4318';
const SECRET = 'Wj4lrXUtnFEMIbPxRfiCYzEK';

/** Exports every second. */
const FAST = { OTEL_METRIC_EXPORT_INTERVAL: '1000' };

let receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});

afterAll(() => receiver.close());

/** Why telemetry is off: the config of the project and of another project, the environment, and the expected status. */
const rows = [
  ['no config turns it on', () => ({}), { decidedBy: 'default' }],
  ['only an endpoint is known', () => ({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint } }), { decidedBy: 'default' }],
  ['OTEL_SDK_DISABLED=true', () => ({ config: wanted(), other: wanted(), env: { OTEL_SDK_DISABLED: 'true' } }), { reason: expect.stringContaining('OTEL_SDK_DISABLED') }],
  ['DO_NOT_TRACK=1', () => ({ config: wanted(), other: wanted(), env: { DO_NOT_TRACK: '1' } }), { reason: expect.stringContaining('DO_NOT_TRACK') }],
  ['DO_NOT_TRACK=1 with a broken config', () => ({ config: '{', env: { DO_NOT_TRACK: '1' } }), {}],
  ['DO_NOT_TRACK=1 with an unapproved project', () => ({ config: { ...wanted(), endpoint: ELSEWHERE }, env: { DO_NOT_TRACK: '1' } }), {}],
  ['CCXRAY_OTEL_TIER=0', () => ({ config: wanted(), other: wanted(), env: { CCXRAY_OTEL_TIER: '0' } }), { decidedBy: 'CCXRAY_OTEL_TIER' }],
  ['the project sets tier 0', () => ({ config: { ...wanted(), tier: 0 }, env: { CCXRAY_OTEL_TIER: '1' } }), { decidedBy: 'project file' }],
  ['the project is not enabled', () => ({ config: { ...wanted(), enabled: false } }), { decidedBy: 'project file' }],
  ['the user sets tier 0', () => ({ config: wanted(), HOME: homeWith({ tier: 0 }) }), { decidedBy: 'personal file' }],
  ['the user sets tier 0, and has approved the project before', () => allowedBefore({ ...wanted(), endpoint: ELSEWHERE }), { decidedBy: 'personal file' }],
  ['the user sets tier 0 for a project that asks for a secret', () => ({ ...hostile(), HOME: homeWith({ tier: 0 }) }), { decidedBy: 'personal file' }],
];

/** The same for projects that are not approved: their terms, and the file with the terms. */
const untrustedRows = [
  ['the project is not approved', () => ({ config: { ...wanted(), endpoint: ELSEWHERE } }), asks(ELSEWHERE), '.ccxray.json'],
  ['the project asks for a secret', hostile,
    asks('"https://192.0.2.1/${AWS_SECRET_ACCESS_KEY}?${AWS_SECRET_ACCESS_KEY}"', [
      'With the headers: "authorization=Bearer ${AWS_SECRET_ACCESS_KEY}"',
      reads('AWS_SECRET_ACCESS_KEY', 'as a part of this address'),
      reads('AWS_SECRET_ACCESS_KEY', 'and send it there in the header "authorization"'),
      reads('AWS_SECRET_ACCESS_KEY', 'and send it there as "project.name"'),
    ], 2), '.ccxray.json'],
  ['a personal file is part of the project', () => ({ beside: { tier: 1 }, env: { OTEL_EXPORTER_OTLP_ENDPOINT: ELSEWHERE } }),
    asks(`OTEL_EXPORTER_OTLP_ENDPOINT=${ELSEWHERE}/v1/metrics`), '.ccxray.user.json'],
  ['a personal file in a repository would have to be looked up in its index', () => inRepository({ ...wanted(), endpoint: ELSEWHERE }, { tier: 2, identity: 'ann' }),
    asks(ELSEWHERE, ['It will use these settings of .ccxray.user.json: tier=2, identity=ann']), '.ccxray.json'],
];

/** The config of a project that turns telemetry on. */
function wanted() {
  return { enabled: true, tier: 1, endpoint: receiver.endpoint };
}

/** A hostile project that puts variables into every field. */
function hostile() {
  const variable = '${AWS_SECRET_ACCESS_KEY}';
  const config = { enabled: true, tier: 2, endpoint: `https://192.0.2.1/${variable}?${variable}`, headers: { authorization: `Bearer ${variable}` }, project: variable };
  return { config, env: { AWS_SECRET_ACCESS_KEY: SECRET } };
}

/** A project in a git repository. */
function inRepository(config, beside) {
  const cwd = project(config);
  fs.mkdirSync(path.join(cwd, '.git'));
  return { cwd, beside };
}

/** A project that was approved before the user set tier 0. */
function allowedBefore(config) {
  const HOME = homeWith({});
  const cwd = project(config);
  expect(addon.trust(cwd, { home: HOME, env: {} }).file).toBe(path.join(HOME, '.ccxray', 'otel-trust.json'));
  fs.writeFileSync(path.join(HOME, '.ccxray.user.json'), JSON.stringify({ otel: { tier: 0 } }));
  return { cwd, HOME };
}

/** Runs the child in a new project, and returns its output, its files and its system calls. */
async function watch(subject, { config, beside, cwd = project(config), other, env = {}, HOME = home }, lingerMs = 0) {
  if (beside) fs.writeFileSync(path.join(cwd, '.ccxray.user.json'), JSON.stringify({ otel: beside }));
  const own = { HOME, LINGER_MS: String(lingerMs), OTHER_PROJECT: other ? project(other) : cwd };
  const trace = path.join(project(), 'trace');
  const under = TRACEABLE ? strace(trace) : [];
  const there = () => [cwd, HOME].flatMap((directory) => fs.readdirSync(directory, { recursive: true }).map((name) => path.join(directory, name)));
  const found = new Set(there());
  const { code, stdout, stderr, timedOut } = await run('children/tier0.js', [subject], { cwd, env: { ...FAST, ...env, ...own }, under });
  expect({ code, timedOut }).toEqual({ code: 0, timedOut: false });
  const left = there().filter((file) => !found.has(file)).map((file) => path.basename(file));
  const calls = TRACEABLE ? callsIn(trace) : undefined;
  for (const text of [stdout, stderr, TRACEABLE ? fs.readFileSync(trace, 'utf8') : '']) expect(text).not.toContain(SECRET);
  return { ...JSON.parse(stdout), stderr, calls, cwd, left };
}

/** Checks that telemetry is off and has no effect except for `line`. */
function expectNothingBut(line, { before, after, accepted, status, preview, stderr, calls, left }) {
  expect(stderr).toBe(line);
  expect(left).toEqual([]);
  expect(status).toMatchObject({ state: 'disabled', tier: 0, entries: { accepted: 0, rejected: 1000 } });
  expect({ accepted, preview: JSON.parse(preview) }).toEqual({ accepted: 0, preview: { resourceMetrics: [] } });
  expect(after.threads.filter((name) => name.startsWith('ccxray'))).toEqual([]);
  expect(after).toEqual(before);
  expect(receiver.requests).toEqual({ accepted: 0, rejected: 0 });
  if (!calls) return;
  const output = line === '' ? [] : [`write(2, ${JSON.stringify(line)}, ${line.length}`];
  expect({ ...calls.marked, output: calls.marked.output.map(intent) }).toEqual({ sockets: [], writes: [], threads: [], output });
}

/** A system call without the name of its file and its result, which a call of another thread may interrupt. */
function intent(call) {
  return call.replace(/<[^>]*>/, '').replace(/\)? +(= \d+|<unfinished \.\.\.>)$/, '');
}

(process.platform === 'linux' ? describe : describe.skip)(`a thousand turns have no effect (checked ${TRACEABLE ? 'by strace and ' : ''}in /proc)`, () => {
  test.each(rows)('if %s', async (_, setting, expected) => {
    const seen = await watch('addon', setting());
    expectNothingBut('', seen);
    expect(seen.status).toMatchObject(expected);
  });

  test.each(untrustedRows)('except for one line if %s', async (_, setting, asked, file) => {
    const seen = await watch('addon', setting());
    const reason = untrusted(seen.cwd, asked, file);
    expectNothingBut(nothing(reason), seen);
    const tier = { name: 'tier', value: String(asked.tier), source: path.join(seen.cwd, file) };
    expect(seen.status).toMatchObject({ reason, warnings: [], settings: expect.arrayContaining([tier]) });
    expect(seen.status.settings.filter(({ name }) => name !== 'tier')).toEqual([]);
  });

  test.each([
    ['no config turns it on', () => ({}), () => ''],
    ['the project asks for a secret', hostile, (cwd) => nothing(untrusted(cwd, untrustedRows[1][2]))],
  ])('nor do they some time later when %s', async (_, setting, line) => {
    const seen = await watch('addon', setting(), LINGER_MS);
    expectNothingBut(line(seen.cwd), seen);
  });

  (TRACEABLE ? test : test.skip)('compared with a process without the addon', async () => {
    const [subject, control] = await Promise.all([watch('addon', {}), watch('control', {})]);
    expect(countsOf(subject.calls.all)).toEqual(countsOf(control.calls.all));
    expect(subject.before.threads).toEqual(control.before.threads);
  });
});

(process.platform === 'linux' ? test : test.skip)('the checks detect telemetry that is on', async () => {
  const { after, stderr, calls, left } = await watch('addon', { config: wanted() }, 100);
  expect(left).toContain('otel.log');
  expect(stderr).toBe(on(receiver.endpoint, BASIS.loopback));
  expect(after.threads).toEqual(expect.arrayContaining(['ccxray-export', 'ccxray-worker']));
  expect(after.files.some((file) => file.startsWith('socket:'))).toBe(true);
  if (!calls) return;
  expect(calls.marked.threads.length).toBeGreaterThanOrEqual(2);
  expect(calls.marked.sockets.length).toBeGreaterThan(0);
  expect(calls.marked.output).toContainEqual(expect.stringMatching(/^write\(2</));
});

function countsOf({ sockets, writes, threads, output }) {
  return { sockets: sockets.length, writes: writes.length, threads: threads.length, output: output.length };
}
