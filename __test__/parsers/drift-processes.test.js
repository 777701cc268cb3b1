'use strict';

const { execFileSync, spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { addonProcesses } = require('../../testkit/drift/processes');
const { countsOf, line, NAME, totalOf } = require('../../testkit/drift/log-file');
const { toolTurn } = require('../../testkit/drift/turns');
const disk = require('../../testkit/faults/mount');
const { eventually, sleep } = require('../../testkit/waiting');

const MEBIBYTE = 1 << 20;
/** What a shutdown may take, and what a loaded machine may add to it. */
const EXIT_LIMIT_MS = 2000 + 500;

/** Windows has no named pipes in a directory, and no links without a privilege. */
const onUnix = process.platform === 'win32' ? test.skip : test;
const withMounts = disk.isPermitted() ? test : test.skip;
const withLocks = spawnSync('flock', ['--version']).status === 0 ? test : test.skip;

const around = addonProcesses();
const { launch, plan, options, signal, start } = around;

describe('several processes share one log:', () => {
  test('four that run and end at once, again and again, count exactly', async () => {
    const [rounds, processes, times] = [6, 4, 20];
    for (let round = 0; round < rounds; round += 1) {
      const go = signal('go');
      const running = Array.from({ length: processes }, (_, i) => {
        const turns = Array.from({ length: times }, () => [['record', toolTurn('acme_shared')], ['record', toolTurn(`acme_own${i}`, 2)]]).flat();
        return plan([['init', options()], ...turns.slice(0, times), ['flush'], ['until', go], ...turns.slice(times), ['shutdown']]);
      });
      await sleep(250);
      fs.writeFileSync(go, '');
      await Promise.all(running);
    }
    const own = Array.from({ length: processes }, (_, i) => [`tool acme_own${i}`, rounds * times * 2]);
    expect(countsOf(around.log.lines())).toEqual({ 'tool acme_shared': rounds * processes * times, ...Object.fromEntries(own) });
    expect(around.log.names()).toEqual([NAME]);
    expect(fs.readdirSync(around.log.directory)).not.toContain(`${NAME}.new`);
  });

  withLocks('one that ends while another one writes loses nothing', async () => {
    fs.mkdirSync(around.log.directory);
    const [free, , took] = await whileLocked(async (release) => {
      setTimeout(release, 500);
      return plan([['init', options()], ['record', toolTurn('acme_deploy')], ['shutdown']]);
    });
    expect([free, took < EXIT_LIMIT_MS]).toEqual(['active', true]);
    expect(countsOf(around.log.exists() ? around.log.lines() : [])).toEqual({ 'tool acme_deploy': 1 });
  });

  withLocks('one that can never take its turn ends in time, and has told what it knows', async () => {
    fs.mkdirSync(around.log.directory);
    const given = await whileLocked(() => plan([['init', options()], ['record', toolTurn('acme_deploy')], ['flush'], ['report'], ['shutdown']]));
    expect(given[3]).toMatchObject({ count: 1, categories: [{ category: 'tool', samples: [{ token: 'acme_deploy' }] }] });
    expect(given[4]).toBeLessThan(EXIT_LIMIT_MS);
    expect(around.log.exists()).toBe(false);
  });
});

describe('counts are exact', () => {
  test('over starts in one process', async () => {
    const once = [['init', options()], ['record', toolTurn('acme_deploy')], ['record', toolTurn('acme_refund', 2)], ['flush'], ['shutdown']];
    const given = await plan([...once, ...once, ...once, ['report', { home: around.home }]]);
    expect(countsOf(around.log.lines())).toEqual({ 'tool acme_deploy': 3, 'tool acme_refund': 6 });
    expect(given.at(-1).count).toBe(9);
  });

  test('over starts of processes', async () => {
    for (let i = 0; i < 5; i += 1) await launch([[toolTurn('acme_deploy')], [toolTurn(`acme_${i % 2}`)]]);
    expect(countsOf(around.log.lines())).toEqual({ 'tool acme_deploy': 5, 'tool acme_0': 3, 'tool acme_1': 2 });
  });
});

onUnix('a process that is killed loses what it had not written, and leaves whole lines', async () => {
  around.log.put([line('acme_old', { count: 7 })]);
  const [written, known] = [signal('written'), signal('known')];
  const steps = [
    ['init', options()], ['record', toolTurn('acme_deploy')], ['until', written], ['record', toolTurn('acme_deploy', 5)],
    ['record', toolTurn('acme_late')], ['flush'], ['mark', known], ['wait', 20_000],
  ];
  const child = victim(steps);
  try {
    await eventually(() => around.log.text(), (text) => text.includes('acme_deploy'));
    fs.writeFileSync(written, '');
    await eventually(() => fs.existsSync(known), Boolean);
  } finally {
    child.kill('SIGKILL');
    await gone(child);
  }
  const counts = countsOf(around.log.lines());
  expect(counts).toMatchObject({ 'tool acme_old': 7, 'tool acme_deploy': expect.any(Number) });
  expect(counts['tool acme_deploy']).toBeLessThanOrEqual(6);
  // Whoever comes next finds nothing that holds it up.
  await launch([[toolTurn('acme_deploy')]]);
  expect(countsOf(around.log.lines())).toEqual({ ...counts, 'tool acme_deploy': counts['tool acme_deploy'] + 1 });
});

onUnix('processes that are killed at any moment leave whole lines', async () => {
  for (let i = 0; i < 8; i += 1) {
    const steps = [['init', options()], ['recordTools', `acme_${i}_`, 40], ['shutdown'], ['init', options()], ['recordTools', `late_${i}_`, 40], ['shutdown'], ['wait', 5000]];
    const child = victim(steps);
    await sleep(40 + i * 5);
    child.kill('SIGKILL');
    await gone(child);
    // Each line is parsed, and no kind is there twice.
    if (around.log.exists()) expect(Object.values(countsOf(around.log.allLines()))).not.toContain('duplicate');
  }
  await launch([[toolTurn('acme_deploy')]]);
  expect(countsOf(around.log.lines())).toMatchObject({ 'tool acme_deploy': 1 });
});

test('a process that ends without a shutdown leaves whole lines, or none', async () => {
  const { code } = await start([['init', options()], ['record', toolTurn('acme_deploy')], ['flush'], ['exit']]);
  expect(code).toBe(0);
  if (around.log.exists()) expect(countsOf(around.log.lines())).toEqual({ 'tool acme_deploy': 1 });
});

describe('what is no log of ours harms nobody:', () => {
  const whole = JSON.stringify(line('acme_old'));
  /** What stands in its place, and how many lines of it cannot be read. */
  const rows = [
    ['nothing but garbage', (file) => fs.writeFileSync(file, 'garbage\n\u0000\u0001\nmore of it\n'), 3],
    ['garbage among lines', (file) => fs.writeFileSync(file, `${whole}\ngarbage\n\n${whole}\n{"category":`), 2, 2],
    ['other JSON', (file) => fs.writeFileSync(file, '[]\nnull\n1\n"x"\n{}\n{"a":{"b":[1]}}\n'), 6],
    ['lines with fields of other kinds', (file) => fs.writeFileSync(file, oddLines().join('\n')), oddLines().length],
    ['letters that are none', (file) => fs.writeFileSync(file, Buffer.concat([Buffer.from([0xff, 0xfe, 0x0a]), Buffer.from(whole), Buffer.from('\n')])), 1, 1],
    ['a line of a hundred kilobytes', (file) => fs.writeFileSync(file, `${JSON.stringify(line('x'.repeat(100_000)))}\n${whole}\n`), 1, 1],
    ['brackets without an end', (file) => fs.writeFileSync(file, `${'['.repeat(1000)}\n${'{"a":'.repeat(200)}\n`), 2],
    ['nothing', (file) => fs.writeFileSync(file, ''), 0],
    ['two megabytes of lines', (file) => fs.writeFileSync(file, `${whole}\n`.repeat(Math.ceil((2 * MEBIBYTE) / whole.length))), 0],
    ['two megabytes without an end of a line', (file) => fs.writeFileSync(file, 'x'.repeat(2 * MEBIBYTE)), 0],
    ['a directory', (file) => fs.mkdirSync(file), 0],
    ['a directory with a file in it', (file) => { fs.mkdirSync(file); fs.writeFileSync(path.join(file, 'x'), 'x'); }, 0],
  ];
  const unixRows = [
    ['a pipe that nobody writes to', (file) => execFileSync('mkfifo', [file]), 0],
    ['a link to something that has no end', (file) => fs.symlinkSync('/dev/zero', file), 0],
    ['a link to itself', (file) => fs.symlinkSync(file, file), 0],
    ['a link that leads nowhere', (file) => fs.symlinkSync('/nowhere/at/all', file), 0],
  ];

  test.each(process.platform === 'win32' ? rows : [...rows, ...unixRows])('%s', async (_, make, unreadableLines, known = 0) => {
    fs.mkdirSync(around.log.directory);
    make(around.log.file);
    const look = ['report', { home: around.home }];
    const given = await plan([look, ['init', options()], ['record', toolTurn('acme_deploy')], ['flush'], ['report'], ['shutdown'], look, ['status']]);
    const [before, state, taken, delivered, during, took, after, status] = given;
    expect(before).toMatchObject({ count: known, unreadableLines });
    expect({ state, taken, delivered }).toEqual({ state: 'active', taken: true, delivered: true });
    for (const report of [during, after]) expect(report.count).toBe(known + 1);
    expect(took).toBeLessThan(EXIT_LIMIT_MS);
    expect(status.files.lost).toBe(0);
    // What others have written is put aside, and still there.
    expect(totalOf(around.log.lines())).toBe(unreadableLines > 0 ? 1 : known + 1);
    expect(after.unreadableLines).toBe(unreadableLines);
  });

  onUnix('a log that is a link stays one', async () => {
    const elsewhere = path.join(around.project(), 'kept.log');
    fs.writeFileSync(elsewhere, `${JSON.stringify(line('acme_old'))}\n`);
    fs.mkdirSync(around.log.directory);
    fs.symlinkSync(elsewhere, around.log.file);
    await launch([[toolTurn('acme_deploy')]]);
    expect(fs.readlinkSync(around.log.file)).toBe(elsewhere);
    expect(countsOf(around.log.lines())).toEqual({ 'tool acme_deploy': 1, 'tool acme_old': 1 });
  });

  test('old files that are none are passed over', async () => {
    around.log.put([line('acme_old')]);
    fs.mkdirSync(`${around.log.file}.1`);
    fs.writeFileSync(`${around.log.file}.2`, 'garbage\n');
    fs.writeFileSync(`${around.log.file}.3`, Buffer.alloc(2 * MEBIBYTE));
    const [report] = await plan([['report', { home: around.home }]]);
    expect(report).toMatchObject({ count: 1, unreadableLines: 1 });
  });

  test('old files that are none do not stop a new one', async () => {
    around.log.put(Array.from({ length: 500 }, (_, i) => line(`acme_${i}`)));
    for (const number of [1, 2, 3]) {
      fs.mkdirSync(`${around.log.file}.${number}`);
      fs.writeFileSync(path.join(`${around.log.file}.${number}`, 'x'), '');
    }
    const [, , , report] = await plan([['init', options()], ['record', toolTurn('acme_deploy')], ['flush'], ['report'], ['shutdown']]);
    expect(report.count).toBe(501);
  });
});

describe('what cannot be written is still known to its process:', () => {
  /** What stands in the way, and whether it can be told why. */
  const rows = [
    ['a directory in the place of the file to take turns by', (place) => fs.mkdirSync(path.join(place, 'parser-drift.lock')), true],
    ['a directory in the place of the draft', (place) => fs.mkdirSync(path.join(place, `${NAME}.new`)), true],
    ...(process.platform === 'win32' ? [] : [
      ['a pipe in the place of the file to take turns by', (place) => execFileSync('mkfifo', [path.join(place, 'parser-drift.lock')]), false],
      ['a pipe in the place of the draft', (place) => execFileSync('mkfifo', [path.join(place, `${NAME}.new`)]), false],
    ]),
  ];

  test.each(rows)('%s', async (_, spoil, isTold) => {
    fs.mkdirSync(around.log.directory);
    spoil(around.log.directory);
    const [state, taken, delivered, , report, status, took, after] = await plan([...tries(), ['shutdown'], ['report']]);
    expect({ state, taken, delivered }).toEqual({ state: 'active', taken: true, delivered: true });
    expect(report).toMatchObject({ count: 1, categories: [{ category: 'tool', samples: [{ token: 'acme_deploy' }] }] });
    if (isTold) expect(status.files.lastError).toMatch(/./);
    expect(took).toBeLessThan(EXIT_LIMIT_MS);
    expect(after.unreadableLines).toBe(0);
  });

  test('a file in the place of the directory', async () => {
    fs.writeFileSync(around.log.directory, '');
    const [, , delivered, , report, status, took] = await plan([...tries(), ['shutdown'], ['report']]);
    expect(delivered).toBe(true);
    expect(report).toMatchObject({ count: 1, unreadableLines: 0 });
    expect(status.files.lastError).toMatch(/./);
    expect(took).toBeLessThan(EXIT_LIMIT_MS);
  });

  withMounts('a disk that can only be read', async () => {
    await onDisk('ro,size=64k', async (directory) => {
      const [, , delivered, , report, status, took] = await plan([...tries(directory), ['shutdown']]);
      expect(delivered).toBe(true);
      expect(report).toMatchObject({ count: 1, categories: [{ category: 'tool' }] });
      expect(status.files.lastError).toMatch(/read-?only/i);
      expect(took).toBeLessThan(EXIT_LIMIT_MS);
      expect(fs.readdirSync(directory)).toEqual([]);
    });
  });

  withMounts('a disk that is full; and once there is room, all of it is written', async () => {
    await onDisk('size=64k', async (directory, { fill, free }) => {
      fill();
      const [looked, isFree] = [signal('looked'), signal('free')];
      const running = plan([...tries(directory), ['mark', looked], ['until', isFree], ['record', toolTurn('acme_deploy')], ['shutdown']]);
      await eventually(() => fs.existsSync(looked), Boolean);
      free();
      fs.writeFileSync(isFree, '');
      const [, , , , report, status] = await running;
      expect(report.count).toBe(1);
      expect(status.files.lastError).toMatch(/full|space/i);
      const text = fs.readFileSync(path.join(directory, NAME), 'utf8');
      expect(JSON.parse(text)).toMatchObject({ token: 'acme_deploy', count: 2 });
    });
  });

  withMounts('a disk that becomes full keeps what was written', async () => {
    await onDisk('size=64k', async (directory, { fill }) => {
      await launch([[toolTurn('acme_deploy')]], options({ CCXRAY_HOME: directory }));
      const before = fs.readFileSync(path.join(directory, NAME), 'utf8');
      fill();
      const [, , , , report] = await plan([...tries(directory), ['shutdown']]);
      expect(report.count).toBe(2);
      expect(fs.readFileSync(path.join(directory, NAME), 'utf8')).toBe(before);
    });
  });
});

/** A process that has something to write, gets the time to try, and is asked about it. */
function tries(directory) {
  return [['init', options(directory && { CCXRAY_HOME: directory })], ['record', toolTurn('acme_deploy')], ['flush'], ['wait', 100], ['report'], ['status']];
}

/** Runs something with a disk of its own. */
async function onDisk(how, use) {
  const { directory, unmount, ...rest } = disk.mount(how);
  try {
    await use(directory, rest);
  } finally {
    unmount();
  }
}

/** A process that carries out a plan until it is killed. */
function victim(steps) {
  const file = path.join(around.project(), 'plan.json');
  fs.writeFileSync(file, JSON.stringify(steps));
  return spawn(process.execPath, [require.resolve('../../testkit/drift/child'), file], { stdio: 'ignore', env: { PATH: process.env.PATH } });
}

/** Resolves when a process has ended. */
function gone(child) {
  return new Promise((resolve) => {
    child.once('close', resolve);
  });
}

/** Runs something while another process has its turn at the log, until that is released. */
async function whileLocked(use) {
  const lock = path.join(around.log.directory, 'parser-drift.lock');
  const held = signal('held');
  // The lock goes with the shell, which has it in its own hand.
  const child = spawn('sh', ['-c', 'exec 9>"$0" && flock 9 && : >"$1" && exec cat', lock, held], { stdio: ['pipe', 'ignore', 'inherit'] });
  const release = () => child.stdin.end();
  try {
    await eventually(() => fs.existsSync(held), Boolean);
    return await use(release);
  } finally {
    release();
  }
}

/** Lines that are almost ours. */
function oddLines() {
  const odd = [{ category: 1 }, { provider: null }, { token: ['x'] }, { firstSeen: 'yesterday' }, { lastSeen: 7 }, { count: -1 }, { count: 1.5 }, { count: '1' }, { lastSeen: '1969-12-31T00:00:00Z' }];
  return odd.map((more) => JSON.stringify({ ...line('acme_odd'), ...more }));
}
