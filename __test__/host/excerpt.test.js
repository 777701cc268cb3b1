'use strict';

const { excerpt } = require('../../examples/ccxray/otel.js');

const parsed = (request) => JSON.parse(excerpt(request) ?? 'null');
const text = (value) => ({ type: 'text', text: value });
const item = (role, ...values) => ({
  type: 'message',
  role,
  content: values.map((value) => ({ type: 'input_text', text: value })),
});
const result = { type: 'function_call_output', call_id: 'call_1', output: 'secret output' };

describe('the excerpt of an Anthropic request', () => {
  test('is the newest user message, texts only', () => {
    const content = [
      { type: 'tool_result', tool_use_id: 'toolu_1', content: [text('secret output')] },
      { type: 'image', source: { type: 'base64', data: 'AAAA' } },
      text('<command-message>release</command-message>'),
    ];
    const request = { model: 'm', system: [text('s')], messages: [{ role: 'user', content: 'old' }, { role: 'user', content }] };
    expect(parsed(request)).toEqual({
      messages: [{ role: 'user', content: [{ type: 'tool_result' }, text('<command-message>release</command-message>')] }],
    });
  });

  test('has only the version line of the system prompt', () => {
    const head = 'x-anthropic-billing-header: cc_version=2.1.81.df2; cc_entrypoint=cli;';
    const system = [text(head), text('You are Claude Code'), text('the main prompt')];
    const results = [{ role: 'user', content: [{ type: 'tool_result', content: 'x' }] }];
    expect(parsed({ system, messages: results })).toEqual({ system: [text(head)] });
    expect(parsed({ system: [text(`${head}${'x'.repeat(9000)}`)], messages: results }).system[0].text).toHaveLength(256);
  });

  test('turns a plain string into a text block', () => {
    expect(parsed({ messages: [{ role: 'user', content: 'hi' }] })).toEqual({
      messages: [{ role: 'user', content: [text('hi')] }],
    });
  });

  test.each([
    ['the turn has only tool results', { messages: [{ role: 'user', content: [{ type: 'tool_result', content: 'x' }] }] }],
    ['the last message is a prefilled response', { messages: [{ role: 'user', content: 'hi' }, { role: 'assistant', content: '{' }] }],
    ['there is no message', { messages: [] }],
    ['there is no body', null],
    ['the body is something else', { prompt: 'hi' }],
    ['the message is malformed', { messages: [{ role: 'user', content: { text: 1 } }] }],
    ['a block is null', { messages: [{ role: 'user', content: [null, 7] }] }],
  ])('is absent when %s', (_, request) => {
    expect(excerpt(request)).toBeUndefined();
  });

  test('of a quota check is only its token limit', () => {
    expect(parsed({ max_tokens: 1, messages: [{ role: 'user', content: 'quota' }] })).toEqual({ max_tokens: 1 });
  });

  test('has at most 34,000 characters', () => {
    const content = Array.from({ length: 100 }, (_, i) => text(`${i} ${'x'.repeat(1_000_000)}`));
    const { messages } = parsed({ messages: [{ role: 'user', content }] });
    expect(messages[0].content).toHaveLength(16);
    expect(messages[0].content.at(-1).text).toMatch(/^99 x/);
    expect(excerpt({ messages: [{ role: 'user', content }] }).length).toBeLessThan(34_000);
  });
});

describe('the excerpt of a Responses request', () => {
  const permissions = '<permissions instructions>\n`sandbox_mode` is `read-only`';

  test('is the permissions and the new user message', () => {
    const request = {
      instructions: 'You are Codex',
      input: [item('developer', 'skills', `more\n${permissions}`), item('user', 'old'), result, item('user', 'new')],
    };
    expect(parsed(request)).toEqual({ input: [item('developer', permissions), item('user', 'new')] });
  });

  test('has all new user messages', () => {
    const input = [item('user', 'answered'), { type: 'function_call' }, item('user', 'summary'), item('user', 'new')];
    expect(parsed({ input })).toEqual({ input: [item('user', 'summary'), item('user', 'new')] });
    const many = Array.from({ length: 9 }, (_, i) => item('user', `${i}`));
    expect(parsed({ input: many }).input).toHaveLength(4);
  });

  test('omits user messages that were answered before', () => {
    const input = [item('developer', permissions), item('user', 'old'), { type: 'function_call' }, result];
    expect(parsed({ input })).toEqual({ input: [item('developer', permissions)] });
  });

  test('has only the newest permissions', () => {
    const input = [item('developer', permissions), item('user', 'a'), result, item('developer', `${permissions} now`), item('user', 'b')];
    expect(parsed({ input })).toEqual({ input: [item('developer', `${permissions} now`), item('user', 'b')] });
  });

  test('is absent if the turn has only results', () => {
    expect(excerpt({ input: [result] })).toBeUndefined();
  });

  test('of a connection without a turn is its marker', () => {
    expect(parsed({ transport: 'websocket', capture: 'transport-only', url: '/v1/responses' })).toEqual({
      capture: 'transport-only',
    });
  });
});
