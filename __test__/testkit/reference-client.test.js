'use strict';

const { amount, called, codex, entry, output, referenceOf, sum, turns, used, SESSION } = require('../../testkit/entries/minimal');

const BILLING = 'x-anthropic-billing-header: cc_version=';

function saysVersion(version, more = '') {
  return { req: { system: [{ type: 'text', text: `${BILLING}${version}; cc_entrypoint=cli;${more}` }], messages: [{ role: 'user', content: 'hi' }] } };
}

function metadata(told) {
  return { req: { input: [], client_metadata: { 'x-codex-turn-metadata': JSON.stringify(told) } } };
}

function withHeaders(fields, requestHeaders) {
  return { ...entry(fields), parts: { requestHeaders } };
}

function developer(text) {
  return { role: 'developer', content: [{ type: 'input_text', text }] };
}

/** The fields of a turn whose stream has these limits. */
function limited(limits) {
  return codex({ res: [{ type: 'codex.rate_limits', rate_limits: limits }, { type: 'response.completed', response: {} }] });
}

function subagents(reference) {
  return amount(reference, 'ccxray.subagent.invocations_total', {});
}

describe('the client says that a turn is', () => {
  const slug = { agentKey: 'okapi-keeper' };
  const socket = { responseMetadata: { transport: 'websocket' }, res: [{ type: 'response.completed' }] };
  const helper = JSON.stringify({ thread_source: 'subagent', request_kind: 'prewarm' });

  test.each([
    ['the main agent\'s, by its version', entry({ ...slug, ...saysVersion('2.1.197.0ab') }), 0],
    ['the main agent\'s, by a newer version', entry({ ...slug, ...saysVersion('3.0.0.c1e') }), 0],
    ['nobody\'s, in a line without a fingerprint', entry({ ...slug, ...saysVersion('3.0.0') }), 1],
    ['the main agent\'s, by its word in an older version', entry({ ...slug, ...saysVersion('2.0.1', ' cc_is_subagent=false;') }), 0],
    ['nobody\'s, in an older version', entry({ ...slug, ...saysVersion('2.1.196') }), 1],
    ['a sub-agent\'s, in any version', entry(saysVersion('2.0.1', ' cc_is_subagent=true;')), 1],
    ['a sub-agent\'s, by a header', withHeaders(saysVersion('2.1.197'), { 'X-Claude-Code-Agent-Id': ['a'] }), 1],
    ['a sub-agent\'s, by metadata', entry({ ...codex({}), ...metadata({ thread_source: 'subagent' }) }), 1],
    ['a sub-agent\'s, by the kind of it', entry({ ...codex({}), ...metadata({ subagent_kind: 'review' }) }), 1],
    ['a sub-agent\'s, by a header of Codex', withHeaders(codex({}), { 'x-openai-subagent': 'review' }), 1],
    ['the main agent\'s, by metadata', entry({ ...codex({ isSubagent: true }), ...metadata({ thread_source: 'user' }) }), 0],
    ['not a sub-agent\'s, by a header', withHeaders(codex({}), { 'x-openai-subagent': 'false' }), 0],
    ['a sub-agent\'s, by the header of a socket', withHeaders(codex(socket), { 'x-codex-turn-metadata': helper }), 1],
  ])('%s', (_, record, expected) => {
    const reference = referenceOf([record]);
    expect({ turns: turns(reference), subagents: subagents(reference) }).toEqual({ turns: 1, subagents: expected });
  });

  test.each([
    ['a title', { request_kind: 'turn', thread_source: 'thread_title' }],
    ['a review by a guardian', { request_kind: 'turn', thread_source: 'guardian_review' }],
    ['a guardian', { thread_source: 'subagent', subagent_kind: 'guardian' }],
    ['a prewarmed connection', { request_kind: 'prewarm', thread_source: 'user' }],
    ['a memory', { request_kind: 'memory' }],
    ['something new', { request_kind: 'acme' }],
  ])('no turn but %s', (_, told) => {
    const reference = referenceOf([entry({ ...codex({ sessionId: SESSION, usage: used(2000) }), ...metadata(told) })]);
    expect({ turns: turns(reference), sessions: sum(reference.totals.counters.get('ccxray.sessions_total')) }).toEqual({ turns: 0, sessions: 0 });
    expect(sum(reference.totals.counters.get('ccxray.tokens.input_total'))).toBe(1000);
  });

  test('a turn of a new kind that the user began', () => {
    expect(turns(referenceOf([entry({ ...codex({}), ...metadata({ request_kind: 'acme', thread_source: 'user' }) })]))).toBe(1);
  });
});

describe('plan mode', () => {
  const reminder = { role: 'system', content: `${'x\n'.repeat(3000)}\nPlan mode is active. Do not edit.` };
  const typed = { role: 'user', content: 'hi' };
  const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'ExitPlanMode' }] };
  const refusal = { role: 'user', content: [{ type: 'tool_result' }, { type: 'text', text: '[Request interrupted by user for tool use]' }] };
  const answered = (callId, toolFail) => ({ messages: [result], turnToolResults: [{ callId, toolFail }] });

  test.each([
    ['begins in a system message behind the user\'s', [{ messages: [typed, reminder] }, { messages: [typed] }], 2],
    ['does not begin in an older system message', [{ messages: [typed, reminder, { role: 'assistant', content: 'x' }, typed] }], 0],
    ['does not begin within a line', [{ messages: [{ role: 'user', content: 'why is Plan mode is active here?' }] }], 0],
    ['goes on when leaving it fails', [{ messages: [typed, reminder], calls: ['ExitPlanMode'] }, answered('ExitPlanMode', true)], 2],
    ['goes on when the user refuses to leave it', [{ messages: [typed, reminder], calls: ['ExitPlanMode'] }, { messages: [refusal] }], 2],
    ['ends when the user agrees', [{ messages: [typed, reminder], calls: ['ExitPlanMode'] }, answered('ExitPlanMode', false)], 1],
    ['does not begin when entering it fails', [{ messages: [typed], calls: ['EnterPlanMode'] }, answered('EnterPlanMode', true)], 0],
    ['begins when the user agrees', [{ messages: [typed], calls: ['EnterPlanMode'] }, answered('EnterPlanMode', false)], 1],
    ['ends by the last of two marks', [{ messages: [typed, { role: 'system', content: 'Plan mode is active.\n\n## Exited Plan Mode' }] }], 0],
    ['is not the sub-agent\'s', [{ messages: [typed, reminder], agentKey: 'explore' }, { messages: [typed] }], 0],
  ])('%s', (_, steps, expected) => {
    const records = steps.map(({ messages, calls = [], ...fields }) => entry({ sessionId: SESSION, req: { messages }, res: called(...calls), ...fields }));
    expect(amount(referenceOf(records), 'ccxray.permission_mode.usage_total', { mode: 'plan' })).toBe(expected);
  });

  test.each([
    ['# Plan Mode', { plan: 2 }],
    ['# Collaboration Mode: Default', { never: 2 }],
    ['a plan without a heading', { never: 2 }],
  ])('of Codex is a collaboration mode: %s', (heading, expected) => {
    const input = [developer('<permissions instructions>Approval policy is currently never.'), developer(`<collaboration_mode>${heading}\nx`)];
    const records = [{ input }, { input: [] }].map((req) => entry({ ...output(), sessionId: SESSION, req }));
    const series = Array.from(referenceOf(records).totals.counters.get('ccxray.permission_mode.usage_total'));
    expect(Object.fromEntries(series.map(([labels, count]) => [JSON.parse(labels).mode, count]))).toEqual(expected);
  });
});

describe('a compaction', () => {
  const half = { usage: used(100_000), maxContext: 200_000 };
  const full = { usage: used(180_000), maxContext: 200_000 };
  const item = { type: 'compaction', encrypted_content: 'eA==' };
  const done = { type: 'response.output_item.done', item };
  const ended = { type: 'response.completed', response: { output: [] } };
  const asked = { req: { input: [{ type: 'compaction_trigger' }] }, res: [done, ended] };
  const told = (trigger) => metadata({ request_kind: 'compaction', compaction: { trigger } });
  const block = { res: { content: [{ type: 'compaction' }, { type: 'text' }], stop_reason: 'end_turn' }, provider: 'anthropic', agent: 'claude', agentKey: 'orchestrator' };

  test.each([
    ['says who wanted it', [half, told('manual'), half], { manual: 1 }],
    ['counts once in request, response and next request', [full, { ...told('auto'), res: [done, ended] }, { ...half, req: { input: [item] } }], { auto: 1 }],
    ['is an item of the response', [full, asked, half], { auto: 1 }],
    ['is an item of the response of a half full window', [half, asked], { unknown: 1 }],
    ['counts each time', [full, asked, { ...half, msgCount: 9 }, full, asked], { auto: 2 }],
    ['is asked for by an item and shown by the next request', [full, { ...asked, res: undefined }, { ...half, req: { input: [item] } }], { auto: 1 }],
    ['is shown by the number of the window', [{ ...full, ...metadata({ window_number: 0 }) }, { ...half, ...metadata({ window_number: 1 }) }], { auto: 1 }],
    ['is not shown by the first number', [{ ...full, ...metadata({ window_number: 3 }) }], {}],
    ['is done by the server of Anthropic', [block, block], { auto: 2 }],
    ['is a stop reason of Anthropic', [{ ...block, res: { content: [], stop_reason: 'compaction' }, stopReason: 'compaction' }], { auto: 1 }],
    ['of a sub-agent does not count', [full, { ...asked, isSubagent: true }], {}],
  ])('%s', (_, steps, expected) => {
    const records = steps.map((fields, at) => entry({ ...codex({ sessionId: SESSION, msgCount: 5 + at, ...fields }) }));
    const series = Array.from(referenceOf(records).totals.counters.get('ccxray.auto_compact.triggered_total') ?? []);
    expect(Object.fromEntries(series.map(([labels, count]) => [JSON.parse(labels).trigger, count]))).toEqual(expected);
  });
});

describe('the used share of a quota', () => {
  test.each([
    ['is known by the length of its window', { primary: { used_percent: 42, window_minutes: 10_079 } }, '7d', 0.42],
    ['of another window is left out', { primary: { used_percent: 42, window_minutes: 43_200 } }, '5h', undefined],
    ['beyond ten times is left out', { primary: { used_percent: 1e9, window_minutes: 300 } }, '5h', undefined],
    ['may be absent', { allowed: true, primary: null }, '5h', undefined],
  ])('%s', (_, limits, window, expected) => {
    const { gauges } = referenceOf([entry(limited(limits))]).totals;
    expect(gauges.get('ccxray.quota.utilization_ratio')?.get(JSON.stringify({ provider: 'openai', window }))).toBe(expected);
  });
});

describe('a value beyond its bound is not counted:', () => {
  test.each([
    ['a duration of years', { elapsed: '1e18' }, 'ccxray.request.duration', 'time'],
    ['a clock that was set', { receivedAt: 5000, res: [{ type: 'message_stop', _ts: 1_787_205_801_000 }] }, 'ccxray.latency_ms', 'time'],
    ['a context of ten windows', { maxContext: 1, usage: used(2000) }, 'ccxray.context.utilization_pct', 'usage'],
    ['a window below zero', { maxContext: -5, usage: used(2000) }, 'ccxray.context.utilization_pct', 'usage'],
    ['a duration below zero', { elapsed: '-1' }, 'ccxray.request.duration', 'time'],
    ['ten thousand calls', { turnToolCalls: { Bash: 9e15 } }, 'ccxray.tools_per_turn', 'tools'],
  ])('%s', (_, fields, metric, parser) => {
    const reference = referenceOf([entry(fields)]);
    expect(reference.totals.histograms.has(metric)).toBe(false);
    expect(amount(reference, 'ccxray.parser.fallback_used_total', { parser, reason: 'out_of_bounds' })).toBe(1);
  });
});
