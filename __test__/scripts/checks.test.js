'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { plan } = require('../../scripts/checks');
const { runChecks } = require('../../scripts/run-checks');

const GIVEN = { isLong: false, isInstalled: true, isLinux: true, isInGit: true };
const HERE = ['build', 'page of the demo', 'generated files are committed', 'packages in step', 'licences of other packages', 'oxlint', 'Jest'];
const RUST = [
  'format', 'format of the model checks', 'format of the fuzz targets', 'clippy', 'Rust documents',
  'Rust tests', 'model checks',
];

const TIMED = ['Jest on reliability'];

const node = (name, code) => ({ name, command: process.execPath, args: ['-e', code] });
const group = (...checks) => ({ isBackground: false, checks });
const talk = (ms, word) => `process.stdout.write('${word} begins\\n'); setTimeout(() => console.error('${word} ends'), ${ms})`;

describe('the plan of npm test', () => {
  test.each([
    ['everything is there', {}, [[], [HERE, [...RUST, 'fuzz']], TIMED]],
    ['nothing is installed', { isInstalled: false }, [['install'], [HERE, [...RUST, 'fuzz']], TIMED]],
    ['the system is not Linux', { isLinux: false }, [[], [HERE, RUST], TIMED]],
    ['the sources come without git', { isInGit: false }, [[], [HERE.filter((name) => name !== 'generated files are committed'), [...RUST, 'fuzz']], TIMED]],
    ['it is the long one', { isLong: true }, [[], [['build', 'page of the demo', 'Jest with more seeds']], ['fuzz']]],
    ['it is the long one on Windows', { isLong: true, isLinux: false }, [[], [['build', 'page of the demo', 'Jest with more seeds']], []]],
  ])('when %s', (_, given, expected) => {
    const { first, groups, last } = plan({ ...GIVEN, ...given });
    expect([namesOf(first), groups.map(({ checks }) => namesOf(checks)), namesOf(last)]).toEqual(expected);
  });

  test.each([[undefined, '60'], [15, '15']])('gives the fuzzer of the long one the time that is asked for: %s', (fuzzSeconds, seconds) => {
    const [fuzz] = plan({ ...GIVEN, isLong: true, fuzzSeconds }).last;
    expect(fuzz.args.slice(-2)).toEqual(['--seconds', seconds]);
  });

  test('runs only what measures no times at a low priority', () => {
    expect(plan(GIVEN).groups.map(({ isBackground }) => isBackground)).toEqual([false, true]);
  });

  test('runs every suite, and the timed ones alone', () => {
    const { groups: [{ checks }], last: [timed] } = plan(GIVEN);
    const suites = fs.readdirSync(path.join(__dirname, '..'), { recursive: true })
      .filter((file) => file.endsWith('.test.js'))
      .map((file) => `__test__/${file.replaceAll('\\', '/')}`);
    const isTimed = (file) => new RegExp(timed.args.at(-1)).test(file);
    expect(checks.find(({ name }) => name === 'Jest').args).toEqual(['jest', '--testPathIgnorePatterns', timed.args.at(-1)]);
    expect(suites.filter(isTimed).length).toBeGreaterThan(5);
    expect(suites.filter((file) => !isTimed(file)).length).toBeGreaterThan(20);
  });
});

async function run(first, groups, last = []) {
  const printed = [];
  const { took, failed } = await runChecks({ first, groups, last }, (text) => printed.push(text));
  return { printed, names: took.map(([name]) => name), failed };
}

describe('the checks', () => {
  test('run side by side, and print one block each', async () => {
    const { printed, names, failed } = await run([node('first', '0')], [group(node('slow', talk(600, 'slow'))), group(node('quick', talk(1, 'quick')))], [node('last', '0')]);
    expect({ names, failed }).toEqual({ names: ['first', 'quick', 'slow', 'last'], failed: undefined });
    const blocks = printed.filter((text) => text.includes(' begins'));
    expect(blocks).toEqual([expect.stringContaining('quick begins\nquick ends\n== quick: ok after'), expect.stringContaining('slow begins\nslow ends\n== slow: ok after')]);
  });

  test('stop at the first failure, with all processes of the others', async () => {
    const endless = `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })`;
    const fails = `console.log('the reason'); setTimeout(() => process.exit(3), 300)`;
    const { printed, names, failed } = await run([], [group(node('endless', endless), node('never', '0')), group(node('broken', fails))], [node('later', '0')]);
    expect({ names, failed }).toEqual({ names: ['broken', 'endless'], failed: 'broken' });
    expect(printed.join('')).toMatch(/the reason\n== broken: failed \(exit 3\) after[^]*== endless: stopped after/);
  });

  test('do not run when what comes first fails', async () => {
    expect(await run([node('install', 'process.exit(1)')], [group(node('never', '0'))])).toMatchObject({ names: ['install'], failed: 'install' });
  });

  test('name a command that is missing', async () => {
    const { printed, failed } = await run([{ name: 'odd', command: 'no-such-command', args: [] }], []);
    expect(failed).toBe('odd');
    expect(printed.join('')).toContain('no-such-command cannot be started (ENOENT); install no-such-command');
  });

  test('stop when they are interrupted', async () => {
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(), 300);
    const { failed } = await runChecks({ first: [], groups: [group(node('endless', 'setInterval(() => {}, 1000)'))], last: [] }, () => {}, interrupt.signal);
    expect(failed).toBe('interrupted');
  });
});

function namesOf(checks) {
  return checks.map(({ name }) => name);
}
