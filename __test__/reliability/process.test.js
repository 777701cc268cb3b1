'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');

const { projects } = require('../../testkit/scratch/projects');

const ADDON = path.join(__dirname, '..', '..');
const ENTRY = JSON.stringify({ provider: 'anthropic', agent: 'claude', model: 'claude-opus-4-8', sessionId: 's', agentKey: 'orchestrator', status: 200, msgCount: 3, usage: { input_tokens: 1, output_tokens: 1 } });
const ON = { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
const { project } = projects();

/** What a process prints as JSON on standard output. `addon`, `ENTRY` and `options` are defined in the script. */
function printed(script, { flags = [], env = process.env, home = project(), isLoadedLate = false } = {}) {
  const options = { cwd: home, home, env: ON };
  const load = isLoadedLate ? 'let loaded; const addon = new Proxy({}, { get: (_, name) => (loaded ??= require(PATH))[name] });' : 'const addon = require(PATH);';
  const lines = [`const PATH = ${JSON.stringify(ADDON)};`, load, `const ENTRY = ${JSON.stringify(ENTRY)};`, `const options = ${JSON.stringify(options)};`, script];
  const { stdout, stderr, signal } = spawnSync(process.execPath, [...flags, '-e', lines.join('\n')], { encoding: 'utf8', env, timeout: 25_000 });
  if (signal !== null || stdout === '') throw new Error(`${signal}: ${stderr}`);
  return JSON.parse(stdout);
}

/** Waits in a script until all entries have an outcome. */
const SETTLED = 'const settled = async () => { while (addon.status().entries.queued > 0) await new Promise((r) => setTimeout(r, 5)); return addon.status().entries; };';
const PRINT = '.then((it) => { require("fs").writeSync(1, JSON.stringify(it)); process.exit(0); });';

describe('the environment', () => {
  test('is that of JavaScript, also if a variable was set a moment ago', () => {
    const script = `process.env.CCXRAY_OTEL_TIER = '0'; const { decidedBy } = addon.inspect({ cwd: options.cwd, home: options.home }); console.log(JSON.stringify(decidedBy))`;
    expect(printed(script)).toBe('CCXRAY_OTEL_TIER');
  });

  test('of a worker thread is its own', () => {
    const worker = `const addon = require(${JSON.stringify(ADDON)}); require('worker_threads').parentPort.postMessage(addon.inspect({ cwd: '/', home: '/' }).decidedBy)`;
    const script = `new (require('worker_threads').Worker)(${JSON.stringify(worker)}, { eval: true, env: { CCXRAY_OTEL_TIER: '0' } }).on('message', (it) => console.log(JSON.stringify(it)))`;
    expect(printed(script)).toBe('CCXRAY_OTEL_TIER');
  });

  test('may change on one thread while another one reads it', () => {
    const worker = `const addon = require(${JSON.stringify(ADDON)}); const end = Date.now() + 1500; let calls = 0; while (Date.now() < end) { addon.inspect({ cwd: '/', home: '/' }); calls++; } require('worker_threads').parentPort.postMessage(calls)`;
    const script = `new (require('worker_threads').Worker)(${JSON.stringify(worker)}, { eval: true }).on('message', (it) => { console.log(JSON.stringify(it)); process.exit(0); });
      const step = (i) => { for (let k = 0; k < 1000; k++, i++) { process.env['V' + (i % 999)] = 'x'.repeat(1 + (i * 7919) % 4000); if (i % 3 === 0) delete process.env['V' + ((i * 31) % 999)]; } setImmediate(step, i); }; step(0);`;
    expect(printed(script)).toBeGreaterThan(0);
  });
});

describe('a directory that cannot exist', () => {
  test.each([['is long', '/' + 'x'.repeat(5000)], ['is deep', '/a'.repeat(300)]])('costs its own entry, if it %s', (_, cwd) => {
    const { dropped, processed } = printed(`${SETTLED} addon.init(options); addon.record(ENTRY, { cwd: ${JSON.stringify(cwd)} }); addon.record(ENTRY); settled()${PRINT}`);
    expect({ off: dropped.project_off, processed }).toEqual({ off: 1, processed: 1 });
  });
});

test('an entry is weighed with all its parts', () => {
  const half = '"x".repeat(20 * 1024 * 1024)';
  const { dropped, accepted } = printed(`${SETTLED} addon.init(options); addon.record(${half}, { request: ${half}, response: ${half} }); settled()${PRINT}`);
  expect({ large: dropped.too_large, accepted }).toEqual({ large: 1, accepted: 1 });
});

/** A home with a project that waits for an approval, and some of its subdirectories. */
function waiting(count) {
  const home = project();
  fs.mkdirSync(path.join(home, 'clone', '.git'), { recursive: true });
  fs.writeFileSync(path.join(home, 'clone', '.ccxray.json'), JSON.stringify({ otel: { tier: 1, endpoint: 'https://otlp.example.org' } }));
  const directories = Array.from({ length: count }, (_, i) => path.join(home, 'clone', `d${i}`));
  directories.forEach((it) => fs.mkdirSync(it));
  return { home, directories };
}

describe('many directories', () => {
  test('of one project print one line', () => {
    const { home, directories } = waiting(50);
    const script = `const addon = require(${JSON.stringify(ADDON)}); addon.init({ cwd: '/', home: ${JSON.stringify(home)}, env: ${JSON.stringify(ON)} });
      for (const cwd of ${JSON.stringify(directories)}) addon.record(${JSON.stringify(ENTRY)}, { cwd });
      setTimeout(() => process.exit(0), 1500);`;
    const { stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', timeout: 25_000 });
    expect(stderr.split('\n').filter((line) => line.includes('nothing is sent'))).toHaveLength(1);
  });
});

test('any number of flushes leaves nothing, and the next call is quick', () => {
  const script = `addon.init(options); addon.record(ENTRY); (async () => {
    const answers = await Promise.all(Array.from({ length: 20000 }, () => addon.flush(50)));
    const started = Date.now(); addon.preview(); const preview = Date.now() - started;
    await addon.shutdown(); return { answers: answers.length, preview, shutdown: Date.now() - started };
  })()${PRINT}`;
  const { answers, preview, shutdown } = printed(script);
  expect(answers).toBe(20_000);
  expect(preview).toBeLessThan(1500);
  expect(shutdown).toBeLessThan(4000);
});

test('threads can start after the thread that loaded the addon has ended', () => {
  const script = `new (require('worker_threads').Worker)(${JSON.stringify(`require(${JSON.stringify(ADDON)}).status()`)}, { eval: true }).on('exit', () => setTimeout(async () => {
    const { state } = addon.init(options); addon.record(ENTRY); await addon.flush(300); await addon.shutdown();
    require('fs').writeSync(1, JSON.stringify(state)); process.exit(0);
  }, 100));`;
  // The worker has to be the first to load it.
  expect(printed(script, { isLoadedLate: true })).toBe('active');
});

describe('under the permission model of Node', () => {
  const [major] = process.versions.node.split('.').map(Number);
  const flag = major >= 23 ? '--permission' : '--experimental-permission';
  const flags = [flag, '--allow-fs-read=*'];
  const here = major >= 20 ? test : test.skip;

  here('the error of the loader names the flag', () => {
    const { stdout } = spawnSync(process.execPath, [...flags, '-e', `try { require(${JSON.stringify(ADDON)}) } catch (error) { console.log(error.code, error.message) }`], { encoding: 'utf8' });
    expect(stdout).toContain('CCXRAY_OTEL_NO_BINARY');
    expect(stdout).toContain('--allow-addons');
  });

  here('nothing is written without the right to', () => {
    const home = project();
    printed(`addon.init(options); addon.record('{}'); addon.flush(300).then(() => addon.shutdown()).then(() => 0)${PRINT}`, { flags: [...flags, '--allow-addons'], home });
    expect(fs.readdirSync(home)).toEqual([]);
  });

  here('an approval names the flag that it needs', () => {
    const message = printed(`let message; try { addon.trust(options.cwd, options) } catch (error) { message = error.message } console.log(JSON.stringify(message))`, { flags: [...flags, '--allow-addons'] });
    expect(message).toContain('--allow-fs-write=');
  });
});
