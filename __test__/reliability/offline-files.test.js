'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { Random } = require('../../demo/traffic/random');
const clock = require('../../testkit/faults/clock-shift');
const { startReceivingBackend } = require('../../testkit/pending/backends');
const { offlineProject, pendingDirectory, pendingFiles, unclearInstances } = require('../../testkit/pending/project');
const { problemsOf, runRecorder } = require('../../testkit/pending/recorders');
const { projects } = require('../../testkit/scratch/projects');
const { sleep } = require('../../testkit/waiting');

const places = projects();
const DAY_SECONDS = 86_400;
/** A line of JSON, then eight digits and a line end. */
const CHECKSUM_BYTES = 9;
const OTHER_USER = 12_345;
const SEED = 7;
/** How many damaged files there are of each kind. */
const DAMAGED = 12;

const asRoot = process.getuid?.() === 0 ? test : test.skip;
const onUnix = process.platform === 'win32' ? test.skip : test;
const withClock = clock.isAvailable() ? describe : describe.skip;
if (!clock.isAvailable()) process.stderr.write('offline-files.test.js: tests with a shifted clock are skipped, because there is no C compiler\n');

describe.each(['cumulative', 'delta'])('with %s sums', (temporality) => {
  let backend;
  let init;
  let runs;

  beforeEach(async () => {
    backend = await startReceivingBackend(temporality);
    init = offlineProject(places, { endpoint: backend.gate.endpoint, temporality });
    backend.gate.set('down');
    runs = [];
  });
  afterEach(() => backend.close());

  async function record(plan, options) {
    const run = await runRecorder(init, { first: runs.length * 100, ...plan }, options);
    runs.push(run);
    return run;
  }

  describe('beside a good file,', () => {
    let unclear;

    beforeEach(async () => {
      expect(await record()).toMatchObject({ confirmed: 3 });
      unclear = unclearInstances(init);
    });

    /** Both processes are at the backend, and nobody else. */
    async function expectGood() {
      backend.gate.set('up');
      expect(await record({ flushMs: 10_000 })).toMatchObject({ code: 0, stderr: '', final: { isDelivered: true } });
      expect(await problemsOf(runs, backend, unclear)).toEqual([]);
      expect(backend.repeated()).toEqual(new Map());
      expect((await backend.sums()).size).toBe(2);
    }

    test.each([
      ['with a changed byte', (content, random) => changed(content, random.int(0, content.length - 1), random)],
      ['with a changed byte of the checksum', (content, random) => changed(content, content.indexOf('\n') + random.int(1, CHECKSUM_BYTES - 1), random)],
      ['cut off', (content, random) => content.subarray(0, random.int(0, content.length - 1))],
      ['with more bytes', (content, random) => Buffer.concat([content, Buffer.from(random.hex(random.int(1, 40)).replaceAll('d', 'x'))])],
      ['of other bytes', (_, random) => Buffer.from(random.hex(random.int(0, 5000)), 'hex')],
      ['of zeros', (content) => Buffer.alloc(content.length)],
    ])('files %s are not sent', async (_, damage) => {
      const random = new Random(SEED);
      const [file] = pendingFiles(init);
      const content = fs.readFileSync(file);
      for (let i = 0; i < DAMAGED; i += 1) fs.writeFileSync(nameLike(file, i), damage(content, random), { mode: 0o600 });
      await expectGood();
      // If the change was in the first line, the file can look like one of another version or project.
      const own = originIn(content);
      const left = pendingFiles(init).map((one) => originIn(fs.readFileSync(one)));
      expect(left.filter(({ version, place }) => version === own.version && place === own.place)).toEqual([]);
    }, 30_000);

    test('files of another version are left as they are', async () => {
      const [file] = pendingFiles(init);
      const content = fs.readFileSync(file).toString('latin1').replace('"ccxray_pending":1', '"ccxray_pending":2,"more":{}');
      const others = [0, 1].map((i) => nameLike(file, i));
      for (const other of others) fs.writeFileSync(other, content, { encoding: 'latin1', mode: 0o600 });
      await expectGood();
      expect(pendingFiles(init).map((left) => path.basename(left)).toSorted()).toEqual(others.map((other) => path.basename(other)).toSorted());
      for (const other of others) expect(fs.readFileSync(other, 'latin1')).toBe(content);
    }, 30_000);

    asRoot('a file of another user is left as it is', async () => {
      const [file] = pendingFiles(init);
      const foreign = nameLike(file, 0);
      fs.copyFileSync(file, foreign);
      fs.chownSync(foreign, OTHER_USER, OTHER_USER);
      await expectGood();
      expect(pendingFiles(init)).toEqual([foreign]);
    }, 30_000);

    onUnix('what is not a file is left as it is', async () => {
      const [file] = pendingFiles(init);
      const [outside, link, directory, pipe] = [path.join(init.home, 'outside.otlp'), ...[0, 1, 2].map((i) => nameLike(file, i))];
      fs.copyFileSync(file, outside);
      fs.symlinkSync(outside, link);
      fs.mkdirSync(directory);
      execFileSync('mkfifo', [pipe]);
      fs.writeFileSync(path.join(pendingDirectory(init), 'notes.txt'), 'mine');
      await expectGood();
      expect(pendingFiles(init).toSorted()).toEqual([link, directory, pipe].toSorted());
      expect(fs.existsSync(outside)).toBe(true);
      expect(fs.readFileSync(path.join(pendingDirectory(init), 'notes.txt'), 'utf8')).toBe('mine');
    }, 30_000);

    test('a file of ten gibibytes is not read', async () => {
      const [file] = pendingFiles(init);
      const content = fs.readFileSync(file);
      const huge = nameLike(file, 0);
      fs.writeFileSync(huge, content, { mode: 0o600 });
      fs.truncateSync(huge, 10 * 2 ** 30);
      const begun = performance.now();
      await expectGood();
      expect(performance.now() - begun).toBeLessThan(10_000);
    }, 30_000);
  });

  /** Everything is at the backend, each once. */
  async function expectAll(unclear) {
    expect(await problemsOf(runs, backend, unclear)).toEqual([]);
    expect(backend.repeated()).toEqual(new Map());
    expect(pendingFiles(init)).toEqual([]);
  }

  withClock('if the clock', () => {
    let shift;

    beforeEach(() => {
      shift = clock.clockShift();
    });
    afterEach(() => shift.remove());

    /** A process whose clock differs by some days. */
    function recordAt(days, plan) {
      shift.set(days * DAY_SECONDS);
      return record(plan, { env: shift.env });
    }

    test('is set back by a day, cumulative sums wait until it has caught up, and all arrive', async () => {
      await recordAt(1);
      await recordAt(0);
      const unclear = unclearInstances(init);
      backend.gate.set('up');
      await recordAt(0, { flushMs: 10_000 });
      expect(pendingFiles(init)).toHaveLength(temporality === 'delta' ? 0 : 1);
      await recordAt(1, { flushMs: 10_000 });
      await expectAll(unclear);
    }, 30_000);

    test('is set forward by a day, all arrive', async () => {
      await recordAt(0);
      await recordAt(1);
      const unclear = unclearInstances(init);
      backend.gate.set('up');
      await recordAt(1, { flushMs: 10_000 });
      await expectAll(unclear);
    }, 30_000);

    test('jumps by a day while a process cannot export, all arrive', async () => {
      const recording = recordAt(0, { turns: 60, flushEvery: 6, flushMs: 100, pauseMs: 20 });
      for (const days of [1, 0, -1, 0, -1]) {
        await sleep(300);
        shift.set(days * DAY_SECONDS);
      }
      expect(await recording).toMatchObject({ code: 0, confirmed: 60, final: { dropped: { shutdown: 0 } } });
      const unclear = unclearInstances(init);
      backend.gate.set('up');
      await recordAt(1, { flushMs: 10_000 });
      await expectAll(unclear);
    }, 30_000);
  });
});

/** Changes the byte at a place. */
function changed(content, at, random) {
  const copy = Buffer.from(content);
  copy[at] ^= random.int(1, 255);
  return copy;
}

/** A path beside a file, for one that looks like it. */
function nameLike(file, number) {
  return path.join(path.dirname(file), `${path.basename(file).slice(0, 17)}00000000-0000-4000-8000-00000000000${number.toString(16)}.otlp`);
}

/** Who may look at a file, by its first line. */
function originIn(content) {
  const { ccxray_pending: version, origin } = JSON.parse(content.subarray(0, content.indexOf('\n')).toString('utf8'));
  return { version, place: JSON.stringify([origin.directory, origin.endpoint]) };
}
