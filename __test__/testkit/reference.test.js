'use strict';

const { capturedTurns } = require('../../testkit/fixtures/default-turns');
const { errorType, modelFamily, read } = require('../../testkit/reference/catalog');
const { lookUp, CATALOGS } = require('../../testkit/reference/catalog-lookup');
const { referenceTotals } = require('../../testkit/reference');
const {
  amount, answered, bash, called, claudeLine, codex, completed, custom, degraded, delta, entry, exec, func, output, permitting, prompted,
  saying, streamed, sum, referenceOf, turns, SESSION,
} = require('../../testkit/entries/minimal');

describe('the reference implementation', () => {
  test('gives the hand-counted totals of the captured entries', () => {
    const { counters, histograms } = referenceTotals(capturedTurns());
    expect(sum(counters.get('ccxray.provider.distribution_total'))).toBe(27);
    expect(Object.fromEntries(counters.get('ccxray.sessions_total'))).toEqual({
      '{"provider":"anthropic"}': 1, '{"provider":"openai"}': 3, '{"provider":"xai"}': 1,
    });
    expect(Object.fromEntries(counters.get('ccxray.stop_reason_total'))).toEqual({
      '{"reason":"tool_use"}': 4, '{"reason":"end_turn"}': 2, '{"reason":"max_tokens"}': 1,
      '{"reason":"completed"}': 7, '{"reason":"failed"}': 2, '{"reason":"incomplete"}': 1,
    });
    expect(sum(counters.get('ccxray.errors_total'))).toBe(7);
    expect(sum(counters.get('ccxray.invariants.sse_truncated_total'))).toBe(4);
    expect(counters.get('ccxray.cost.usd_total').get('{"model":"gpt-5.5","provider":"openai"}')).toBeCloseTo(7 * 0.134742, 12);
    expect(counters.get('ccxray.cost.unpriced_total').get('{"model":"gpt-4o","provider":"anthropic"}')).toBe(1);
    expect(histograms.get('ccxray.tools_per_turn').get('{}')).toEqual({ count: 27, sum: 62 });
  });

  test.each([
    ['has no anomaly', {}, false],
    ['calls an unknown tool', { res: called('AcmeDeploy'), turnToolCalls: { AcmeDeploy: 1 } }, true],
    ['calls an MCP tool with an invalid name', { turnToolCalls: { mcp__acme: 1 } }, true],
    ['has another tool count in the host', { res: { content: [] }, turnToolCalls: { Bash: 1 } }, true],
    ['has a usage that does not add up', { usage: { input_tokens: 1, output_tokens: 1, total_tokens: 3 } }, false],
    ['has an unknown stop reason', { stopReason: 'daydream' }, true],
    ['has only its line', { provider: 'openai', agent: 'codex', turnToolCallIds: { call_1: 'Bash' } }, true],
  ])('marks a turn that %s', (_, fields, isDegraded) => {
    const reference = referenceOf([{ line: claudeLine(fields) }]);
    expect({ turns: turns(reference), degraded: degraded(reference) }).toEqual({ turns: 1, degraded: isDegraded ? 1 : 0 });
  });

  test.each([
    ['never', 'never'], ['unless-trusted', 'untrusted'], ['whenever', 'other'],
  ])('reads the approval policy %s as %s', (policy, mode) => {
    const content = `<permissions instructions>Approval policy is currently ${policy}.</permissions instructions>`;
    const line = JSON.stringify({ provider: 'openai', agent: 'codex', model: 'gpt-5.5', msgCount: 1, status: 200, res: { output: [] } });
    const request = JSON.stringify({ input: [{ role: 'developer', content }] });
    expect(amount(referenceOf([{ line, parts: { request } }]), 'ccxray.permission_mode.usage_total', { mode })).toBe(1);
  });

  test('counts tool results with the successful attempt only', () => {
    const request = JSON.stringify({ messages: [{ role: 'user', content: '<command-message>acme-release</command-message>' }] });
    const fields = { turnToolResults: [{ toolFail: true }] };
    const attempts = [529, 200].map((status) => ({ line: claudeLine({ ...fields, status }), parts: { request } }));
    const { counters } = referenceTotals(attempts);
    expect(sum(counters.get('ccxray.tool.failures_total'))).toBe(1);
    expect(sum(counters.get('ccxray.skill.activations_total'))).toBe(1);
    expect(sum(counters.get('ccxray.provider.distribution_total'))).toBe(2);
    expect(sum(counters.get('ccxray.errors_total'))).toBe(1);
  });

  test.each([
    ['acme-release', 1],
    ['/acme-release is running…', 1],
    ['/help', 0],
    ['compact is running…', 0],
    [' ', 0],
  ])('counts the command %j as %d skills', (command, expected) => {
    const request = JSON.stringify({ messages: [{ role: 'user', content: `<command-message>${command}</command-message>` }] });
    expect(sum(referenceTotals([{ line: claudeLine({}), parts: { request } }]).counters.get('ccxray.skill.activations_total'))).toBe(expected);
  });

  test('counts a skill of command and call once', () => {
    const request = JSON.stringify({ messages: [{ role: 'user', content: '<command-message>acme</command-message>' }] });
    const res = { content: [{ type: 'tool_use', name: 'Skill', input: { skill: '/acme' } }] };
    expect(sum(referenceTotals([{ line: claudeLine({ res }), parts: { request } }]).counters.get('ccxray.skill.activations_total'))).toBe(1);
  });

  test.each([
    ['by a bare marker', { type: 'response.done' }, 'completed'],
    ['with a status', { type: 'response.done', response: { status: 'cancelled' } }, 'cancelled'],
  ])('finds the stop reason of a socket turn that ends %s', (_, end, reason) => {
    const line = claudeLine({
      provider: 'openai', agent: 'codex', stopReason: 'completed', responseMetadata: { transport: 'websocket' }, res: [end],
    });
    expect(Array.from(referenceTotals([{ line }]).counters.get('ccxray.stop_reason_total'))).toEqual([[JSON.stringify({ reason }), 1]]);
  });

  test.each([
    ['claude-opus-4-9', 'other'],
    ['claude-opus-4.9', 'other'],
    ['anthropic/claude-opus-4.6', 'claude-opus-4-6'],
    ['claude-4.6-opus-20260205', 'claude-opus-4-6'],
    ['claude-3.5-sonnet', 'claude-3-5-sonnet'],
    ['CLAUDE-OPUS-5', 'claude-opus-5'],
    ['models/claude-opus-5', 'claude-opus-5'],
    ['publishers/anthropic/models/claude-sonnet-4@20250514', 'claude-sonnet-4'],
    ['us.anthropic.claude-sonnet-4-6-v1:0', 'claude-sonnet-4-6'],
    ['arn:aws:bedrock:us-east-1:1:inference-profile/eu.anthropic.claude-opus-5-v1:0', 'claude-opus-5'],
    ['openrouter/x-ai/grok-4.3:free', 'grok-4.3'],
    ['gpt-50', 'other'],
    ['gpt-5-7', 'other'],
    ['acme-claude-opus-5-tuned', 'other'],
    ['claude-opus-4-9-20260101', 'other'],
    ['claude-opus-4-20250514', 'claude-opus-4'],
    ['claude-opus-4-0', 'claude-opus-4'],
    ['claude-opus-4-8', 'claude-opus-4-8'],
    ['grok-4-0709', 'grok-4'],
    ['anthropic/claude-opus-4@20250514', 'claude-opus-4'],
  ])('puts the model %s into the family %s', (model, family) => {
    expect(modelFamily(model)).toBe(family);
  });

  test('counts blocks with one id, but not what incomplete ones do', () => {
    const res = [startOfWrite(0, 'a'), { type: 'content_block_stop', index: 0 }, startOfWrite(1, 'a'), startOfWrite(2, 'b')];
    const { counters, histograms } = referenceTotals([{ line: claudeLine({ res }) }]);
    expect(histograms.get('ccxray.tools_per_turn').get('{}')).toEqual({ count: 1, sum: 3 });
    expect(sum(counters.get('ccxray.file_writes_total'))).toBe(1);
  });

  test.each([
    ['has no tokens', { input_tokens: 0, output_tokens: 0 }, 0],
    ['has tokens', { input_tokens: 0, output_tokens: 1 }, 1],
    ['has unknown fields', { prompt_tokens: 4 }, 1],
  ])('counts a missing price for a usage that %s', (_, usage, expected) => {
    expect(sum(referenceTotals([{ line: claudeLine({ usage }) }]).counters.get('ccxray.cost.unpriced_total'))).toBe(expected);
  });

  test('does not accept http_ types from a body', () => {
    expect(errorType(['http_200'], 503)).toBe('http_503');
    expect(errorType(['http_200'], 200)).toBe('unknown');
    expect(errorType(['overloaded_error', 'http_200'], 529)).toBe('overloaded_error');
  });
});

describe('the catalogs, as the reference implementation reads them,', () => {
  test.each(CATALOGS)('give the examples of %s', (file) => {
    const wrong = read(file).examples.filter((example) => !isHeld(example, lookUp(file, [example.input].flat().join(''))));
    expect(wrong).toEqual([]);
  });
});

describe('the reference implementation counts the anomaly:', () => {
  const stop = { type: 'message_stop' };
  const socket = { responseMetadata: { transport: 'websocket' } };

  test.each([
    ['an unknown tool', { res: called('AcmeDeploy') }, 'unknown_tool_total anthropic', ['tool AcmeDeploy']],
    ['a call of an unknown kind', output({ type: 'acme_call', id: 'x' }), 'unknown_tool_total openai', ['wire item:acme_call', 'tool acme']],
    ['a name that begins like that of an MCP tool', { res: called('mcp__acme') }, 'unknown_mcp_format_total', ['mcp_format mcp__acme']],
    ['a marker without a name', saying('<command-message>/</command-message>'), 'unknown_skill_marker_total anthropic', ['skill_marker /']],
    ['a marker without an end', saying('go <command-message>acme'), 'unknown_skill_marker_total anthropic', ['skill_marker acme']],
    ['an unknown stop reason', { stopReason: 'daydream' }, 'stop_reason unknown_value', ['stop_reason daydream']],
    ['an unknown model', { model: 'acme-7b' }, 'model unknown_value', ['model acme-7b']],
    ['an unknown provider', { provider: 'google', agent: 'claude' }, 'provider unknown_value', ['provider google']],
    ['an unknown field of a usage', { usage: { input_tokens: 1, output_tokens: 1, dream_tokens: 2 } }, 'response unknown_kind', ['wire usage:dream_tokens']],
    ['a count that is not a number', { usage: { input_tokens: 1, output_tokens: 1, total_tokens: '2' } }, 'response unknown_kind', ['wire usage:total_tokens']],
    ['a missing usage', { stopReason: 'end_turn' }, 'usage not_reported', []],
    ['a missing stop reason', { res: [stop], stopReason: '' }, 'stop_reason not_reported', []],
    ['a missing model', { model: null }, 'model not_reported', []],
    ['a command under an unknown key', { res: { content: [{ type: 'tool_use', name: 'Bash', input: { script: 'ls' } }] } }, 'tool_input unknown_value', ['tool_input Bash']],
    ['arguments that are not JSON', output({ ...func('exec_command', {}), arguments: 'ls' }), 'tool_input unknown_value', ['tool_input exec_command']],
    ['permissions in an unknown form', permitting('Do what you like.'), 'permission_mode not_reported', []],
    ['a marker with a sentence', saying('<command-message>fix the login</command-message>'), 'unknown_skill_marker_total anthropic', ['skill_marker fix the login']],
    ['tools of Claude with a response that is not JSON', { turnToolCalls: { Bash: 1 }, res: 'Bad Gateway' }, 'tools opaque_response', []],
    ['an unknown agent', { agentKey: 'acme-captain' }, 'agent_type unknown_value', ['agent_type acme-captain']],
    ['an unknown error', { status: 500, res: { error: { type: 'acme' } } }, 'error_type unknown_value', ['error_type acme']],
    ['an unknown permission mode', permitting('Approval policy is currently dusk.'), 'permission_mode unknown_value', ['permission_mode dusk']],
    ['an unknown event', { res: [{ type: 'acme' }, stop] }, 'response unknown_kind', ['wire event:acme']],
    ['an event without a type', { res: [{ object: 'acme.chunk', note: 1 }, stop] }, 'response unknown_kind', ['wire event:acme.chunk']],
    ['an unknown block', { res: { content: [{ type: 'hologram' }] } }, 'response unknown_kind', ['wire block:hologram']],
    ['an unknown delta, once in a turn', { res: [delta('acme'), delta('acme'), stop] }, 'response unknown_kind', ['wire delta:acme']],
    ['an unknown item', output({ type: 'hologram' }), 'response unknown_kind', ['wire item:hologram']],
    ['an agent known only by its prompt', prompted(' You are a translator.'), 'agent_type not_reported', []],
    ['tools without their response', codex({ turnToolCallIds: { a: 'Bash' } }), 'tools no_response', []],
    ['tools of a response that is not JSON', codex({ turnToolCallIds: { a: 'Bash' }, res: 'Bad Gateway' }), 'tools opaque_response', []],
    ['a socket turn without its response', codex(socket), 'websocket no_response', []],
  ])('%s', (_, fields, counted, names) => {
    const reference = referenceOf([entry(fields)]);
    expect(parserCounts(reference)).toContain(counted);
    expect(reference.drift.map(({ category, name }) => `${category} ${name}`)).toEqual(names);
    expect(degraded(reference)).toBe(1);
  });

  test.each([
    ['an incomplete request', { request: '{"messages":[' }, 'request', 1],
    ['a request that is not JSON', { request: 'no JSON' }, 'request', 1],
    ['an incomplete response', { response: '[{"type":"message_start"' }, 'response', 1],
    ['but not a page of HTML with an error', { response: '<html>Bad Gateway</html>' }, 'response', 0, { status: 502 }],
    ['a page of HTML with status 200', { response: '<html>Welcome</html>' }, 'response', 1],
    ['an empty response', { response: '' }, 'response', 1],
    ['a stream without events', { response: '[]' }, 'response', 1],
    ['but not an empty response of which the host has read the usage', { response: '' }, 'response', 0, { usage: { input_tokens: 1, output_tokens: 1 } }],
  ])('%s', (_, parts, parser, expected, fields = {}) => {
    const reference = referenceOf([{ line: claudeLine(fields), parts }]);
    expect(amount(reference, 'ccxray.parser.error_total', { parser, error_type: 'malformed_json' })).toBe(expected);
    expect(degraded(reference)).toBe(expected);
  });

  test.each(['no JSON', '{"model":"claude-opus-5"', '[]', 'null', '5'])('the line %s, which is not an object', (line) => {
    const reference = referenceOf([{ line }]);
    expect(amount(reference, 'ccxray.parser.error_total', { parser: 'entry', error_type: 'malformed_json' })).toBe(1);
    expect(turns(reference)).toBe(0);
  });

  test('but not the stop reason and agent of a side request', () => {
    const fields = { agentKey: 'web-search', model: 'acme-7b', stopReason: 'daydream' };
    const reference = referenceOf([entry({ ...fields, turnToolCalls: { AcmeDeploy: 2 }, res: called('AcmeDeploy') })]);
    expect(parserCounts(reference)).toEqual(['model unknown_value', 'tool_count', 'unknown_tool_total anthropic']);
    expect(reference.totals.counters.has('ccxray.tool.invocations_total')).toBe(false);
  });

  test('a permission mode where it is reported', () => {
    const fields = { sessionId: SESSION, ...permitting('Approval policy is currently dusk.') };
    const reference = referenceOf([entry(fields), entry({ ...fields, req: undefined })]);
    expect(amount(reference, 'ccxray.permission_mode.usage_total', { mode: 'other' })).toBe(2);
    expect(degraded(reference)).toBe(1);
  });

  test('and only one in the captured entries', () => {
    const reference = referenceOf(capturedTurns());
    expect(reference.drift.map(({ name }) => name)).toEqual(['usage:prompt_tokens', 'usage:completion_tokens']);
    expect(degraded(reference)).toBe(1);
  });
});

describe('the reference implementation detects different tool counts', () => {
  test.each([
    ['if the host counted more', { turnToolCalls: { Bash: 2 }, res: called('Bash') }, 1],
    ['not if it counted the same', { turnToolCalls: { Bash: 1 }, res: called('Bash') }, 0],
    ['not if it did not count', { turnToolCalls: null, res: called('Bash') }, 0],
    ['for a block that the host did not count', { turnToolCalls: { Bash: 1 }, res: called('Bash', 'Bash') }, 1],
    ['not for blocks with one id', { turnToolCalls: { Bash: 2 }, res: called('Bash', 'Bash') }, 0],
    ['not for server tools', { turnToolCalls: {}, res: { content: [{ type: 'server_tool_use', name: 'web_search' }] } }, 0],
    ['not without a response', { turnToolCalls: { Bash: 2 } }, 0],
    ['for a call of an unknown kind', { res: { content: [{ type: 'acme_tool_use', id: 'a', name: 'Bash' }] } }, 1],
    ['if the host has other ids', { ...output(exec('ls')), turnToolCallIds: { a: 'Bash', b: 'Bash' } }, 1],
    ['not for items that the host never counts', { ...output({ type: 'web_search_call', id: 'w' }), turnToolCallIds: {} }, 0],
    ['not if the end of a stream has more calls', codex({ res: completed([exec('ls')], [exec('ls'), exec('pwd', 'b')]), turnToolCallIds: { a: 'Bash' } }), 0],
    ['if the end of a stream has fewer calls', codex({ res: completed([exec('ls')], [{ type: 'message' }]) }), 1],
    ['not if the end of a stream has no items', codex({ res: completed([exec('ls')], []) }), 0],
  ])('%s', (_, fields, expected) => {
    const { counters } = referenceOf([entry(fields)]).totals;
    expect(counters.get('ccxray.parser.reconciliation_mismatch_total')?.get('{"type":"tool_count"}') ?? 0).toBe(expected);
    expect(counters.get('ccxray.invariants.parser_mismatch_total')?.get('{"type":"tool_count"}') ?? 0).toBe(expected);
  });
});

describe('the reference implementation detects different token counts', () => {
  const usage = { input_tokens: 5, output_tokens: 7, cache_read_input_tokens: 20, cache_creation_input_tokens: 3 };
  const unfinished = { responseMetadata: { transport: 'websocket' }, res: [{ type: 'response.created' }] };

  test.each([
    ['if the cache writes do not add up', { usage: { ...usage, cache_creation: { ephemeral_5m_input_tokens: 1 } } }, 1],
    ['if the total is wrong', { usage: { ...usage, total_tokens: 36 } }, 1],
    ['not if the total is right', { usage: { ...usage, total_tokens: 35 } }, 0],
    ['not for a total alone', { usage: { total_tokens: 36, prompt_tokens: 1 } }, 0],
    ['if the response has another input', { usage, res: answered({ ...usage, input_tokens: 6 }, { output_tokens: 7 }) }, 1],
    ['if the response has another output', { usage, res: answered(usage, { output_tokens: 8 }) }, 1],
    ['not for the placeholder at the beginning', { usage, res: answered({ ...usage, output_tokens: 3 }, { output_tokens: 7 }) }, 0],
    ['not for counts that only one has', { usage: { input_tokens: 5 }, res: answered(usage, {}) }, 0],
    ['not for the usage of an earlier turn on a socket', codex({ ...unfinished, usage: { ...usage, total_tokens: 1 } }), 0],
  ])('%s', (_, fields, expected) => {
    expect(amount(referenceOf([entry(fields)]), 'ccxray.parser.reconciliation_mismatch_total', { type: 'token_sum' })).toBe(expected);
  });
});

describe('the reference implementation counts written files', () => {
  const files = ['*** Update File: a.js', '@@', '+*** Add File: not/this', '*** Add File: b.js', '*** Update File: a.js'];
  const patch = ['*** Begin Patch', ...files, '*** End Patch', ''].join('\n');

  test.each([
    ['by an edit', { res: called('Edit') }, 1],
    ['by a patch, each file once', output(custom('apply_patch', patch)), 2],
    ['by a patch in the arguments of a function', output(func('apply_patch', { input: patch })), 2],
    ['by a patch without a header', output(custom('apply_patch', 'see above')), 1],
    ['by a patch in a shell', { res: { content: [bash(`apply_patch <<'EOF'\n${patch}EOF`)] } }, 2],
    ['not by a text about a patch', { res: { content: [bash('grep "*** Add File: x" log')] } }, 0],
    ['not by a call with incomplete input', { res: streamed('Write', ['{"file_path":"a']) }, 0],
    ['not by the last call before the output limit', { res: { ...called('Edit', 'Write'), stop_reason: 'max_tokens' } }, 1],
    ['not by incomplete arguments of a function', output({ ...func('write', {}), arguments: '{"path":"a' }), 0],
    ['not by an incomplete item', output({ ...func('write', {}), status: 'incomplete' }), 0],
    ['not by an MCP tool of that name', { res: called('mcp__files__Write') }, 0],
  ])('%s', (_, fields, expected) => {
    expect(sum(referenceOf([entry(fields)]).totals.counters.get('ccxray.file_writes_total'))).toBe(expected);
  });
});

describe('the reference implementation reads the command of a shell', () => {
  test.each([
    ['from a block', { content: [bash('rm -rf build')] }],
    ['from pieces, cut within an escape', streamed('Bash', ['{"command":"rm \\u002', 'drf build"}'])],
  ])('%s', (_, res) => {
    expect(amount(referenceOf([entry({ res })]), 'ccxray.dangerous_tool.invocations_total', { pattern: 'recursive_delete' })).toBe(1);
  });

  test.each([
    ['a line', exec('rm -rf build')],
    ['arguments', func('shell', { command: ['rm', '-rf', 'build'] })],
    ['a script among arguments', func('shell', { command: ['bash', '-lc', 'rm -rf build'] })],
    ['arguments of an item', { type: 'local_shell_call', call_id: 'a', action: { type: 'exec', command: ['bash', '-lc', 'rm -rf build'] } }],
    ['a program', custom('exec', 'tools.exec_command({cmd: "rm -rf build"})')],
    ['a line after half an emoji', func('exec_command', { cmd: 'echo \ud83d\nrm -rf build' })],
  ])('from %s', (_, item) => {
    const reference = referenceOf([entry(output(item))]);
    expect(amount(reference, 'ccxray.dangerous_tool.invocations_total', { pattern: 'recursive_delete' })).toBe(1);
  });
});

describe('the reference implementation finds the agent', () => {
  test.each([
    ['by the host\'s key', { ...prompted('You are a translator.'), agentKey: 'explore' }, 'explore', 1],
    ['by the head of the system prompt', prompted('\nYou are a file search specialist.'), 'explore', 1],
    ['by the head of the instructions', { ...output(), agentKey: null, req: { instructions: 'You are a worker agent.' } }, 'worker', 1],
    ['as unknown, and as sub-agent by its flag', { isSubagent: true, ...prompted('You are a captain.') }, 'unknown', 1],
    ['as a sub-agent by an unknown key', { agentKey: 'acme-captain' }, 'custom', 1],
    ['as main by its key, with any flag', { agentKey: 'orchestrator', isSubagent: true }, 'orchestrator', 0],
    ['as a helper of Codex by its flag', { ...output(), isSubagent: true }, 'default', 1],
  ])('%s', (_, fields, type, subagents) => {
    const reference = referenceOf([entry(fields)]);
    expect(amount(reference, 'ccxray.agent_type.invocations_total', { type })).toBe(1);
    expect(amount(reference, 'ccxray.subagent.invocations_total', {})).toBe(subagents);
  });

  test('only in the error of a socket without a turn', () => {
    const nothing = codex({ model: null, msgCount: 0, status: 502, responseMetadata: { transport: 'websocket' } });
    const reference = referenceOf([entry(nothing)]);
    expect(amount(reference, 'ccxray.errors_total', { type: 'http_502', provider: 'openai' })).toBe(1);
    expect(turns(reference)).toBe(0);
  });

  test('as a side request by its prompt', () => {
    expect(turns(referenceOf([entry(prompted('Generate a concise title.'))]))).toBe(0);
  });
});

describe('the gauges of the reference implementation', () => {
  test.each([
    [{ 'anthropic-ratelimit-unified-5h-utilization': '0.25' }, '5h', 0.25],
    [{ 'anthropic-ratelimit-tokens-limit': '400', 'anthropic-ratelimit-tokens-remaining': '100' }, 'tokens', 0.75],
    [{ 'x-ratelimit-limit-requests': '10', 'x-ratelimit-remaining-requests': '12' }, 'requests', 0],
    [{ 'x-codex-secondary-used-percent': '12.5', 'x-codex-secondary-window-minutes': '10080' }, '7d', 0.125],
    [{ 'x-codex-primary-used-percent': '12.5', 'x-codex-primary-window-minutes': '60' }, '5h', undefined],
  ])('from %j have the used share of window %s', (headers, window, expected) => {
    const { gauges } = referenceOf([{ line: claudeLine({}), parts: { headers } }]).totals;
    expect(gauges.get('ccxray.quota.utilization_ratio')?.get(JSON.stringify({ provider: 'anthropic', window }))).toBe(expected);
  });

  test('have the share of input from the cache', () => {
    const usages = [
      { input_tokens: 10, cache_read_input_tokens: 70, cache_creation_input_tokens: 20 },
      { input_tokens: 100, cache_read_input_tokens: 0 },
      { input_tokens: 999 },
    ];
    const { gauges } = referenceOf(usages.map((usage) => entry({ usage }))).totals;
    expect(Array.from(gauges.get('ccxray.cache.hit_ratio').values())).toEqual([70 / 200]);
  });
});

test('values beyond a cardinality limit become _overflow_', () => {
  const names = read('anthropic-tools').patterns.slice(0, 52).map(({ exact }) => exact);
  const reference = referenceOf([entry({ turnToolCalls: Object.fromEntries(names.map((name) => [name, 2])) })]);
  expect(amount(reference, 'ccxray.tool.invocations_total', { provider: 'anthropic', tool: '_overflow_' })).toBe(4);
  expect(amount(reference, 'ccxray.metrics.overflow_total', { attribute: 'tool', metric: 'ccxray.tool.invocations_total' })).toBe(2);
});

/** The sentinels that were counted, each as the rest of its name and its values, without those that follow from others. */
function parserCounts({ totals }) {
  const counts = Array.from(totals.counters).filter(([metric]) => metric.startsWith('ccxray.parser.')).flatMap(([metric, series]) => {
    const name = metric.slice('ccxray.parser.'.length).replace(/^(?:fallback_used|reconciliation_mismatch)_total$/, '');
    return Array.from(series.keys(), (labels) => [name, ...Object.values(JSON.parse(labels))].join(' ').trim());
  });
  counts.sort();
  return counts;
}

/** Checks that a catalog gives the result of its example. */
function isHeld({ is, is_not: isNot, name, groups, matches = true }, found) {
  if (!matches) return found === undefined;
  if (isNot !== undefined) return found === undefined || ![found.is].flat().includes(isNot);
  if (found === undefined) return false;
  if (is !== undefined && ![found.is].flat().includes(is)) return false;
  return (name === undefined || found.name === name) && (groups === undefined || JSON.stringify(found.groups) === JSON.stringify(groups));
}

function startOfWrite(index, id) {
  return { type: 'content_block_start', index, content_block: { type: 'tool_use', id, name: 'Write' } };
}

