'use strict';

const fc = require('fast-check');

const { excerpt } = require('../../host/excerpt');
const { Addon } = require('../../testkit/differential/addon');
const { smallest } = require('../../testkit/differential/shrink');
const { differences } = require('../../testkit/otlp/totals');
const { read } = require('../../testkit/reference/catalog');

/** How many sessions each wire has, and with how many turns at most. */
const SESSIONS = 400;
const TURNS = 4;

const far = `${'a line\n'.repeat(700)}`;
const texts = fc.constantFrom(
  'hi',
  ' ',
  '<command-message>ship</command-message>',
  '<command-name>/compact</command-name>\n<command-message>compact</command-message>',
  '<command-message>',
  '<system-reminder>\nPlan mode is active. x\n</system-reminder>\n',
  `<system-reminder>\n${far}\nPlan mode is active. x\n</system-reminder>`,
  '<system-reminder>\n<command-message>ship</command-message>\n</system-reminder>',
  '## Exited Plan Mode\n\nx',
  `${far}## Exited Plan Mode\n\nx`,
  `${'x'.repeat(2040)}\n## Exited Plan Mode`,
  `Plan mode is active.\n${far}\nYou have exited plan mode.\n${far}\n  Plan mode is still active.`,
  'it says: Plan mode is active',
  `${'x'.repeat(2030)}<command-message>ship</command-message>`,
  '[Request interrupted by user for tool use]\n',
  'CRITICAL: Respond with TEXT ONLY. Do NOT call any tools.\n\nx',
  'You are performing a CONTEXT CHECKPOINT COMPACTION. x',
  'This session is being continued from a previous conversation. one',
  `\n This session is being continued from a previous conversation. ${'é😀'.repeat(900)}`,
  `This session is being continued from a previous conversation. ${'é😀'.repeat(900)} two`,
  'Another language model started to solve this problem and produced a summary. x',
);
const rules = fc.constantFrom(
  '<skills_instructions>\nx',
  '<permissions instructions>\nApproval policy is currently never.\n</permissions instructions>',
  'x <permissions instructions>\n# Escalation Requests',
  '<permissions instructions>\nnothing known',
  `<permissions instructions>\n${far}Approval policy is currently on-request.`,
  `<permissions instructions>\nApproval policy is currently on-request.\n${far}\`approvals_reviewer\` is \`auto_review\``,
  '<collaboration_mode># Plan Mode\nx',
  'x\n<collaboration_mode>\n# Collaboration Mode: Default\nx',
  'x <collaboration_mode># Plan Mode\nx',
  '<collaboration_mode># Default\n<collaboration_mode># Plan Mode',
);
const blocks = (of) => fc.array(fc.oneof(of.map((text) => ({ type: 'text', text })), fc.constantFrom(
  { type: 'tool_result', tool_use_id: 't', content: 'Plan mode is active.' }, { type: 'image' }, null,
)), { maxLength: 3 });
const many = texts.map((text) => Array.from({ length: 20 }, (_, i) => ({ type: 'text', text: i % 3 === 0 ? text : `${i}` })));
const content = fc.oneof(texts, blocks(texts), blocks(texts), many);
const message = (role, of) => of.map((value) => ({ role, content: value }));

const messages = fc.record({
  system: fc.constantFrom(
    undefined,
    [{ type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.197.0ab; cc_entrypoint=cli;' }],
    [{ type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.197.0ab; cc_entrypoint=cli; cc_is_subagent=true;' }],
  ),
  messages: fc.array(fc.oneof(
    message('user', content),
    message('user', content),
    message('system', fc.oneof(texts, blocks(texts))),
    message('assistant', fc.constantFrom('done', '## Exited Plan Mode')),
    fc.constantFrom(null, { role: 'user' }),
  ), { maxLength: 5 }),
});

const word = (...words) => fc.constantFrom(undefined, ...words);
const metadata = fc.record({
  request_kind: word('turn', 'turn', 'compaction', 'memory', 'acme'),
  thread_source: word('user', 'user', 'subagent', 'thread_title', 'acme'),
  subagent_kind: word('review', 'guardian'),
  window_number: word(0, 1, 'x', -1),
  compaction: word(null, { trigger: 'manual' }, { trigger: 'auto' }, 7),
  agent_name: fc.constant('/root/secret'),
}).chain((it) => fc.constantFrom(undefined, it, JSON.stringify(it), '{', null));
const input = fc.record({
  client_metadata: metadata.map((it) => ({ session_id: 's', 'x-codex-turn-metadata': it })),
  input: fc.array(fc.oneof(
    message('user', content),
    message('developer', fc.oneof(rules, blocks(rules))),
    message('system', texts),
    fc.constantFrom(
      { type: 'function_call' }, { type: 'function_call_output' }, { type: 'compaction_trigger' }, null, { role: 'assistant', content: 'x' },
      { type: 'compaction', encrypted_content: `${'a'.repeat(100)}1` }, { type: 'compaction', encrypted_content: 'b' },
      { type: 'context_compaction', id: 'cmp_1' }, { type: 'agent_message', author: '/root' },
    ),
  ), { maxLength: 6 }),
});

const LINE = { status: 200, isSSE: true, agentKey: 'orchestrator', stopReason: 'end_turn', maxContext: 200_000, model: 'claude-sonnet-4-6' };
const WIRES = [
  ['Anthropic', { ...LINE, provider: 'anthropic', agent: 'claude', turnToolCalls: { ExitPlanMode: 1 } }, messages],
  ['Codex', { ...LINE, provider: 'openai', agent: 'codex', agentKey: 'default' }, input],
  ['Grok', { ...LINE, provider: 'xai', agent: 'grok', agentKey: 'default' }, input],
];

describe('the excerpt gives the same facts as the whole request:', () => {
  let addon;
  beforeAll(() => {
    addon = new Addon();
  });
  afterAll(() => addon.stop());

  test.each(WIRES)('%s', async (_, line, requests) => {
    const turns = fc.array(fc.record({ request: requests, msgCount: fc.integer({ min: 1, max: 9 }), fill: fc.integer({ min: 1, max: 99 }) }), {
      minLength: 1,
      maxLength: TURNS,
    });
    const records = fc.sample(turns, { numRuns: SESSIONS, seed: 1 }).flatMap((session, number) => session.map((turn) => ({ ...turn, session: number })));
    const differ = async (part) => differences(await addon.totals(part.map(recordOf(line, JSON.stringify))), await addon.totals(part.map(recordOf(line, excerpt))));
    if ((await differ(records)).length === 0) return;
    const part = await smallest(records, async (candidate) => (await differ(candidate)).length > 0);
    expect({ part, excerpts: part.map(({ request }) => excerpt(request)), found: await differ(part) }).toEqual('no difference');
  }, 120_000);
});

function recordOf(line, textOf) {
  return ({ request, session, msgCount, fill }) => {
    const entry = { ...line, sessionId: `s-${session}`, msgCount, usage: { input_tokens: 2000 * fill, output_tokens: 1 } };
    return { line: JSON.stringify(entry), parts: { request: textOf(request) } };
  };
}

describe('the excerpt knows the marks of the catalogs:', () => {
  test('plan mode', () => {
    const marks = needsOf('plan', 'left_plan');
    expect(marks.length).toBeGreaterThan(5);
    expect(marks.filter((mark) => !excerptWithMark(mark).includes(mark.trim()))).toEqual([]);
  });

  test('compactions', () => {
    const { patterns } = read('compactions');
    const summaries = patterns.filter(({ is, prefix }) => is === 'continuation' && prefix).map(({ prefix }) => prefix);
    const items = patterns.map(({ exact }) => exact).filter(Boolean);
    expect([summaries.length, items.length]).toEqual([2, 4]);
    expect(summaries.filter((summary) => !excerptWithSummary(summary)?.includes(summary))).toEqual([]);
    expect(items.filter((type) => !excerpt({ input: [{ type }] })?.includes(type))).toEqual([]);
  });

  test('permissions', () => {
    // These two follow one of the others.
    const marks = needsOf('policy').filter((mark) => !['danger-full-access', 'unless-trusted'].includes(mark));
    expect(marks.length).toBeGreaterThan(3);
    expect(marks.filter((mark) => !excerptWithPolicy(mark).includes(mark.trim()))).toEqual([]);
  });
});

/** The words of which a text with one of these meanings contains one. */
function needsOf(...meanings) {
  return read('permission-modes').patterns.filter(({ is, needs }) => needs && meanings.includes(is)).flatMap(({ needs }) => needs);
}

function excerptWithMark(mark) {
  return excerpt({ messages: [{ role: 'user', content: 'x' }, { role: 'system', content: `${far}${mark}` }] });
}

function excerptWithSummary(start) {
  return excerpt({ messages: [{ role: 'user', content: `${start} x` }, { role: 'assistant', content: 'y' }] });
}

function excerptWithPolicy(mark) {
  return excerpt({ input: [{ role: 'developer', content: `<permissions instructions>${far}${mark}` }] });
}
