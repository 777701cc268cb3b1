'use strict';

const { startScripted } = require('../../testkit/agents/upstream/server');
const { violations } = require('../../testkit/agents/upstream/allow-list');
const { allScenarios } = require('../../testkit/agents/scenarios');
const { calls, patch, program, text, tool } = require('../../testkit/agents/scenarios/answers');

const scriptOf = (block) => ({ one: [calls(block), text('Done.')] });
const bash = (command) => tool('Bash', { command });

describe('a script', () => {
  test.each([
    ['an echo', bash("echo 'rm -rf build' and more")],
    ['a file of the project', tool('Write', { file_path: 'docs/new.txt', content: 'a line' })],
    ["the tests' own MCP server", tool('mcp__zoo__feed')],
    ['a program of such calls', program(tool('exec_command', { cmd: 'echo hello' }), patch({ 'new.txt': 'a line' }))],
    ['a sub-agent', tool('Agent', { description: 'Look', prompt: 'Look. CUE_child', subagent_type: 'Explore' })],
  ])('may contain %s', (_, block) => {
    expect(violations(scriptOf(block))).toEqual([]);
  });

  test.each([
    ['another command', bash('ls')],
    ['a second command', bash('echo a; ls')],
    ['a second line', bash('echo a\nls')],
    ['a substitution', bash('echo $(ls)')],
    ['a variable', bash('echo "$HOME"')],
    ['a backquote', bash('echo `ls`')],
    ['a redirection', bash('echo a > /etc/passwd')],
    ['a pipe', bash('echo a | sh')],
    ['a background job', bash('echo a & ls')],
    ['a quote that is left open', bash("echo 'a")],
    ['a command that is no text', bash({ toString: 'echo a' })],
    ['no command', tool('Bash', {})],
    ['an argument that is not known', tool('Bash', { command: 'echo a', dangerouslyDisableSandbox: true })],
    ['a file outside of the project', tool('Write', { file_path: '../new.txt', content: 'x' })],
    ['an absolute path', tool('Write', { file_path: '/etc/new.txt', content: 'x' })],
    ['a hidden folder', tool('Write', { file_path: '.git/config.txt', content: 'x' })],
    ['a patch outside of the project', patch({ '../new.txt': 'x' })],
    ['another tool', tool('WebFetch', { url: 'http://example.com' })],
    ['a tool of an object', tool('constructor')],
    ["another server's tool", tool('mcp__github__delete_repository')],
    ['a program with another call', program(tool('exec_command', { cmd: 'ls' }))],
    ['another shell', tool('shell', { command: ['sh', '-c', 'ls'] })],
    ['a call beside a patch', { ...bash('ls'), patch: {} }],
    ['a call beside a program', { ...bash('ls'), program: [] }],
    ['a call beside a text', { ...bash('ls'), text: 'a' }],
    ['a text in a program', program({ text: 'a' })],
    ['a program within a program', program(program(bash('ls')))],
    ['a program that is text', { program: 'ls' }],
    ['a patch with another file in a line', patch({ 'new.txt': 'a\n*** Add File: ../outside.sh\n+b' })],
    ['a patch with a line break in a change', patch({ 'old.txt': ['a', 'b\n*** Delete File: ../x.txt'] })],
    ['a patch that is no object', { patch: ['new.txt'] }],
    ['another skill', tool('Skill', { skill: 'deploy' })],
    ['a command in the words for a skill', tool('Skill', { skill: 'zebra', args: '!`id`' })],
    ['nothing in the place of a block', null],
  ])('must not contain %s', (_, block) => {
    expect(violations(scriptOf(block))).toHaveLength(1);
  });

  test('must end after three rounds of calls', () => {
    const round = calls(bash('echo a'));
    expect(violations({ one: [round, round, round, text('Done.')] })).toEqual([]);
    expect(violations({ one: [round, round, round, round, text('Done.')] })).toEqual(['one: more than 3 rounds of calls']);
    expect(violations({ one: [round] })).toEqual(['one: the last answer must not contain a call, or the conversation does not end']);
  });

  test('is read to the last attempt', () => {
    expect(violations({ one: [{ attempts: [text('a'), calls(bash('ls'))] }, text('Done.')] })).toHaveLength(1);
    expect(violations({ one: [{ attempts: [{ attempts: [calls(bash('ls'))] }] }, text('Done.')] })).toHaveLength(1);
    expect(violations({ one: [{ attempts: [text('a')], blocks: [bash('ls')] }, text('Done.')] })).toHaveLength(1);
  });

  test.each([
    ['a call in the end of a response', { ...text('a'), extra: { output: [bash('ls')] } }],
    ['a field that is not known', { ...text('a'), content: [bash('ls')] }],
    ['blocks beside a refusal', { http: { status: 500 }, blocks: [bash('ls')] }],
    ['no blocks', {}],
    ['nothing', null],
  ])('must not answer with %s', (_, answer) => {
    expect(violations({ one: [answer, text('Done.')] })).toHaveLength(1);
  });
});

test('the upstream does not start with a script that is refused', async () => {
  await expect(startScripted(scriptOf(bash('ls')), { project: '/none' })).rejects.toThrow('one, round 1: the call Bash');
});

test('all scenarios keep to the list', () => {
  const found = allScenarios().flatMap(({ name, script }) => violations(script).map((problem) => `${name}: ${problem}`));
  expect(found).toEqual([]);
});
