'use strict';

const { compared, expected, measured } = require('../../testkit/agents/figures');
const { outcomeOfMessages, outcomeOfResponses, tokensOf } = require('../../testkit/agents/upstream/ledger');
const { calls, http, text, tool } = require('../../testkit/agents/scenarios/answers');

const itself = (model) => model;
const line = (more) => ({ wire: 'messages', kind: 'turn', status: 200, model: 'm', isRecorded: true, tokens: { input: 1, output: 2, read: 3, write: 4 }, ...more });
const point = (metric, attributes, value) => ({ metric, attributes, value });

describe('the figures of a receiver', () => {
  test('are sums over all series with the same attributes', () => {
    const series = [
      point('ccxray.tool.invocations_total', { tool: 'Bash', provider: 'anthropic' }, 2),
      point('ccxray.tool.invocations_total', { tool: 'Bash', provider: 'openai' }, 1),
      point('ccxray.mcp.invocations_total', { server: 'github', tool: 'custom' }, 1),
      { metric: 'ccxray.latency_ms', attributes: { model: 'm' }, count: 3, sum: 900 },
      point('ccxray.file_writes_total', {}, 0),
    ];
    expect(measured(series)).toMatchObject({ tools: { Bash: 3 }, mcp: { 'github/custom': 1 }, calls: { '': 3 }, files: {}, skills: {} });
  });

  test('count a turn that is marked as degraded in both figures', () => {
    const series = [point('ccxray.provider.distribution_total', { provider: 'x' }, 2), point('ccxray.provider.distribution_total', { provider: 'x', 'ccxray.parser.degraded': 'true' }, 1)];
    expect(measured(series)).toMatchObject({ turns: { '': 3 }, degraded: { true: 1 } });
  });
});

describe('the expected figures', () => {
  test('are those that the scenario states, and the tokens of the ledger', () => {
    const found = expected({ turns: 1, degraded: 1, tools: { Bash: 2 } }, [line(), line({ model: 'n' })], itself);
    expect(found).toMatchObject({ turns: { '': 1 }, degraded: { true: 1 }, tools: { Bash: 2 }, sessions: {}, calls: { '': 2 }, input: { m: 1, n: 1 }, cacheWrite: { m: 4, n: 4 }, unpriced: { m: 1, n: 1 }, cost: {} });
  });

  test('have the cost of models with a price', () => {
    const tokens = { input: 1000, output: 100, read: 10_000, write: 200 };
    expect(expected({}, [line({ model: 'claude-opus-4-8', tokens })], itself)).toMatchObject({ cost: { 'claude-opus-4-8': 0.01375 }, unpriced: {} });
  });

  test('leave out what no proxy has a record of', () => {
    const ledger = [line({ isRecorded: false }), line({ wire: 'count' }), line({ kind: 'probe' }), line({ status: 426, tokens: null }), line({ status: 529, tokens: null })];
    expect(expected({}, ledger, itself)).toMatchObject({ calls: { '': 1 }, input: {} });
  });

  test('must have a name', () => {
    expect(() => expected({ turn: 1 }, [], itself)).toThrow('there is no figure turn');
  });
});

test('figures that only one side has differ', () => {
  const rows = compared({ tools: { Bash: 1 }, files: {} }, { tools: { Read: 1 }, files: {} });
  expect(rows).toEqual([
    { figure: 'tools', key: 'Bash', want: 1, got: 0 }, { figure: 'tools', key: 'Read', want: 0, got: 1 }, { figure: 'files', key: '', want: 0, got: 0 },
  ]);
});

describe('the ledger', () => {
  const tokens = tokensOf(text('a'), 7);

  test('has other tokens for each answer', () => {
    expect(tokens).toEqual({ input: 1007, output: 57, read: 3007, write: 207 });
    expect(tokensOf(text('a', { tokens: { input: 9 } }), 7)).toEqual({ ...tokens, input: 9 });
  });

  test.each([
    ['a text', text('a'), true, { tokens, calls: [], stop: 'end_turn', isRecorded: true }],
    ['a call', calls(tool('Bash', { command: 'echo a' })), true, { tokens, calls: ['Bash'], stop: 'tool_use', isRecorded: true }],
    ['an error', http(529, 'overloaded_error'), true, { tokens: null, calls: [], stop: 'overloaded_error', isRecorded: true }],
    ['a stream without its end', { ...text('a'), end: 'cut' }, true, { tokens: { ...tokens, output: 2 }, calls: [], stop: 'cut', isRecorded: true }],
    ['a connection that is reset', { ...text('a'), end: 'reset' }, true, { tokens: null, calls: [], stop: 'reset', isRecorded: false }],
    ['an answer that is no stream', { ...text('a'), end: 'cut' }, false, { tokens, calls: [], stop: 'end_turn', isRecorded: true }],
  ])('counts of the Messages API %s', (_, answer, isStream, outcome) => {
    expect(outcomeOfMessages(answer, tokens, isStream)).toEqual(outcome);
  });

  test('counts of the Responses API what the last event reports', () => {
    expect(outcomeOfResponses(text('a'), tokens)).toEqual({ tokens: { ...tokens, write: 0 }, calls: [], stop: 'completed', isRecorded: true });
    expect(outcomeOfResponses({ ...text('a'), end: 'cut' }, tokens)).toMatchObject({ tokens: null, stop: 'cut', isRecorded: true });
    expect(outcomeOfResponses({ ...text('a'), status: 'failed', tokens: null }, tokens)).toMatchObject({ tokens: null, stop: 'failed' });
  });
});
