'use strict';

const { spawnSync } = require('node:child_process');

const commands = require('../../cli/commands');
const { call } = require('../../testkit/cli/call');
const { projects } = require('../../testkit/scratch/projects');

const { project } = projects();

const script = async (shell) => (await call(['completion', shell], { cwd: project() })).stdout;

/** What bash offers for the last of these words. */
function offered(text, words) {
  const line = [text, `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})`, `COMP_CWORD=${words.length - 1}`, '_ccxray_otel', 'printf "%s\\n" "${COMPREPLY[@]}"'].join('\n');
  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', line], { encoding: 'utf8', cwd: __dirname });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').filter(Boolean);
}

describe('bash completes', () => {
  test.each([
    ['commands', ['ccxray-otel', 'tr'], ['trust']],
    ['options', ['ccxray-otel', 'init', '--te'], ['--team']],
    ['values', ['ccxray-otel', 'init', '--tier', ''], ['0', '1', '2']],
    ['backends', ['ccxray-otel', 'init', '--backend', 'data'], ['datadog']],
    ['shells', ['ccxray-otel', 'completion', 'f'], ['fish']],
    ['directories', ['ccxray-otel', 'status', '../conf'], ['../config']],
    ['nothing after a free value', ['ccxray-otel', 'init', '--team', ''], []],
  ])('%s', async (_, words, expected) => {
    expect(offered(await script('bash'), words)).toEqual(expected);
  });
});

test.each(['bash', 'zsh', 'fish'])('%s gets every command and option', async (shell) => {
  const text = await script(shell);
  const names = [Object.keys(commands), ...Object.values(commands).map(({ options }) => Object.keys(options))].flat();
  expect(names.filter((name) => !text.includes(name))).toEqual([]);
});

test.each([['bash', ['-n']], ['zsh', ['-n']], ['fish', ['--no-execute']]])('the script for %s is one that the shell can read, if it is installed', async (shell, options) => {
  const { error, status, stderr } = spawnSync(shell, options, { input: await script(shell), encoding: 'utf8' });
  if (error?.code !== 'ENOENT') expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
