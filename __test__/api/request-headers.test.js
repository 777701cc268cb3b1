'use strict';

const addon = require('../..');
const { sumOf, TURNS, turn } = require('../../testkit/entries/turn');
const { startReceiver } = require('../../testkit/receiver/receiver');
const { projects } = require('../../testkit/scratch/projects');

const { options } = projects();
const SUBAGENTS = 'ccxray.subagent.invocations_total';
const METADATA = 'x-codex-turn-metadata';

beforeAll(() => addon.shutdown(1));
afterEach(() => addon.shutdown(1));

/** How many turns and turns of sub-agents are counted for one entry with these request headers. */
async function counted(requestHeaders, fields) {
  const own = await startReceiver();
  addon.init(options({ tier: 1, endpoint: own.endpoint }));
  expect(addon.record(turn(fields), { requestHeaders })).toBe(true);
  expect(await addon.flush(5000)).toBe(true);
  const series = own.series();
  await addon.shutdown(500);
  await own.close();
  return { turns: sumOf(series, TURNS), subagents: sumOf(series, SUBAGENTS), text: JSON.stringify(series) };
}

const CODEX = { provider: 'openai', agent: 'codex', agentKey: 'default', isSubagent: true };
const told = (fields) => JSON.stringify({ request_kind: 'turn', ...fields });

test.each([
  ['no headers', undefined, {}, 1, 0],
  ['an agent', { 'x-claude-code-agent-id': 'a1' }, {}, 1, 1],
  ['a name in another case', { 'X-Claude-Code-Agent-Id': 'a1' }, {}, 1, 1],
  ['a list', { 'x-claude-code-agent-id': ['a1', 'a2'] }, {}, 1, 1],
  ['a value that is too long', { 'x-claude-code-agent-id': 'a'.repeat(300) }, {}, 1, 0],
  ['a value that is no text', { 'x-claude-code-agent-id': 7 }, {}, 1, 0],
  ['a header that is not on the list', { 'x-agent-id': 'a1' }, {}, 1, 0],
  ['a getter that throws', { get 'x-claude-code-agent-id'() { throw new Error('no'); } }, {}, 1, 0],
  ['a label', { 'x-openai-subagent': 'review' }, CODEX, 1, 1],
  ['a thread of the user', { [METADATA]: told({ thread_source: 'user' }) }, CODEX, 1, 0],
  ['a thread of a sub-agent', { [METADATA]: told({ thread_source: 'subagent' }) }, { ...CODEX, isSubagent: false }, 1, 1],
  ['a title', { [METADATA]: told({ thread_source: 'thread_title' }) }, CODEX, 0, 0],
  ['metadata that is too long', { [METADATA]: told({ thread_source: 'thread_title', x: 'x'.repeat(17_000) }) }, CODEX, 1, 1],
  ['headers that are no object', 'x-claude-code-agent-id: a1', {}, 1, 0],
])('%s', async (_, headers, fields, turns, subagents) => {
  expect(await counted(headers, fields)).toMatchObject({ turns, subagents });
});

test('a connection keeps what its first request said about the thread, not the kind of that request', async () => {
  const headers = { [METADATA]: told({ request_kind: 'prewarm', thread_source: 'subagent' }) };
  const socket = { ...CODEX, isSubagent: false, responseMetadata: { transport: 'websocket' } };
  expect(await counted(headers, socket)).toMatchObject({ turns: 1, subagents: 1 });
});

test('values are never sent', async () => {
  const secret = 'canary-0123';
  const names = ['x-claude-code-agent-id', 'x-claude-code-session-id', 'x-openai-subagent', 'session-id', 'thread-id'];
  const headers = { ...Object.fromEntries(names.map((name) => [name, secret])), [METADATA]: told({ thread_source: secret, agent_name: secret }) };
  const { text } = await counted(headers, CODEX);
  expect(text).not.toContain(secret);
});
