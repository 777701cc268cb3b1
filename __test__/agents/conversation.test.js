'use strict';

const { subjectOfMessages, subjectOfResponses } = require('../../testkit/agents/upstream/conversation');

const user = (...texts) => ({ role: 'user', content: texts.map((text) => ({ type: 'text', text })) });
const results = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'CUE_wrong' }] };
const answer = { role: 'assistant', content: [{ type: 'text', text: 'CUE_wrong' }] };
const tools = [{ name: 'Bash' }];
const item = (text, role = 'user') => ({ type: 'message', role, content: [{ type: 'input_text', text }] });
const output = (id) => ({ type: 'function_call_output', call_id: `call_scripted${id}`, output: 'CUE_wrong' });

describe('a request of the Messages API is about', () => {
  test.each([
    ['the newest cue', [user('CUE_one'), answer, user('CUE_two')], { kind: 'turn', cue: 'two', round: 0 }],
    ['the results since that cue', [user('CUE_one'), answer, results, answer, user('CUE_two'), answer, results], { kind: 'turn', cue: 'two', round: 1 }],
    ['results with a reminder behind them', [user('CUE_one'), answer, results, { role: 'system', content: 'CUE_wrong' }], { kind: 'turn', cue: 'one', round: 1 }],
    ['what the user has typed, not what the client says', [user('<system-reminder>\nCUE_wrong\n</system-reminder>', 'CUE_one')], { kind: 'turn', cue: 'one', round: 0 }],
    ['a summary', [user('CUE_one'), answer, user('CRITICAL: Text only.\nYour task is to create a detailed summary of it.')], { kind: 'summary' }],
    ['nothing, if there is no cue', [user('hello')], { kind: 'turn' }],
  ])('%s', (_, messages, expected) => {
    expect(subjectOfMessages({ messages, tools })).toEqual(expected);
  });

  test('a title, if an answer in a format is asked for without tools', () => {
    expect(subjectOfMessages({ messages: [user('CUE_one')], output_config: { format: { type: 'json_schema' } } })).toEqual({ kind: 'title' });
  });

  test('the quota, if one token is asked for', () => {
    expect(subjectOfMessages({ messages: [user('quota')], max_tokens: 1 })).toEqual({ kind: 'probe' });
  });
});

describe('a request of the Responses API is about', () => {
  const call = { type: 'function_call', call_id: 'x' };

  test.each([
    ['the newest cue', [item('CUE_one'), item('CUE_wrong', 'assistant'), item('CUE_two')], { kind: 'turn', cue: 'two', round: 0 }],
    ['one round for the results of one answer', [item('CUE_one'), call, output('1_0'), call, output('1_1')], { kind: 'turn', cue: 'one', round: 1 }],
    ['a round for each answer', [item('CUE_one'), call, output('1_0'), call, output('2_0')], { kind: 'turn', cue: 'one', round: 2 }],
    ['the task of a spawned agent', [item('CUE_one'), output('1_0'), { type: 'agent_message', content: [{ text: 'CUE_child' }] }], { kind: 'turn', cue: 'child', round: 0 }],
    ['a compaction by the API', [item('CUE_one'), { type: 'compaction_trigger' }], { kind: 'compact' }],
  ])('%s', (_, input, expected) => {
    expect(subjectOfResponses({ input })).toEqual(expected);
  });

  test.each([
    [{ request_kind: 'compaction' }, 'summary'], [{ thread_source: 'thread_title' }, 'title'], [{ thread_source: 'guardian_review' }, 'guardian'],
  ])('what its metadata says: %j', (metadata, kind) => {
    const text = JSON.stringify(metadata);
    expect(subjectOfResponses({ input: [], client_metadata: { 'x-codex-turn-metadata': text } }).kind).toBe(kind);
    expect(subjectOfResponses({ input: [] }, { 'x-codex-turn-metadata': text }).kind).toBe(kind);
  });

  test('nothing, if it only warms up', () => {
    expect(subjectOfResponses({ input: [item('CUE_one')], generate: false })).toEqual({ kind: 'warm-up' });
  });
});
