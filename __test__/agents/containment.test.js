'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { contained, obstacle } = require('../../testkit/agents/containment');
const { cacheFolder } = require('../../testkit/agents/install');

const INSIDE = path.join(__dirname, '../../testkit/children/contained.js');
const OBSTACLE = obstacle();

if (OBSTACLE !== undefined) process.stderr.write(`containment.test.js is skipped: ${OBSTACLE}\n`);

(OBSTACLE === undefined ? describe : describe.skip)('within the namespaces', () => {
  let scratch;
  let needed;
  let seen;

  beforeAll(async () => {
    const parent = path.join(cacheFolder(), 'scratch');
    fs.mkdirSync(parent, { recursive: true });
    scratch = fs.mkdtempSync(path.join(parent, 'test-'));
    needed = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-needed-'));
    fs.writeFileSync(path.join(needed, 'visible'), '');
    const files = [path.join(scratch, 'a'), '/tmp/a', path.join(os.homedir(), 'a'), path.join(__dirname, 'a'), '/etc/a', path.join(needed, 'a')];
    seen = await inside([scratch, needed, ...files]);
  });

  afterAll(() => {
    for (const folder of [scratch, needed]) fs.rmSync(folder, { recursive: true, force: true });
  });

  test('only the scratch folder and the private directories can be written', () => {
    expect(seen.written).toEqual(['written', 'written', 'EROFS', 'EROFS', 'EROFS', 'EROFS']);
  });

  test('what is written in a private directory is gone afterwards', () => {
    expect(fs.existsSync('/tmp/a')).toBe(false);
    expect(fs.existsSync(path.join(scratch, 'a'))).toBe(true);
  });

  test('only the loopback interface can be reached', () => {
    expect([seen.loopback, seen.outside]).toEqual(['connected', 'ENETUNREACH']);
  });

  test('no other process is seen', () => {
    expect(seen.processes).toBe(1);
  });

  test('a client cannot make the file system writable again', () => {
    expect(seen.remounted).toBeGreaterThan(0);
  });

  test('a directory that is needed stays visible', () => {
    expect(seen.needed).toEqual(['visible']);
  });
});

/** What the script in the namespaces prints. */
async function inside(args) {
  const child = contained(INSIDE, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (text) => { output[name] += text; });
  await new Promise((resolve) => { child.on('close', resolve); });
  if (output.stdout === '') throw new Error(output.stderr);
  return JSON.parse(output.stdout);
}
