'use strict';

const { main } = require('../../scripts/agents');

/** Runs the command with these arguments. */
async function called(...argv) {
  const output = { out: '', err: '' };
  const io = { out: (text) => { output.out += text; }, err: (text) => { output.err += text; }, env: {} };
  return { code: await main(argv, io), ...output };
}

test('the help names the options and the exit codes', async () => {
  const { code, out } = await called('--help');
  expect(code).toBe(0);
  expect(out).toMatch(/--claude VERSION[^]*--write[^]*Exit codes: 0 all figures equal/);
});

test('the list has the scenarios that are chosen, and runs nothing', async () => {
  const { code, out, err } = await called('--list', '--only', 'claude-plan-flag');
  expect([code, err]).toEqual([0, '']);
  expect(out.trim().split('\n').map((line) => line.split(' ')[0])).toEqual(['claude-plan-flag', 'claude-plan-flag-haiku']);
});

test('three scenarios of each client are the quick ones', async () => {
  const { out } = await called('--list', '--quick');
  expect(out.match(/^claude-/gm)).toHaveLength(3);
  expect(out.match(/^codex-/gm)).toHaveLength(3);
});

test.each([
  [['--onyl', 'x'], '--only'], [['--only', 'grok'], 'No scenario begins with grok'], [['--mutant', 'x'], 'is not a mutant'], [['--jobs', '0'], 'is not a whole number'],
])('%j is wrong usage', async (argv, message) => {
  const { code, err } = await called(...argv);
  expect(code).toBe(2);
  expect(err).toContain(message);
});
