'use strict';

const { plan } = require('../../scripts/checks');
const { runChecks } = require('../../scripts/run-checks');

const GIVEN = { isLong: false, isInstalled: true, isLinux: true, isInGit: true };
const HERE = ['build', 'generated files are committed', 'oxlint', 'Jest'];
const RUST = [
  'format', 'format of the model checks', 'format of the fuzz targets', 'clippy', 'Rust documents',
  'Rust tests', 'Rust tests with injected panics', 'model checks',
];

describe('the plan of npm test', () => {
  test.each([
    ['everything is there', {}, [[], [HERE, [...RUST, 'fuzz']]]],
    ['nothing is installed', { isInstalled: false }, [['install'], [HERE, [...RUST, 'fuzz']]]],
    ['the system is not Linux', { isLinux: false }, [[], [HERE, RUST]]],
    ['the sources come without git', { isInGit: false }, [[], [HERE.filter((name) => name !== 'generated files are committed'), [...RUST, 'fuzz']]]],
    ['it is the long one', { isLong: true }, [[], [['build', 'Jest with more seeds', 'soak'], ['fuzz']]]],
    ['it is the long one on Windows', { isLong: true, isLinux: false }, [[], [['build', 'Jest with more seeds'], []]]],
  ])('when %s', (_, given, expected) => {
    const { first, groups } = plan({ ...GIVEN, ...given });
    expect([namesOf(first), groups.map(({ checks }) => namesOf(checks))]).toEqual(expected);
  });

  test('runs only what measures no times at a low priority', () => {
    expect(plan(GIVEN).groups.map(({ isBackground }) => isBackground)).toEqual([false, true]);
  });
});

describe('the checks', () => {
  const node = (name, code) => ({ name, command: process.execPath, args: ['-e', code] });
  const group = (...checks) => ({ isBackground: false, checks });

  async function run(first, ...groups) {
    const printed = [];
    const { took, failed } = await runChecks({ first, groups }, (text) => printed.push(text));
    return { printed, names: took.map(([name]) => name), failed };
  }

  test('run side by side, and print one block each', async () => {
    const wait = (ms, word) => `process.stdout.write('${word} begins\\n'); setTimeout(() => console.error('${word} ends'), ${ms})`;
    const { printed, names, failed } = await run([node('first', '0')], group(node('slow', wait(600, 'slow'))), group(node('quick', wait(1, 'quick'))));
    expect({ names, failed }).toEqual({ names: ['first', 'quick', 'slow'], failed: undefined });
    const blocks = printed.filter((text) => text.includes(' begins'));
    expect(blocks).toEqual([expect.stringContaining('quick begins\nquick ends\n== quick: ok after'), expect.stringContaining('slow begins\nslow ends\n== slow: ok after')]);
  });

  test('stop at the first failure, with all processes of the others', async () => {
    const endless = `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })`;
    const fails = `console.log('the reason'); setTimeout(() => process.exit(3), 300)`;
    const { printed, names, failed } = await run([], group(node('endless', endless), node('never', '0')), group(node('broken', fails)));
    expect({ names, failed }).toEqual({ names: ['broken', 'endless'], failed: 'broken' });
    expect(printed.join('')).toMatch(/the reason\n== broken: failed \(exit 3\) after[^]*== endless: stopped after/);
  });

  test('do not run when what comes first fails', async () => {
    expect(await run([node('install', 'process.exit(1)')], group(node('never', '0')))).toMatchObject({ names: ['install'], failed: 'install' });
  });

  test('name a command that is missing', async () => {
    const { printed, failed } = await run([{ name: 'odd', command: 'no-such-command', args: [] }]);
    expect(failed).toBe('odd');
    expect(printed.join('')).toContain('no-such-command cannot be started (ENOENT); install no-such-command');
  });

  test('stop when they are interrupted', async () => {
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(), 300);
    const { failed } = await runChecks({ first: [], groups: [group(node('endless', 'setInterval(() => {}, 1000)'))] }, () => {}, interrupt.signal);
    expect(failed).toBe('interrupted');
  });
});

function namesOf(checks) {
  return checks.map(({ name }) => name);
}
