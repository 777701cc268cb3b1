'use strict';

const { excerpt } = require('../../host/excerpt');

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

  test('has of reminders only the lines that turn plan mode on or off', () => {
    const lines = 'a line\n'.repeat(900);
    const reminder = `<system-reminder>\n${lines}Plan mode is active. x\n${lines}\n</system-reminder>`;
    const messages = [{ role: 'user', content: [text(reminder), text('hi')] }, { role: 'system', content: `${lines}\n\n## Exited Plan Mode\n${lines}` }];
    expect(parsed({ messages })).toEqual({
      messages: [
        { role: 'user', content: [text('<system-reminder>\nPlan mode is active. x\n</system-reminder>'), text('hi')] },
        { role: 'system', content: [text('## Exited Plan Mode')] },
      ],
    });
    const quoted = [{ role: 'system', content: 'it says: Plan mode is active' }, { role: 'assistant', content: 'Plan mode is active' }];
    expect(excerpt({ messages: quoted })).toBeUndefined();
  });

  test('has the summary in the first message', () => {
    const summary = 'This session is being continued from a previous conversation. x';
    const first = { role: 'user', content: [text('<system-reminder>\nx\n</system-reminder>'), text(summary)] };
    const answer = { role: 'assistant', content: 'done' };
    const kept = { role: 'user', content: [text(summary)] };
    expect(parsed({ messages: [first, answer, { role: 'user', content: 'three' }, { role: 'system', content: 'x' }] })).toEqual({
      messages: [kept, { role: 'user', content: [text('three')] }],
    });
    const results = { role: 'user', content: [{ type: 'tool_result', content: 'secret' }] };
    expect(parsed({ messages: [first, answer, results] })).toEqual({ messages: [kept, { role: 'user', content: [{ type: 'tool_result' }] }] });
    expect(parsed({ messages: [first, answer] })).toEqual({ messages: [kept, { role: 'assistant', content: '' }] });
  });

  test('has the command for a compaction that the client sends with the next message', () => {
    const command = '<command-name>/compact</command-name>\n<command-message>compact</command-message>';
    const first = { role: 'user', content: [text('This session is being continued from a previous conversation. x')] };
    const run = { role: 'user', content: [text(command), text('Continue from where you left off.')] };
    const next = { role: 'user', content: 'go on' };
    const made = { role: 'assistant', content: [text('No response requested.')] };
    const newest = (answer) => parsed({ messages: [first, run, { role: 'system', content: 'x' }, answer, next] }).messages.at(-1).content;
    expect(newest(made)).toEqual([text(command), text('go on')]);
    expect(newest({ role: 'assistant', content: [text('Done.')] })).toEqual([text('go on')]);
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

  test('has only the newest user message and the newest summary', () => {
    const summary = 'Another language model started to solve this problem and produced a summary';
    const input = [item('user', `${summary}. old`), item('user', 'answered'), { type: 'function_call' }, item('user', `${summary}. new`), item('user', 'now')];
    expect(parsed({ input })).toEqual({ input: [item('user', `${summary}. new`), item('user', 'now')] });
    const answered = [...input, result];
    expect(parsed({ input: answered })).toEqual({ input: [item('user', `${summary}. new`), { type: 'function_call_output' }] });
  });

  test('has the items that show a compaction, without their content', () => {
    const done = { type: 'compaction', id: 'cmp_1', encrypted_content: 'x'.repeat(9000) };
    const kept = { ...done, encrypted_content: 'x'.repeat(64) };
    const trigger = { type: 'compaction_trigger' };
    expect(parsed({ input: [item('user', 'a'), result, trigger] })).toEqual({ input: [trigger] });
    expect(parsed({ input: [done, { type: 'context_compaction' }, done, item('user', 'a')] })).toEqual({ input: [kept, item('user', 'a')] });
    expect(parsed({ input: [trigger, item('user', 'a')] })).toEqual({ input: [item('user', 'a')] });
    expect(excerpt({ input: [item('user', 'a'), { type: 'agent_message', content: 'secret' }] })).toBeUndefined();
  });

  test('has what the client says about its request, and nothing that is private', () => {
    const told = { request_kind: 'compaction', thread_source: 'user', subagent_kind: 'review', window_number: 2, compaction: { trigger: 'manual' } };
    const all = { ...told, agent_name: '/root/secret', session_id: 's', compaction: { ...told.compaction, reason: 'secret' } };
    const KEY = 'x-codex-turn-metadata';
    for (const given of [all, JSON.stringify(all)]) {
      expect(parsed({ input: [], client_metadata: { session_id: 's', [KEY]: given } })).toEqual({ client_metadata: { [KEY]: JSON.stringify(told) } });
    }
    const long = JSON.stringify({ ...told, x: 'x'.repeat(20_000) });
    for (const given of ['{', 'null', '7', null, 7, long]) expect(excerpt({ input: [], client_metadata: { [KEY]: given } })).toBeUndefined();
  });

  test('has the newest collaboration mode', () => {
    const mode = '<collaboration_mode># Plan Mode';
    const input = [item('developer', permissions, '<collaboration_mode># Default'), item('user', 'a'), result, item('developer', `x\n${mode}\n${'y'.repeat(900)}`)];
    const { input: kept } = parsed({ input });
    expect(kept[0]).toEqual(item('developer', permissions));
    expect(kept[1].content[0].text).toMatch(/^<collaboration_mode># Plan Mode\ny+$/);
    expect(kept[1].content[0].text).toHaveLength(200);
    expect(excerpt({ input: [item('developer', `see ${mode}`)] })).toBeUndefined();
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
