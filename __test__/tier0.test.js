'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { startReceiver } = require('../demo/receiver');
const { run } = require('./support/child-run');
const { projects } = require('./support/surface-project');
const { callsIn, isTraceable, strace } = require('./support/surface-strace');

jest.setTimeout(30_000);

const { home, homeWith, project } = projects();
const TRACEABLE = process.platform === 'linux' && isTraceable();
/** Longer than the first export takes to come, where there is one: two seconds. */
const LINGER_MS = 2300;

let receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});

afterAll(() => receiver.close());

/** Why the telemetry is off: the project, another one in the same process, the environment, and what the status says. */
const rows = [
  ['nobody switched it on', () => ({}), { decidedBy: 'default' }],
  ['only an endpoint is known', () => ({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint } }), { decidedBy: 'default' }],
  ['OTEL_SDK_DISABLED=true', () => ({ config: on(), other: on(), env: { OTEL_SDK_DISABLED: 'true' } }), { reason: expect.stringContaining('OTEL_SDK_DISABLED') }],
  ['DO_NOT_TRACK=1', () => ({ config: on(), other: on(), env: { DO_NOT_TRACK: '1' } }), { reason: expect.stringContaining('DO_NOT_TRACK') }],
  ['DO_NOT_TRACK=1 over a config that is broken', () => ({ config: '{', env: { DO_NOT_TRACK: '1' } }), {}],
  ['CCXRAY_OTEL_TIER=0', () => ({ config: on(), other: on(), env: { CCXRAY_OTEL_TIER: '0' } }), { decidedBy: 'CCXRAY_OTEL_TIER' }],
  ['the project says tier 0', () => ({ config: { ...on(), tier: 0 }, env: { CCXRAY_OTEL_TIER: '1' } }), { decidedBy: 'project file' }],
  ['the project says not enabled', () => ({ config: { ...on(), enabled: false } }), { decidedBy: 'project file' }],
  ['the engineer says tier 0', () => ({ config: on(), HOME: homeWith({ tier: 0 }) }), { decidedBy: 'personal file' }],
  ['the project is not trusted', () => ({ config: { ...on(), endpoint: 'http://192.0.2.1:4318' } }), { reason: expect.stringMatching(/^untrusted\b/) }],
];

/** What a project says that wants it on. */
function on() {
  return { enabled: true, tier: 1, endpoint: receiver.endpoint, interval_seconds: 1 };
}

/** Runs the child in a project of its own; what it saw, and where its system calls are. */
async function watch(subject, { config, other, env = {}, HOME = home }, lingerMs = 0) {
  const cwd = project(config);
  const own = { HOME, LINGER_MS: String(lingerMs), OTHER_PROJECT: other ? project(other) : cwd };
  const trace = path.join(project(), 'trace');
  const under = TRACEABLE ? strace(trace) : [];
  const { code, stdout, stderr, timedOut } = await run('child-tier0.js', [subject], { cwd, env: { ...env, ...own }, under });
  expect({ code, stderr, timedOut }).toEqual({ code: 0, stderr: '', timedOut: false });
  return { ...JSON.parse(stdout), calls: TRACEABLE ? callsIn(trace) : undefined, left: fs.readdirSync(cwd) };
}

(process.platform === 'linux' ? describe : describe.skip)(`a thousand turns leave no trace (seen ${TRACEABLE ? 'by strace and ' : ''}in /proc) when`, () => {
  test.each(rows)('%s', async (_, setting, says) => {
    const { before, after, taken, status, preview, calls, left } = await watch('addon', setting());
    expect(status).toMatchObject({ state: 'disabled', tier: 0, entries: { accepted: 0, rejected: 1000 }, ...says });
    expect({ taken, preview: JSON.parse(preview) }).toEqual({ taken: 0, preview: { resourceMetrics: [] } });
    expect(after.threads.filter((name) => name.startsWith('ccxray'))).toEqual([]);
    expect(after).toEqual(before);
    if (calls) expect(calls.marked).toEqual({ sockets: [], writes: [], threads: [] });
    expect(left).toEqual(left.filter((name) => name === '.ccxray.json'));
    expect(receiver.requests).toEqual({ accepted: 0, refused: 0 });
  });

  test('and some time has passed', async () => {
    const { before, after, calls } = await watch('addon', {}, LINGER_MS);
    expect(after).toEqual(before);
    if (calls) expect(calls.marked).toEqual({ sockets: [], writes: [], threads: [] });
  });

  (TRACEABLE ? test : test.skip)('and the whole process does no more than one without the addon', async () => {
    const [subject, control] = await Promise.all([watch('addon', {}), watch('control', {})]);
    expect(countsOf(subject.calls.all)).toEqual(countsOf(control.calls.all));
    expect(subject.before.threads).toEqual(control.before.threads);
  });
});

(process.platform === 'linux' ? test : test.skip)('these tests would see it if it were on', async () => {
  const { after, calls } = await watch('addon', { config: on() }, 100);
  expect(after.threads).toEqual(expect.arrayContaining(['ccxray-export', 'ccxray-worker']));
  expect(after.files.some((file) => file.startsWith('socket:'))).toBe(true);
  if (!calls) return;
  expect(calls.marked.threads.length).toBeGreaterThanOrEqual(2);
  expect(calls.marked.sockets.length).toBeGreaterThan(0);
});

function countsOf({ sockets, writes, threads }) {
  return { sockets: sockets.length, writes: writes.length, threads: threads.length };
}
