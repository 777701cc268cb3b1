'use strict';

const { amount, bash, codex, custom, degraded, entry, exec, func, output, referenceOf, sum } = require('../../testkit/entries/minimal');
const { callsInProgram } = require('../../testkit/reference/program');

const ended = (response) => ({ type: 'response.completed', response });
const added = (item, index = 0) => ({ type: 'response.output_item.added', output_index: index, item: { ...item, status: 'in_progress' } });
const done = (item) => ({ type: 'response.output_item.done', item });

const start = (index, block) => ({ type: 'content_block_start', index, content_block: block });
const end = (index) => ({ type: 'content_block_stop', index });
const early = (...content) => ({ type: 'message_start', message: { content, stop_reason: 'tool_use', usage: { input_tokens: 9, output_tokens: 9 } } });
const stream = (...events) => ({ isSSE: true, res: [{ type: 'message_start', message: {} }, ...events] });

/** The number of calls in a turn. */
function callsOf(fields) {
  return referenceOf([entry(fields)]).totals.histograms.get('ccxray.tools_per_turn').get('{}').sum;
}

describe('calls on the Messages wire', () => {
  test.each([
    ['count in the first event', [early(bash('ls'))], 1],
    ['count once if a block event repeats them', [early(bash('ls')), start(0, bash('ls')), end(0)], 1],
    ['count twice with one id', [start(0, bash('ls')), end(0), start(1, bash('ls')), end(1)], 2],
    ['count twice at one index with two ids', [start(0, bash('ls')), end(0), start(0, { ...bash('pwd'), id: 'c' }), end(0)], 2],
    ['count once if index and id are repeated', [start(0, bash('ls')), end(0), start(0, bash('ls')), end(0)], 1],
  ])('%s', (_, events, expected) => {
    expect(callsOf({ res: [...events, { type: 'message_stop' }] })).toBe(expected);
  });

  test('in the first event have their effects and their stop reason', () => {
    const reference = referenceOf([entry({ res: [early(bash('rm -rf build')), { type: 'message_stop' }], stopReason: '', turnToolCalls: {} })]);
    expect(amount(reference, 'ccxray.dangerous_tool.invocations_total', { pattern: 'recursive_delete' })).toBe(1);
    expect(amount(reference, 'ccxray.stop_reason_total', { reason: 'tool_use' })).toBe(1);
    expect(degraded(reference)).toBe(0);
  });
});

describe('calls on the Responses wire', () => {
  const rm = { ...exec('rm -rf build'), id: 'fc_1' };
  const bare = { ...rm, arguments: '' };

  test.each([
    ['count without an event of their end', [added(rm), ended()], 1, 1],
    ['have the input of the events about it', [added(bare), { type: 'response.function_call_arguments.done', item_id: 'fc_1', arguments: rm.arguments }, ended()], 1, 1],
    ['have the joined pieces of an input', [added(bare), ...['{"cmd":"rm -', 'rf build"}'].map((delta) => ({ type: 'response.function_call_arguments.delta', output_index: 0, delta })), ended()], 1, 1],
    ['count if the stream breaks off behind their input', [added(rm)], 1, 1],
    ['do not count if the stream breaks off before it', [added(bare)], 0, 0],
    ['count once if their end is repeated', [done(rm), done(rm), ended()], 1, 1],
    ['count in the last event', [ended({ output: [rm] })], 1, 1],
    ['count in the last event of any name', [{ type: 'response.done', response: { output: [rm] } }], 1, 1],
    ['count once if the last event repeats them', [done(rm), ended({ output: [rm] })], 1, 1],
    ['count twice with an empty id of the call', [done({ ...rm, call_id: '' }), done({ ...rm, id: 'fc_2', call_id: '' }), ended()], 2, 2],
    ['count twice with two ids at two places', [added(rm, 0), added({ ...rm, id: 'fc_2' }, 1), ended()], 2, 2],
    ['count once with two ids at one place', [added(rm, 0), added({ ...rm, id: 'fc_2' }, 0), ended()], 1, 1],
    ['count once if one of them has no id', [done(exec('rm -rf build')), ended({ output: [rm] })], 1, 1],
  ])('%s', (_, events, calls, dangers) => {
    const reference = referenceOf([entry(codex({ res: events, turnToolCallIds: undefined }))]);
    expect(reference.totals.histograms.get('ccxray.tools_per_turn').get('{}').sum).toBe(calls);
    expect(amount(reference, 'ccxray.dangerous_tool.invocations_total', { pattern: 'recursive_delete' })).toBe(dangers);
  });

  test.each([
    ['what it does', { type: 'multi_agent_call', action: 'spawn_agent' }, 'spawn_agent'],
    ['the name of a known tool', { type: 'code_interpreter_call', name: 'web_search' }, 'web_search'],
    ['their name if their type is no tool', { type: 'acme_call', name: 'web_search' }, 'web_search'],
    ['its type otherwise', { type: 'code_interpreter_call', name: 'acme' }, 'code_interpreter'],
    ['not the kind of its action', { type: 'local_shell_call', action: { type: 'exec', command: ['ls'] } }, 'local_shell'],
  ])('without a name are called by %s', (_, item, tool) => {
    expect(amount(referenceOf([entry(output(item))]), 'ccxray.tool.invocations_total', { provider: 'openai', tool })).toBe(1);
  });

  test('of an MCP tool may go through another tool', () => {
    const fields = { ...output(func('use_tool', { tool_name: 'github__get_me' })), agent: 'grok' };
    const reference = referenceOf([entry(fields)]);
    expect(amount(reference, 'ccxray.mcp.invocations_total', { server: 'github', tool: 'custom' })).toBe(1);
    expect(amount(reference, 'ccxray.tool.invocations_total', { provider: 'xai', tool: 'use_tool' })).toBe(1);
  });
});

describe('a program', () => {
  test.each([
    ['calls a tool', 'await tools.a({x: 1})', ['a']],
    ['calls a tool by a quoted name', 'tools["a"](); tools [ \'b\' ] ()', ['a', 'b']],
    ['calls a tool if it is there', 'tools?.a?.()', ['a']],
    ['calls one tool in arguments of another', 'tools.a(tools.b())', ['a', 'b']],
    ['calls a tool within a template', '`x ${tools.a({b: `${tools.c()}`})} tools.d()`', ['a', 'c']],
    ['calls a tool in a loop once', 'for (;;) tools.a()', ['a']],
    ['does not call in a comment', '// tools.a()\n/* tools.b() */', []],
    ['does not call in a text', '"tools.a()" + \'tools.b()\' + `tools.c()`', []],
    ['does not call in a regular expression', 'x = /tools.a("/; s.match(/[/]tools.b(/)', []],
    ['calls between divisions', 'x = a / tools.a() / 2', ['a']],
    ['does not call what it only names', 'const t = tools.a; tools.b', []],
    ['does not call a tool of something else', 'my.tools.a()', []],
    ['goes on behind a text without an end', '"open\ntools.a()', ['a']],
    ['goes on behind a template without an end', '`open ${tools.a()', ['a']],
  ])('%s', (_, program, names) => {
    expect(callsInProgram(program).calls.map(({ name }) => name)).toEqual(names);
  });

  test('has at most 1,000 calls, and a size', () => {
    expect(callsInProgram('tools.a();'.repeat(2000)).calls).toHaveLength(1000);
    expect(callsInProgram(`tools.a();${' '.repeat(1 << 20)}`).calls).toEqual([]);
  });

  test.each([
    ['MCP tools', 'tools.mcp__github__get_me(); tools.mcp__github__get_me()', 'ccxray.mcp.invocations_total', 2],
    ['commands', 'tools.exec_command({cmd: "rm \\u002drf build"})', 'ccxray.dangerous_tool.invocations_total', 1],
    ['commands in variables', 'const c = "rm -rf build"; tools.exec_command({cmd: c})', 'ccxray.dangerous_tool.invocations_total', 1],
    ['commands under another name', 'const t = tools; t.exec_command({cmd: "rm -rf build"})', 'ccxray.dangerous_tool.invocations_total', 1],
    ['no commands in texts for others', 'tools.update_plan({x: "rm -rf build"}); tools.exec_command({cmd: "ls"})', 'ccxray.dangerous_tool.invocations_total', 0],
    ['no commands in comments', '// rm -rf build\ntools.exec_command({cmd: "ls"})', 'ccxray.dangerous_tool.invocations_total', 0],
    ['servers with hyphens', 'tools.mcp__claude_in_chrome__click()', 'ccxray.mcp.invocations_total', 1],
    ['patches', 'tools.apply_patch("*** Begin Patch\\n*** Add File: a\\n*** Update File: b\\n")', 'ccxray.file_writes_total', 2],
    ['patches that are computed', 'tools.apply_patch(patch)', 'ccxray.file_writes_total', 1],
    ['odd names', 'tools.mcp__github()', 'ccxray.parser.unknown_mcp_format_total', 1],
  ])('is one call that contains %s', (_, program, metric, expected) => {
    const reference = referenceOf([entry(output(custom('exec', program)))]);
    expect(sum(reference.totals.counters.get(metric))).toBe(expected);
    expect(amount(reference, 'ccxray.tool.invocations_total', { provider: 'openai', tool: 'exec' })).toBe(1);
  });
});

describe('an error', () => {
  test.each([
    ['without a type of its event', stream({ error: { type: 'overloaded_error' } }), 'overloaded_error'],
    ['in a list', { status: 429, res: [{ error: { code: 429, status: 'ACME' } }] }, 'http_429'],
    ['after the end', stream({ type: 'message_stop' }, { type: 'error', error: { type: 'api_error' } }), 'api_error'],
    ['that comes twice', stream({ type: 'error', error: { type: 'acme' } }, { type: 'error', error: { type: 'api_error' } }), 'api_error'],
    ['with a number as text', { status: 500, res: { error: { type: 'None', code: '429' } } }, 'http_500'],
    ['with a number as text in a stream', stream({ type: 'error', error: { type: 'None', code: '429' } }), 'http_429'],
    ['with a word for no type', { status: 500, res: { error: { type: 'None' } } }, 'http_500'],
    ['with a word of a gateway and a status', { status: 503, res: { error: { type: 'new_api_error' } } }, 'http_503'],
    ['with a word of a gateway', { status: 500, res: { error: { type: 'new_api_error', code: '' } } }, 'other'],
    ['that is a sentence', { status: 503, res: { error: 'rate limited' } }, 'http_503'],
    ['without an error object', { status: 400, res: { message: 'x', code: 'invalid_api_key' } }, 'invalid_api_key'],
    ['with a status in its event', codex({ res: [{ type: 'error', status_code: 503, message: 'x' }] }), 'http_503'],
  ])('%s counts once', (_, fields, type) => {
    const { counters } = referenceOf([entry(fields)]).totals;
    expect(Array.from(counters.get('ccxray.errors_total'), ([labels, count]) => [JSON.parse(labels).type, count])).toEqual([[type, 1]]);
  });

  test('is all that a refused upgrade to a socket counts', () => {
    const reference = referenceOf([entry(codex({ status: 426, responseMetadata: { transport: 'websocket' } }))]);
    expect(Array.from(reference.totals.counters.keys())).toEqual(['ccxray.otel.tier_distribution', 'ccxray.errors_total']);
  });
});
