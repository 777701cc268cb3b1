'use strict';

/*
 * Ends in one of many ways while the addon is running:
 *
 *     node lifecycle.js WAY ENDPOINT HOME
 *
 * Prints its results as JSON.
 */

const { fork } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const { Worker } = require('node:worker_threads');

const { Random } = require('../../demo/traffic/random');
const { turn } = require('../entries/turn');
const { sleep } = require('../waiting');

const ADDON = path.join(__dirname, '..', '..');
const TESTKIT = path.join(ADDON, 'testkit');
const [way, endpoint, home] = process.argv.slice(2);
const options = {
  cwd: __dirname,
  home,
  env: { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_METRIC_EXPORT_INTERVAL: '1000' },
};

const WAYS = {
  /** Has nothing left to do. */
  natural() {
    started(require(ADDON));
  },

  /** Has nothing left to do, and does not wait for its flushes. */
  naturalWithPromises() {
    const addon = started(require(ADDON));
    void addon.flush(300);
    void addon.flush(300);
  },

  async exit() {
    recordOn(started(require(ADDON)));
    await sleep(100);
    process.exit(7);
  },

  async uncaught() {
    recordOn(started(require(ADDON)));
    await sleep(100);
    setImmediate(() => {
      throw new Error('not caught');
    });
  },

  async rejection() {
    recordOn(started(require(ADDON)));
    await sleep(100);
    void Promise.reject(new Error('not caught'));
  },

  /** Runs until a signal ends it. */
  forever() {
    recordOn(started(require(ADDON)));
    process.stdout.write('recording');
  },

  /** Shuts down on SIGTERM. */
  graceful() {
    const addon = started(require(ADDON));
    const timer = recordOn(addon);
    process.on('SIGTERM', async () => {
      clearInterval(timer);
      await addon.shutdown();
    });
    process.stdout.write('recording');
  },

  /** Shuts down in the exit handler, where a host cannot wait for a promise. */
  exitHandler() {
    const addon = started(require(ADDON));
    process.on('exit', () => process.stdout.write(JSON.stringify({ delivered: addon.shutdownSync() })));
  },

  /** Ends while a shutdown is running. */
  async exitDuringShutdown() {
    const addon = started(require(ADDON));
    process.on('exit', () => process.stdout.write(JSON.stringify({ delivered: addon.shutdownSync() })));
    void addon.shutdown();
    await sleep(20);
    process.exit(0);
  },

  /** Ends while workers are busy. */
  async exitUnderWorkers() {
    started(require(ADDON));
    for (let i = 0; i < 2; i += 1) work('for (;;) record();');
    await sleep(200);
    process.exit(7);
  },

  /** Terminates workers at different times while they load the addon or record. */
  async workers() {
    const addon = started(require(ADDON));
    for (let i = 0; i < 10; i += 1) {
      const lives = [0, 1, 2].map(async (part) => {
        const worker = work('for (let n = 0; ; n += 1) { record(); if (n % 10 === 0) { addon.flush(50); addon.preview(); await sleep(0); } }');
        await sleep(((i * 3 + part) * 7) % 61);
        await worker.terminate();
      });
      await Promise.all(lives);
    }
    report(addon);
  },

  /** Workers load the addon, record, and end in several ways at random times. */
  async workersAtRandom() {
    const addon = started(require(ADDON));
    const random = new Random(20);
    const ends = [];
    for (let round = 0; round < 5; round += 1) {
      const lives = Array.from({ length: 4 }, async () => {
        const [afterMs, end] = [random.int(0, 90), random.pick(['terminate', 'process.exit(3);', 'throw new Error(\'enough\');', 'break;'])];
        const worker = work(`
          const until = Date.now() + ${end === 'terminate' ? 60_000 : afterMs};
          for (let n = 0; ; n += 1) {
            record();
            if (n % 10 === 0) { void addon.flush(50); addon.preview(); await sleep(0); }
            if (Date.now() > until) { ${end} }
          }
        `);
        // The error of a worker must not end this process.
        worker.on('error', () => {});
        const ended = new Promise((resolve) => { worker.once('exit', resolve); });
        if (end === 'terminate') void sleep(afterMs).then(() => worker.terminate());
        await ended;
        ends.push(end);
      });
      await Promise.all(lives);
    }
    report(addon, { ends });
  },

  /** Forks a process. Each of the two has its own addon. */
  async forks() {
    const addon = started(require(ADDON));
    const child = fork(__filename, ['forked', endpoint, home]);
    const ended = once(child, 'exit');
    const [counts] = await once(child, 'message');
    const [code] = await ended;
    const own = { delivered: await addon.flush(), accepted: addon.status().entries.accepted };
    process.stdout.write(JSON.stringify({ own, child: { ...counts, code } }));
    await addon.shutdown();
  },

  /** The forked process. */
  async forked() {
    const addon = started(require(ADDON));
    const counts = { delivered: await addon.flush(), accepted: addon.status().entries.accepted };
    await addon.shutdown();
    process.send(counts, () => process.disconnect());
  },

  /** A worker starts the addon and ends; the process goes on using it. */
  async startedByWorker() {
    await new Promise((resolve) => { work('record();').once('exit', resolve); });
    const addon = require(ADDON);
    const before = addon.status();
    const took = addon.record(turn());
    const delivered = await addon.flush();
    process.stdout.write(JSON.stringify({ before, took, delivered }));
    await addon.shutdown();
  },

  /** Terminates workers while they wait for a flush. */
  async workersThatWait() {
    const addon = started(require(ADDON));
    for (let i = 0; i < 6; i += 1) {
      const worker = work('record(); addon.flush(150); addon.flush(5000);');
      await new Promise((resolve) => { worker.once('online', resolve); });
      await sleep(30 + i * 20);
      await worker.terminate();
    }
    await sleep(300);
    report(addon);
  },

  /** Loads the addon in several realms, as a test runner does. */
  realms() {
    const first = inRealm();
    const second = inRealm();
    const states = [first.init(options).state, second.init(options).state];
    for (const realm of [first, second]) realm.record(turn());
    const foreign = vm.runInNewContext('[new Uint8Array([123, 125]), { response: "{}" }]');
    process.stdout.write(JSON.stringify({ states, took: first.record(...foreign), entries: second.status().entries }));
    second.shutdownSync(0);
  },

  /** Loads the same binary twice, with an empty module cache each time. */
  loadedTwice() {
    const first = started(require(ADDON));
    for (const file of Object.keys(require.cache)) {
      if (file.startsWith(ADDON) && !file.startsWith(TESTKIT)) delete require.cache[file];
    }
    const second = require(ADDON);
    const same = first === second;
    second.record(turn());
    process.stdout.write(JSON.stringify({ same, again: second.init(options).state, entries: first.status().entries }));
    first.shutdownSync(0);
  },

  /** Loads the binary from two paths, as two packages may contain it. */
  async copied() {
    const directory = fs.mkdtempSync(path.join(home, 'copy-'));
    const binary = fs.readdirSync(ADDON).filter((name) => name.endsWith('.node'));
    for (const name of ['index.js', 'native.js', 'no-binary.js', 'shell.js', 'package.json', ...binary]) fs.copyFileSync(path.join(ADDON, name), path.join(directory, name));
    const addons = [started(require(ADDON)), started(require(directory))];
    const delivered = [];
    for (const addon of addons) {
      delivered.push(await addon.flush());
      await addon.shutdown();
    }
    process.stdout.write(JSON.stringify({ delivered, accepted: addons.map((addon) => addon.status().entries.accepted) }));
  },

  /** Starts and shuts down many times, and counts what is left open. */
  async restarts() {
    const addon = require(ADDON);
    const round = async () => {
      addon.init(options);
      addon.record(turn());
      await addon.shutdown(100);
    };
    await round();
    // For its first stream, Node opens files that stay open.
    process.stdout.write('');
    await sleep(100);
    const before = resources();
    for (let i = 0; i < 30; i += 1) await round();
    await sleep(200);
    process.stdout.write(JSON.stringify({ before, after: resources() }));
  },
};

function started(addon) {
  addon.init(options);
  for (let i = 0; i < 100; i += 1) addon.record(turn());
  return addon;
}

function recordOn(addon) {
  return setInterval(() => {
    for (let i = 0; i < 50; i += 1) addon.record(turn(), { response: Buffer.from('{}') });
  }, 1);
}

/** A worker that has `addon`, `record` and `sleep`. */
function work(code) {
  const source = `
    const addon = require(${JSON.stringify(ADDON)});
    const { turn } = require(${JSON.stringify(path.join(TESTKIT, 'entries/turn'))});
    const { sleep } = require(${JSON.stringify(path.join(TESTKIT, 'waiting'))});
    const record = () => addon.record(turn());
    addon.init(${JSON.stringify(options)});
    void (async () => { ${code} })();
  `;
  return new Worker(source, { eval: true });
}

function inRealm() {
  const context = vm.createContext({ process, Buffer });
  const file = path.join(ADDON, 'index.js');
  const module = { exports: {} };
  const wrapper = vm.runInContext(`(function (exports, require, module, __filename, __dirname) { ${fs.readFileSync(file, 'utf8')}\n})`, context);
  wrapper(module.exports, (name) => require(name.startsWith('.') ? path.join(ADDON, name) : name), module, file, ADDON);
  return module.exports;
}

function report(addon, more) {
  const took = addon.record(turn());
  process.stdout.write(JSON.stringify({ took, status: addon.status(), ...more }));
  addon.shutdownSync(0);
}

/** How many threads of the addon and how many open files this process has. */
function resources() {
  const threads = fs.readdirSync('/proc/self/task').map((id) => fs.readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim());
  return { threads: threads.filter((name) => name.startsWith('ccxray')).length, files: fs.readdirSync('/proc/self/fd').length };
}

void WAYS[way]();
