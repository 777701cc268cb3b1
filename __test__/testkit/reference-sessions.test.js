'use strict';

const { amount, called, codex, conversationTurn, entry, sum, referenceOf, used, SESSION } = require('../../testkit/entries/minimal');

describe('a compaction', () => {
  const full = { msgCount: 90, used: 170_000 };
  const half = { msgCount: 90, used: 100_000 };
  const ask = { msgCount: 91, used: 170_000, earlier: ['Your task is to create a detailed summary of it.'] };
  const on = { msgCount: 3, used: 20_000, earlier: ['This session is being continued from a previous conversation that was long.', 'go on'] };
  const short = { msgCount: 3, used: 20_000, earlier: ['hello', 'go on'] };
  const more = { msgCount: 92, used: 172_000 };
  const compact = '<command-message>compact</command-message>';

  test.each([
    ['counts once, with several signs', [full, ask, on, { ...on, msgCount: 5 }], { auto: 1 }],
    ['counts if the summarizer agent requests it', [full, { agentKey: 'summarizer', msgCount: 1 }, on], { auto: 1 }],
    ['does not count before it is done, if the window is not full', [half, ask], {}],
    ['has an unknown trigger if the window is not full', [half, ask, on], { unknown: 1 }],
    ['is not manual because of an earlier message', [full, { ...ask, earlier: [compact, ask.earlier[0]] }, on], { auto: 1 }],
    ['is manual after the user\'s command', [full, { ...ask, newest: [compact, ask.earlier[0]] }, on], { manual: 1 }],
    ['is detected by the text of a summary', [half, on], { unknown: 1 }],
    ['is detected by a drop', [full, short], { auto: 1 }],
    ['is detected by a drop with a command', [half, { ...short, newest: [compact] }], { manual: 1 }],
    ['is not a step back by four messages', [full, { msgCount: 86, used: 20_000 }], {}],
    ['is not a shorter history of the same size', [full, { msgCount: 80, used: 165_000 }], {}],
    ['is not done when the conversation grows', [full, ask, more, more], {}],
    ['is done later than the first request for it', [full, ask, more, more, { ...on, msgCount: 4 }], { auto: 1 }],
    ['is manual after a full window if the next turn has the command', [full, ask, { ...on, newest: [compact] }], { manual: 1 }],
    ['needs only the command after a request', [half, ask, { msgCount: 91, used: 99_000, newest: [compact] }], { manual: 1 }],
    ['needs only a smaller context after a request', [full, ask, { ...short, msgCount: 89 }], { auto: 1 }],
    ['is not forgotten when the request is repeated', [full, ask, { msgCount: 90, used: 170_000 }, on], { auto: 1 }],
    ['counts once if it is requested twice', [full, ask, ask, on], { auto: 1 }],
    ['counts each time it happens', [full, ask, on, full, ask, { ...on, earlier: [`${on.earlier[0]} Twice.`] }], { auto: 2 }],
    ['before the first turn does not count', [{ ...on, msgCount: 3 }, on], {}],
    ['counts if the conversation starts with it', [{ ...on, msgCount: 1, earlier: on.earlier.slice(0, 1) }], { unknown: 1 }],
    ['is not detected in a failed turn', [full, { ...on, status: 529 }, more], {}],
    ['is detected after a failed turn', [full, { ...ask, status: 529 }, { ...on, status: 500 }, on], { auto: 1 }],
    ['of a sub-agent does not count', [full, { ...ask, agentKey: 'explore' }, { ...on, agentKey: 'explore' }], {}],
    ['is not detected by a sub-agent\'s first turn', [{ agentKey: 'explore', msgCount: 1 }, { ...on, msgCount: 9 }], {}],
    ['is detected by a drop since the last turn with a usage', [full, { msgCount: 92 }, short], { auto: 1 }],
    ['is not detected by a drop to a turn without usage', [full, { msgCount: 3 }], {}],
    ['counts once if the next turn has no usage', [full, { ...on, used: undefined }, { ...on, msgCount: 5 }], { auto: 1 }],
    ['is detected by its text without a usage', [full, { ...on, used: undefined }], { auto: 1 }],
    ['is not detected without a session', [{ ...full, sessionId: 'direct-api' }, { ...on, sessionId: 'direct-api' }], {}],
  ])('%s', (_, steps, expected) => {
    const { counters } = referenceOf(steps.map(conversationTurn)).totals;
    const series = Array.from(counters.get('ccxray.auto_compact.triggered_total') ?? []);
    const counted = series.map(([labels, count]) => [JSON.parse(labels).trigger, count]);
    expect(Object.fromEntries(counted)).toEqual(expected);
  });

  test.each([
    ['in any user message on the Responses wire', [], 1],
    ['in the frame of a socket', [{ transport: 'websocket' }], 1],
  ])('is detected %s', (_, [responseMetadata], expected) => {
    const input = ['hi', on.earlier[0], 'go on'].map((text) => ({ role: 'user', content: [{ type: 'input_text', text }] }));
    const fields = codex({ sessionId: SESSION, responseMetadata, res: [{ type: 'response.completed' }], maxContext: 200_000 });
    const before = entry({ ...fields, msgCount: 50, usage: used(190_000) });
    const after = entry({ ...fields, msgCount: 52, usage: used(180_000), req: { input } });
    expect(amount(referenceOf([before, after]), 'ccxray.auto_compact.triggered_total', { trigger: 'auto' })).toBe(expected);
  });
});

describe('plan mode', () => {
  const reminder = '<system-reminder>\nPlan mode is active. Do not edit.\n</system-reminder>';
  const left = '## Exited Plan Mode\n\nYou have exited plan mode.';
  const result = { type: 'tool_result', tool_use_id: 'a', content: reminder };

  test.each([
    ['is reported by the newest message', [{ content: reminder }], 1],
    ['continues during tool results', [{ content: reminder }, { content: [result] }, { content: [result] }], 3],
    ['continues without a request', [{ content: reminder }, {}], 2],
    ['continues when the user types without it', [{ content: reminder }, { content: 'do it' }, { content: [result] }], 3],
    ['ends when the client reports it', [{ content: reminder }, { content: [result, { type: 'text', text: left }] }, {}], 1],
    ['begins after the call that enters it', [{ calls: ['EnterPlanMode'] }, { content: [result] }], 1],
    ['ends after the call that leaves it', [{ content: reminder, calls: ['ExitPlanMode'] }, { content: [result] }], 1],
    ['does not begin with a failed call', [{ calls: ['EnterPlanMode'], status: 529 }, { content: [result] }], 0],
    ['is not reported by a tool result', [{ content: [result] }], 0],
    ['is not counted for a sub-agent', [{ content: reminder, agentKey: 'explore' }, { content: [result] }], 0],
  ])('%s', (_, steps, expected) => {
    const records = steps.map(({ content, calls = [], ...fields }) => entry({
      sessionId: SESSION, res: called(...calls), ...fields, ...(content && { req: { messages: [{ role: 'user', content }] } }),
    }));
    expect(amount(referenceOf(records), 'ccxray.permission_mode.usage_total', { mode: 'plan' })).toBe(expected);
  });

  test('of Grok is detected in the same way', () => {
    const res = { output: [{ type: 'function_call', call_id: 'a', name: 'enter_plan_mode', arguments: '{}' }] };
    const records = [{ res }, { res: { output: [] }, req: { input: [{ type: 'function_call_output', call_id: 'a', output: 'ok' }] } }];
    const reference = referenceOf(records.map((fields) => entry(codex({ agent: 'grok', sessionId: SESSION, ...fields }))));
    expect(amount(reference, 'ccxray.permission_mode.usage_total', { mode: 'plan' })).toBe(1);
  });
});

describe('a skill', () => {
  const command = '<command-message>acme</command-message>';
  const result = [{ type: 'tool_result', tool_use_id: 'a', content: 'ok' }];
  const call = { content: result, skills: ['acme'] };

  test.each([
    ['after a command and a call is one activation', [{ content: command }, call], 1],
    ['after a command and two calls is two activations', [{ content: command }, call, call], 2],
    ['called twice in the turn of its command is two activations', [{ content: command, skills: ['acme', 'acme'] }], 2],
    ['called after another user message is another activation', [{ content: command }, { content: 'thanks' }, call], 2],
    ['called after an image is the same activation', [{ content: command }, { content: [{ type: 'image' }] }, call], 1],
    ['after two commands and a call is two activations', [{ content: command }, { content: command, skills: ['acme'] }], 2],
    ['called by a sub-agent is another activation', [{ content: command }, { agentKey: 'explore', skills: ['acme'] }, call], 2],
    ['of another name is another activation', [{ content: command }, { content: result, skills: ['other'] }], 2],
    ['that is a built-in command is not counted', [{ content: '<command-message>clear</command-message>' }], 0],
    ['in a rejected attempt counts with the next attempt', [{ content: command, status: 529 }, { content: command }], 1],
  ])('%s', (_, steps, expected) => {
    const records = steps.map(({ content, skills = [], ...fields }) => entry({
      sessionId: SESSION,
      res: { content: skills.map((skill, i) => ({ type: 'tool_use', id: `s${i}`, name: 'Skill', input: { skill } })) },
      ...fields,
      ...(content && { req: { messages: [{ role: 'user', content }] } }),
    }));
    expect(sum(referenceOf(records).totals.counters.get('ccxray.skill.activations_total'))).toBe(expected);
  });
});
