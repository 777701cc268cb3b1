'use strict';

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { turn } = require('../../testkit/entries/turn');
const { startReceiver } = require('../../testkit/receiver/receiver');
const { gitIndex } = require('../../testkit/scratch/git-index');
const { projects } = require('../../testkit/scratch/projects');

jest.setTimeout(60_000);

const ADDON = path.join(__dirname, '..', '..');
const ENTRY = turn();
const DEAD = 'http://127.0.0.1:9';
const OWN = { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: DEAD };
/** An index of this size takes some tenths of a second in a debug build. */
const FILES_IN_INDEX = 400_000;

const { project, home } = projects();

/** Functions that the scripts use. */
const COMMON = `const addon = require(${JSON.stringify(ADDON)}); const ENTRY = ${JSON.stringify(ENTRY)};
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const settled = async () => { while (addon.status().entries.queued > 0) await sleep(5); return addon.status().entries; };
  const print = (it) => { require('fs').writeSync(1, JSON.stringify(it)); process.exit(0); };`;

/** What a process prints as JSON. Nobody reads its standard error. */
function printed(script) {
  const child = spawn(process.execPath, ['-e', `${COMMON} (async () => { ${script} })().then(print);`], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more) => {
    text += more;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 50_000);
  return new Promise((resolve, reject) => {
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      child.stderr.destroy();
      if (text === '') reject(new Error(`${code} ${signal}`));
      else resolve(JSON.parse(text));
    });
  });
}

/** A repository whose files take long to read. */
function slowProject() {
  const directory = project({ tier: 2, endpoint: DEAD });
  fs.writeFileSync(path.join(directory, '.ccxray.user.json'), JSON.stringify({ otel: { tier: 2, identity: 'me' } }));
  fs.mkdirSync(path.join(directory, '.git'));
  fs.writeFileSync(path.join(directory, '.git', 'HEAD'), 'ref: refs/heads/main\n');
  fs.writeFileSync(path.join(directory, '.git', 'index'), gitIndex(FILES_IN_INDEX));
  return directory;
}

/** The directories of projects that each ask for an approval. */
function waitingProjects(count) {
  return Array.from({ length: count }, () => {
    const directory = project({ tier: 1, endpoint: 'https://otlp.example' });
    fs.mkdirSync(path.join(directory, '.git'));
    return directory;
  });
}

const start = (env, cwd = project()) => `addon.init(${JSON.stringify({ cwd, home, env })});`;

test('a project with slow files does not delay the turns of another one', async () => {
  const slow = slowProject();
  const directories = Array.from({ length: 40 }, (_, i) => path.join(slow, `d${i}`));
  directories.forEach((directory) => fs.mkdirSync(directory));
  const { processed, waiting, ms } = await printed(`${start(OWN)} const began = Date.now();
    for (const cwd of ${JSON.stringify(directories)}) { addon.record(ENTRY, { cwd }); for (let i = 0; i < 25; i++) addon.record(ENTRY); }
    let entries; do { await sleep(5); entries = addon.status().entries; } while (entries.processed < 1000 && Date.now() - began < 20000);
    const ms = Date.now() - began; const { processed, queued } = entries; return { processed, waiting: queued, ms };`);
  expect(processed).toBeGreaterThanOrEqual(1000);
  expect(ms).toBeLessThan(5000);
  expect(waiting).toBeLessThanOrEqual(directories.length);
});

(process.platform === 'win32' ? test.skip : test)('a project whose files are pipes delays nobody', async () => {
  const directory = project();
  fs.mkdirSync(path.join(directory, '.git'));
  for (const name of ['.ccxray.json', '.ccxray.user.json', '.git/index', '.git/HEAD', '.gitignore']) spawnSync('mkfifo', [path.join(directory, name)]);
  const { dropped, processed, queued } = await printed(`${start(OWN)} addon.record(ENTRY, { cwd: ${JSON.stringify(directory)} }); addon.record(ENTRY); return settled();`);
  expect({ processed, queued, off: dropped.project_off }).toEqual({ processed: 1, queued: 0, off: 1 });
});

test('an entry does not wait for a start on another thread', async () => {
  const slow = slowProject();
  const options = { cwd: slow, home, env: {} };
  const worker = `const addon = require(${JSON.stringify(ADDON)}); const { parentPort } = require('worker_threads'); parentPort.postMessage('up');
    let longest = 0; for (let i = 0; i < 3; i++) { const began = Date.now(); addon.init(${JSON.stringify(options)}); longest = Math.max(longest, Date.now() - began); addon.shutdownSync(1); } parentPort.postMessage(longest);`;
  const { init, record } = await printed(`const { Worker } = require('worker_threads'); let init; let record = 0;
    const worker = new Worker(${JSON.stringify(worker)}, { eval: true });
    await new Promise((resolve) => worker.once('message', resolve)); worker.once('message', (it) => { init = it; });
    while (init === undefined) { for (let i = 0; i < 100; i++) { const began = process.hrtime.bigint(); addon.record(ENTRY); record = Math.max(record, Number(process.hrtime.bigint() - began) / 1e6); } await sleep(0); }
    return { init, record };`);
  expect(init).toBeGreaterThan(0);
  expect(record).toBeLessThan(Math.max(init / 2, 50));
});

test('a standard error that nobody reads delays nothing', async () => {
  const directories = waitingProjects(400);
  const { processed, queued } = await printed(`${start(OWN)} for (const cwd of ${JSON.stringify(directories)}) addon.record(ENTRY, { cwd });
    await sleep(1000); for (let i = 0; i < 100; i++) addon.record(ENTRY); await settled(); return addon.status().entries;`);
  expect({ processed, queued }).toEqual({ processed: 100, queued: 0 });
});

test('projects that export are not forgotten for others that do not', async () => {
  const receiver = await startReceiver();
  try {
    const live = Array.from({ length: 20 }, (_, i) => project({ tier: 1, endpoint: receiver.endpoint, project: `p${i}` }));
    const parent = project();
    const others = Array.from({ length: 1300 }, (_, i) => path.join(parent, `other${i}`));
    others.forEach((directory) => fs.mkdirSync(directory));
    const { statuses, previews } = await printed(`${start({})} const live = ${JSON.stringify(live)};
      for (const cwd of live) addon.record(ENTRY, { cwd }); await settled(); await addon.flush(5000);
      for (const [i, cwd] of ${JSON.stringify(others)}.entries()) { addon.record(ENTRY, { cwd }); if (i % 200 === 0) await settled(); } await settled();
      return { statuses: live.map((cwd) => addon.status(cwd)), previews: live.map((cwd) => addon.preview(cwd).length) };`);
    expect(statuses.map(({ state, exports: { delivered } }) => [state, delivered > 0])).toEqual(live.map(() => ['active', true]));
    expect(Math.min(...previews)).toBeGreaterThan(1000);
  } finally {
    await receiver.close();
  }
});

test('the end of many large projects takes two seconds at most', async () => {
  const limits = { model: 200, tool: 200, server: 100, skill: 200, type: 200 };
  const directories = Array.from({ length: 8 }, (_, i) => project({ tier: 1, endpoint: `${DEAD}/${i}`, names: 'all', interval_seconds: 3600, cardinality_overrides: limits }));
  const large = Array.from({ length: 20 }, (_, i) => {
    const calls = Object.fromEntries(Array.from({ length: 60 }, (__, k) => [`mcp__s${(i * 7 + k) % 100}__t${(i * 13 + k * 3) % 200}`, 1]));
    return turn({ model: `m${i}`, agentKey: `a${i}`, turnToolCalls: calls });
  });
  const { processed, ms } = await printed(`${start({ CCXRAY_OTEL_TRUST: '1' })} const large = ${JSON.stringify(large)};
    for (const cwd of ${JSON.stringify(directories)}) { for (const entry of large) addon.record(entry, { cwd }); await settled(); }
    const { processed } = addon.status().entries; void addon.flush(10000); void addon.flush(10000); const began = Date.now(); await addon.shutdown(); return { processed, ms: Date.now() - began };`);
  expect(processed).toBe(directories.length * large.length);
  expect(ms).toBeLessThan(2500);
});

test('long names of directories are not kept', async () => {
  const { grown, processed } = await printed(`${start(OWN)} await settled(); const before = process.memoryUsage.rss();
    for (let i = 0; i < 200; i++) { addon.record(ENTRY, { cwd: '/' + i + 'x'.repeat(1 << 20) }); if (i % 20 === 0) await settled(); }
    addon.record(ENTRY); const { processed } = await settled(); return { grown: process.memoryUsage.rss() - before, processed };`);
  expect(processed).toBe(1);
  expect(grown).toBeLessThan(100 << 20);
});
