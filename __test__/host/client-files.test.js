'use strict';

const fs = require('node:fs');
const path = require('node:path');
const files = require('../../host/client-files');
const { isRunning, startOf } = require('../../host/process-start');
const { describe: described, environmentOf, withoutChoices } = require('../../host/variables');
const { hostLab, switchedOn } = require('../../testkit/host/lab');

const { client, project } = hostLab();
const onlyUnix = process.platform === 'win32' ? test.skip : test;
const SECRET = 'correct-horse-battery-staple';

describe('the file of a client', () => {
  const env = { ...switchedOn('http://127.0.0.1:9'), OTEL_EXPORTER_OTLP_HEADERS: `authorization=${SECRET}`, SHOP_TOKEN: SECRET };

  onlyUnix('is for its user only, and says what the launch says, without secrets', async () => {
    const home = project();
    const running = await client({ home, env });
    const file = path.join(directoryIn(home), `${running.pid}.json`);
    expect([fs.statSync(file).mode & 0o777, fs.statSync(directoryIn(home)).mode & 0o777]).toEqual([0o600, 0o700]);
    const text = fs.readFileSync(file, 'utf8');
    expect(text).not.toContain(SECRET);
    expect(JSON.parse(text)).toMatchObject({
      pid: running.pid, cwd: home, tier: 1, variables: { HOME: home, CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' },
    });
    expect(Object.keys(JSON.parse(text).digests)).toEqual(expect.arrayContaining(['OTEL_EXPORTER_OTLP_HEADERS', 'SHOP_TOKEN']));
  });

  test('is removed when the client ends, or by the next client', async () => {
    const home = project();
    const [left, killed] = [await client({ home, env }), await client({ home, env })];
    expect(files.list(directoryIn(home))).toHaveLength(2);
    await left.leave();
    await killed.kill();
    expect(files.list(directoryIn(home))).toEqual([killed.pid]);
    const next = await client({ home, env });
    expect(files.list(directoryIn(home))).toEqual([next.pid]);
  });

  test('is not written if nobody asks for telemetry', async () => {
    const home = project();
    const running = await client({ home });
    expect([fs.existsSync(directoryIn(home)), running.stderr()]).toEqual([false, '']);
  });

  test('that cannot be written is reported', async () => {
    const home = project();
    fs.mkdirSync(path.join(home, '.ccxray'));
    fs.writeFileSync(path.join(home, '.ccxray/otel'), '');
    const running = await client({ home, env });
    expect(running.stderr()).toMatch(/^ccxray-otel: this client's settings do not reach the hub, which counts nothing of it: .*\n$/);
  });
});

describe('a file is not believed', () => {
  const launch = { cwd: '/srv', tier: 1, variables: {}, salt: 's', digests: {} };

  test.each([
    ['of another process', (file) => fs.renameSync(file, path.join(path.dirname(file), '77.json')), 77],
    ['malformed', (file) => fs.writeFileSync(file, '{'), 42],
    ['of another version', (file) => fs.writeFileSync(file, JSON.stringify({ ...launch, version: 2, pid: 42 })), 42],
    ['without a tier', (file) => fs.writeFileSync(file, JSON.stringify({ ...launch, version: 1, pid: 42, tier: 3 })), 42],
    ['too large', (file) => fs.writeFileSync(file, ' '.repeat(65 << 10) + fs.readFileSync(file, 'utf8')), 42],
  ])('that is %s', (_, change, pid) => {
    const directory = directoryIn(project());
    files.write(directory, 42, launch);
    expect(files.read(directory, 42).launch).toMatchObject(launch);
    change(path.join(directory, '42.json'));
    expect(files.read(directory, pid)).toBeUndefined();
  });

  onlyUnix('that others can write, or that is a link', () => {
    const directory = directoryIn(project());
    files.write(directory, 42, launch);
    files.write(directory, 43, { ...launch });
    fs.chmodSync(path.join(directory, '42.json'), 0o622);
    fs.renameSync(path.join(directory, '43.json'), path.join(directory, 'elsewhere'));
    fs.symlinkSync('elsewhere', path.join(directory, '43.json'));
    expect([files.read(directory, 42), files.read(directory, 43)]).toEqual([undefined, undefined]);
    files.write(directory, 44, launch);
    fs.chmodSync(directory, 0o777);
    expect(files.read(directory, 44)).toBeUndefined();
    expect(() => files.write(directory, 45, launch)).toThrow('others can write to it');
  });

  test('that belongs to an earlier process with the same number', () => {
    expect(isRunning(process.pid, startOf(process.pid))).toBe(true);
    expect(isRunning(process.pid, '1')).toBe(false);
  });
});

describe('of an environment', () => {
  const env = { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_HEADERS: `a=${SECRET}`, TOKEN: SECRET, EMPTY: '' };

  test('a hub knows what its client tells, and what both have', () => {
    const told = described(env);
    expect(JSON.stringify(told)).not.toContain(SECRET);
    expect(environmentOf(told, { TOKEN: SECRET, CCXRAY_OTEL_TIER: '0', OTHER: 'x' })).toEqual({
      env: { CCXRAY_OTEL_TIER: '1', TOKEN: SECRET }, withheld: ['OTEL_EXPORTER_OTLP_HEADERS'],
    });
    expect(described(env).digests.TOKEN).not.toBe(told.digests.TOKEN);
  });

  test.each([
    ['http://127.0.0.1:4318', true],
    ['https://otlp.example.com/api/v1/otlp', true],
    ['https://user:word@example.com', false],
    ['https://example.com/?token=x', false],
    ['https://example.com/0123456789abcdef0123', false],
    ['not a URL', false],
  ])('an endpoint is told if it contains no secret: %s', (url, isTold) => {
    expect('OTEL_EXPORTER_OTLP_ENDPOINT' in described({ OTEL_EXPORTER_OTLP_ENDPOINT: url }).variables).toBe(isTold);
  });

  test.each([
    ['OTEL_METRICS_EXPORTER', 'console,otlp', true],
    ['OTEL_METRICS_EXPORTER', 'otlp,hunter2', false],
    ['OTEL_METRIC_EXPORT_TIMEOUT', '3000', true],
    ['OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION', 'base2_exponential_bucket_histogram', true],
    ['OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION', 'a_word_that_may_be_a_secret', false],
  ])('a setting is told if its value is one of a few: %s=%s', (name, value, isTold) => {
    expect(name in described({ [name]: value }).variables).toBe(isTold);
  });

  test('the names of very many variables are left out', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`VARIABLE_${i}`, 'x']));
    expect(JSON.stringify(described({ ...many, OTEL_A: 'x' })).length).toBeLessThan(64 << 10);
    expect(described({ ...many, OTEL_A: 'x' }).digests).toHaveProperty('OTEL_A');
  });

  test('a hub keeps no choice of the launch that started it, except for what turns telemetry off', () => {
    const all = { HOME: '/h', TOKEN: 'x', CCXRAY_OTEL_TIER: '1', CCXRAY_OTEL_TRUST: '1', CCXRAY_OTEL_IDENTITY: 'm', OTEL_RESOURCE_ATTRIBUTES: 'team=x' };
    expect(withoutChoices(all)).toEqual({ HOME: '/h', TOKEN: 'x' });
    const off = { DO_NOT_TRACK: '1', OTEL_SDK_DISABLED: 'true', OTEL_METRICS_EXPORTER: 'console, none', CCXRAY_OTEL_TIER: '0' };
    expect(withoutChoices(off)).toEqual(off);
  });
});

function directoryIn(home) {
  return path.join(home, '.ccxray', 'otel', 'clients');
}
