'use strict';

const { amount, called, codex, conversationTurn, entry, sum, truthOf, used, SESSION } = require('../../testkit/entries/minimal');

describe('a compaction', () => {
  const full = { msgCount: 90, used: 170_000 };
  const half = { msgCount: 90, used: 100_000 };
  const ask = { msgCount: 91, used: 170_000, earlier: ['Your task is to create a detailed summary of it.'] };
  const on = { msgCount: 3, used: 20_000, earlier: ['This session is being continued from a previous conversation that was long.', 'go on'] };
  const short = { msgCount: 3, used: 20_000, earlier: ['hello', 'go on'] };
  const more = { msgCount: 92, used: 172_000 };
  const compact = '<command-message>compact</command-message>';

  test.each([
    ['counts once, however it shows', [full, ask, on, { ...on, msgCount: 5 }], { auto: 1 }],
    ['counts when it is asked for by the agent that writes summaries', [full, { agentKey: 'summarizer', msgCount: 1 }, on], { auto: 1 }],
    ['counts when the window is not full only once it is done', [half, ask], {}],
    ['is of unknown cause when the window is not full', [half, ask, on], { unknown: 1 }],
    ['is not manual by what the user said before', [full, { ...ask, earlier: [compact, ask.earlier[0]] }, on], { auto: 1 }],
    ['is manual by the user\'s word', [full, { ...ask, newest: [compact, ask.earlier[0]] }, on], { manual: 1 }],
    ['shows in the text that the conversation goes on from', [half, on], { unknown: 1 }],
    ['shows in a drop', [full, short], { auto: 1 }],
    ['shows in a drop with a word for it', [half, { ...short, newest: [compact] }], { manual: 1 }],
    ['is no step back of four messages', [full, { msgCount: 86, used: 20_000 }], {}],
    ['is no shorter history with as much in it', [full, { msgCount: 80, used: 165_000 }], {}],
    ['is forgotten when the conversation grows on', [full, ask, more, more, { ...on, msgCount: 4 }], { auto: 2 }],
    ['is not forgotten when the request is said again', [full, ask, { msgCount: 90, used: 170_000 }, on], { auto: 1 }],
    ['does not count again when it is asked for twice', [full, ask, ask, on], { auto: 1 }],
    ['counts each time', [full, ask, on, full, ask, { ...on, earlier: [`${on.earlier[0]} Twice.`] }], { auto: 2 }],
    ['of before our time does not count', [{ ...on, msgCount: 3 }, on], {}],
    ['counts when the conversation starts with it', [{ ...on, msgCount: 1, earlier: on.earlier.slice(0, 1) }], { unknown: 1 }],
    ['is not seen in a turn that failed', [full, { ...on, status: 529 }, more], {}],
    ['is seen after a turn that failed', [full, { ...ask, status: 529 }, { ...on, status: 500 }, on], { auto: 1 }],
    ['of a sub-agent does not count', [full, { ...ask, agentKey: 'explore' }, { ...on, agentKey: 'explore' }], {}],
    ['is not told by a sub-agent\'s first turn', [{ agentKey: 'explore', msgCount: 1 }, { ...on, msgCount: 9 }], {}],
    ['shows in a drop since the last turn that told its figures', [full, { msgCount: 92 }, short], { auto: 1 }],
    ['shows in no drop to a turn that tells no figures', [full, { msgCount: 3 }], {}],
    ['counts once if the turn that goes on tells no figures', [full, { ...on, used: undefined }, { ...on, msgCount: 5 }], { auto: 1 }],
    ['needs no figures to show in its text', [full, { ...on, used: undefined }], { auto: 1 }],
    ['is not looked for where there is no session', [{ ...full, sessionId: 'direct-api' }, { ...on, sessionId: 'direct-api' }], {}],
  ])('%s', (_, steps, expected) => {
    const { counters } = truthOf(steps.map(conversationTurn)).totals;
    const series = Array.from(counters.get('ccxray.auto_compact.triggered_total') ?? []);
    const counted = series.map(([labels, count]) => [JSON.parse(labels).trigger, count]);
    expect(Object.fromEntries(counted)).toEqual(expected);
  });

  test.each([
    ['in any message of the user on the Responses wire', [], 1],
    ['in the frame of a socket, whose count of messages says nothing', [{ transport: 'websocket' }], 1],
  ])('shows %s', (_, [responseMetadata], expected) => {
    const input = ['hi', on.earlier[0], 'go on'].map((text) => ({ role: 'user', content: [{ type: 'input_text', text }] }));
    const fields = codex({ sessionId: SESSION, responseMetadata, res: [{ type: 'response.completed' }], maxContext: 200_000 });
    const before = entry({ ...fields, msgCount: 50, usage: used(190_000) });
    const after = entry({ ...fields, msgCount: 52, usage: used(180_000), req: { input } });
    expect(amount(truthOf([before, after]), 'ccxray.auto_compact.triggered_total', { trigger: 'auto' })).toBe(expected);
  });
});

describe('plan mode', () => {
  const reminder = '<system-reminder>\nPlan mode is active. Do not edit.\n</system-reminder>';
  const left = '## Exited Plan Mode\n\nYou have exited plan mode.';
  const result = { type: 'tool_result', tool_use_id: 'a', content: reminder };

  test.each([
    ['is in a turn whose newest message says so', [{ content: reminder }], 1],
    ['holds while tools answer', [{ content: reminder }, { content: [result] }, { content: [result] }], 3],
    ['holds without a request', [{ content: reminder }, {}], 2],
    ['ends when somebody types without it', [{ content: reminder }, { content: 'do it' }, { content: [result] }], 1],
    ['ends when the client says so', [{ content: reminder }, { content: [result, { type: 'text', text: left }] }, {}], 1],
    ['begins after the call that enters it', [{ calls: ['EnterPlanMode'] }, { content: [result] }], 1],
    ['ends after the call that leaves it', [{ content: reminder, calls: ['ExitPlanMode'] }, { content: [result] }], 1],
    ['does not begin with a call that failed', [{ calls: ['EnterPlanMode'], status: 529 }, { content: [result] }], 0],
    ['is not what a tool\'s result says', [{ content: [result] }], 0],
    ['is not a sub-agent\'s', [{ content: reminder, agentKey: 'explore' }, { content: [result] }], 0],
  ])('%s', (_, steps, expected) => {
    const records = steps.map(({ content, calls = [], ...fields }) => entry({
      sessionId: SESSION, res: called(...calls), ...fields, ...(content && { req: { messages: [{ role: 'user', content }] } }),
    }));
    expect(amount(truthOf(records), 'ccxray.permission_mode.usage_total', { mode: 'plan' })).toBe(expected);
  });

  test('of Grok is told the same way', () => {
    const res = { output: [{ type: 'function_call', call_id: 'a', name: 'enter_plan_mode', arguments: '{}' }] };
    const records = [{ res }, { res: { output: [] }, req: { input: [{ type: 'function_call_output', call_id: 'a', output: 'ok' }] } }];
    const truth = truthOf(records.map((fields) => entry(codex({ agent: 'grok', sessionId: SESSION, ...fields }))));
    expect(amount(truth, 'ccxray.permission_mode.usage_total', { mode: 'plan' })).toBe(1);
  });
});

describe('a skill', () => {
  const command = '<command-message>acme</command-message>';
  const result = [{ type: 'tool_result', tool_use_id: 'a', content: 'ok' }];
  const call = { content: result, skills: ['acme'] };

  test.each([
    ['that is commanded and then called is one activation', [{ content: command }, call], 1],
    ['that is called again after that is another', [{ content: command }, call, call], 2],
    ['that is called twice in the turn of its command is two', [{ content: command, skills: ['acme', 'acme'] }], 2],
    ['that is called after somebody typed something else is another', [{ content: command }, { content: 'thanks' }, call], 2],
    ['that is called after an image without a text is the same', [{ content: command }, { content: [{ type: 'image' }] }, call], 1],
    ['that is commanded twice is two, and the call after that none', [{ content: command }, { content: command, skills: ['acme'] }], 2],
    ['that a sub-agent calls is its own', [{ content: command }, { agentKey: 'explore', skills: ['acme'] }, call], 2],
    ['of another name is another', [{ content: command }, { content: result, skills: ['other'] }], 2],
    ['that is a command of the client is none', [{ content: '<command-message>clear</command-message>' }], 0],
    ['that is commanded in a refused attempt counts with the next one', [{ content: command, status: 529 }, { content: command }], 1],
  ])('%s', (_, steps, expected) => {
    const records = steps.map(({ content, skills = [], ...fields }) => entry({
      sessionId: SESSION,
      res: { content: skills.map((skill, i) => ({ type: 'tool_use', id: `s${i}`, name: 'Skill', input: { skill } })) },
      ...fields,
      ...(content && { req: { messages: [{ role: 'user', content }] } }),
    }));
    expect(sum(truthOf(records).totals.counters.get('ccxray.skill.activations_total'))).toBe(expected);
  });
});
