'use strict';

const fs = require('node:fs');
const path = require('node:path');

const addon = require('../..');
const clock = require('../../testkit/faults/clock-shift');
const { decodeRequest, encodeRequest } = require('../../testkit/otlp/messages');
const { readPending } = require('../../testkit/pending/file');
const { run } = require('../../testkit/process/run');
const { startReceiver } = require('../../testkit/receiver/receiver');
const { projects } = require('../../testkit/scratch/projects');

const { project, homeWith } = projects();
const withClock = clock.isAvailable() ? describe : describe.skip;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TOKENS = 10;

let receiver;
let requests;

beforeEach(async () => {
  requests = [];
  receiver = await startReceiver({ onRequest: (request) => requests.push(request) });
});

afterEach(() => receiver.close());

describe.each([['hour', HOUR_MS], ['day', DAY_MS]])('at the resolution of one %s', (resolution, lengthMs) => {
  test('a process sends nothing when it starts, flushes or ends, and everything is in a file', async () => {
    const options = optionsFor({ resolution });
    expect(await turns(options, 3)).toMatchObject({ isDelivered: true, dropped: { shutdown: 0 } });
    expect(requests).toEqual([]);
    const [file, ...others] = addon.pending(options);
    expect(others).toEqual([]);
    expect(file).toMatchObject({ project: 'shop', resolution, isRunning: false });
    expect(file.periodEndMs % lengthMs).toBe(0);
    expect(file.periodEndMs - Date.now()).toBeLessThanOrEqual(lengthMs);
  });

  test.each(['cumulative', 'delta'])('the file has what the preview shows, with %s sums', async (temporality) => {
    const options = optionsFor({ resolution, temporality });
    addon.init(options);
    record();
    const preview = JSON.parse(addon.preview());
    expect(await addon.flush()).toBe(true);
    const directory = path.join(options.env.CCXRAY_HOME, 'otel', 'pending');
    const name = fs.readdirSync(directory).find((file) => file.endsWith('.otlp'));
    const { requests: [stored] } = readPending(fs.readFileSync(path.join(directory, name)));
    // With all times: they are those of the period.
    expect(stored).toEqual(decodeRequest(encodeRequest(preview)));
    await addon.shutdown();
    expect(requests).toEqual([]);
  });

  test('what was recorded before an approval is revoked is not sent, not even by the process that has recorded it', async () => {
    const options = optionsFor({ resolution });
    addon.init(options);
    record();
    expect(await addon.flush()).toBe(true);
    expect(addon.pending(options)).toHaveLength(1);
    addon.untrust(options.cwd, options);
    record();
    expect(await addon.flush()).toBe(true);
    await addon.shutdown();
    expect(addon.pending(options)).toEqual([]);
    expect(requests).toEqual([]);
  });

  test('a killed process loses half a minute at most', async () => {
    const options = optionsFor({ resolution });
    expect(await turns(options, 3, 'kill')).toMatchObject({ signal: 'SIGKILL' });
    expect(addon.pending(options)).toHaveLength(1);
    expect(requests).toEqual([]);
  });

  test('status says when the next request can be sent', async () => {
    const options = optionsFor({ resolution });
    const { nextRequest, resolution: shown } = addon.inspect(options);
    expect(shown).toBe(resolution);
    expect(nextRequest.fromMs % HOUR_MS).toBe(0);
    expect(nextRequest.fromMs).toBeGreaterThan(Date.now());
    expect(nextRequest.toMs - nextRequest.fromMs).toBeLessThanOrEqual(600_000);
  });
});

withClock('when the hour has ended', () => {
  test.each(['cumulative', 'delta'])('the %s sums of several processes are sent as one stream on request, with no time but the hour', async (temporality) => {
    const options = optionsFor({ resolution: 'hour', temporality });
    for (let process = 0; process < 3; process += 1) await turns(options, 2);
    expect(addon.pending(options)).toHaveLength(3);
    expect(await flush(options)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Nothing can be sent now: /) });
    expect(requests).toEqual([]);
    const shift = clock.clockShift();
    try {
      shift.set(HOUR_MS / 1000);
      expect(await flush(options, shift.env)).toMatchObject({ stderr: '', code: 0, stdout: 'Delivered: 3 of 3\n' });
    } finally {
      shift.remove();
    }
    const { sums, instances, times } = received();
    expect(sums.at(-1)).toBe(6 * TOKENS);
    expect(instances.size).toBe(1);
    // A cumulative series begins at zero, a millisecond before.
    for (const time of times) expect([0, HOUR_MS - 1]).toContain(time % HOUR_MS);
    expect(addon.pending(options)).toEqual([]);
  }, 60_000);

  test('sums of one hour are not sent by a project that now asks for a day', async () => {
    const options = optionsFor({ resolution: 'minute', endpoint: 'http://127.0.0.1:9' });
    await turns(options, 2);
    expect(addon.pending(options)).toHaveLength(1);
    fs.writeFileSync(path.join(options.cwd, '.ccxray.json'), JSON.stringify({ otel: { ...settings(), resolution: 'day', endpoint: 'http://127.0.0.1:9' } }));
    await flush(options);
    expect(addon.pending(options)).toEqual([]);
  }, 60_000);
});

function settings() {
  return { tier: 1, endpoint: receiver.endpoint, project: 'shop' };
}

function optionsFor(otel) {
  const home = homeWith({ tier: 1 });
  const cwd = project({ ...settings(), ...otel });
  return { cwd, home, env: { HOME: home, CCXRAY_HOME: path.join(home, '.ccxray'), CCXRAY_OTEL_TRUST: '1', CCXRAY_OTEL_NOTICE: '0' } };
}

/** Records a turn in this process. */
function record() {
  addon.record(JSON.stringify({ id: '1', provider: 'anthropic', model: 'claude-haiku-4-5', sessionId: 's', isSubagent: false, usage: { input_tokens: TOKENS } }));
}

/** A process that records turns and ends. */
async function turns(options, count, end = '') {
  const { stdout, ...ended } = await run('children/pending.js', [options, count, end].map((argument) => JSON.stringify(argument)));
  return { ...ended, ...stdout === '' ? {} : JSON.parse(stdout) };
}

function flush({ cwd, env }, more = {}) {
  return run('../cli.js', ['flush', '--timeout', '5'], { cwd, env: { ...env, ...more } });
}

const pointsOf = ({ sum, gauge, histogram }) => (sum ?? gauge ?? histogram).dataPoints;

/** What has arrived of the input tokens, and the ids and times of all points, in milliseconds. */
function received() {
  const resources = requests.flatMap(({ resourceMetrics }) => resourceMetrics);
  const instances = resources.map(({ resource }) => resource.attributes.find(({ key }) => key === 'service.instance.id').value.stringValue);
  const metrics = resources.flatMap(({ scopeMetrics }) => scopeMetrics).flatMap((scope) => scope.metrics);
  const tokens = metrics.filter(({ name }) => name === 'ccxray.tokens.input_total').flatMap(pointsOf);
  return {
    sums: tokens.map(({ asInt }) => Number(asInt)),
    instances: new Set(instances),
    times: metrics.flatMap(pointsOf).map(({ timeUnixNano }) => Number(BigInt(timeUnixNano) / 1_000_000n)),
  };
}
