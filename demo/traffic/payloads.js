'use strict';

// Turns as ccxray has them when it calls `record`: the index line (a string), the response (a string, the events
// of an Anthropic stream) and the parsed entry (an object, which a JS implementation would read). All of them are
// made from a seed.

const { Random } = require('./random');

const KIB = 1024;

/** Length of an index line in characters. Lines of ccxray have 0.8 to 1.5 KB and grow with the history. */
const LINE_LENGTH = 2 * KIB;

/** Length of a response in characters: about 550 events, an average turn of a coding agent. */
const RESPONSE_LENGTH = 60 * KIB;

/** The part of a response's length that is reserved for its tool calls. */
const CALLS_LENGTH = 2400;

/** Size of a whole entry in bytes: a conversation of about a hundred messages. */
const BODY_LENGTH = 1024 * KIB;

/** First arrival, Unix ms. Fixed, so that every run sends the same bytes. */
const EPOCH_MS = 1_787_205_802_118;

const WORDS = {
  ascii: (
    'the handler checks whether each order has been paid before it is shipped so a retry must not charge twice ' +
    'I will read the test first then change the function and run the suite again to see that nothing else broke'
  ).split(' '),
  // With one such character, V8 stores the whole string in two bytes per character.
  cjk: [
    '訂單', '結帳', '處理', '我會先', '閱讀測試', '然後', '修改', '函式', '並重新', '執行', '確認',
    '注文を', '確認する', 'テストを', '実行し', '変更後に', '결제', '처리기를', '다시', '확인합니다',
  ],
};

const MODELS = [
  { name: 'claude-opus-4-6', rates: { input: 5, output: 25, cache_create: 6.25, cache_read: 0.5 } },
  { name: 'claude-sonnet-4-6', rates: { input: 3, output: 15, cache_create: 3.75, cache_read: 0.3 } },
  { name: 'claude-haiku-4-5-20251001', rates: { input: 1, output: 5, cache_create: 1.25, cache_read: 0.1 } },
];

const COMMANDS = ['npm test -- --watch=false', 'git status --short', 'rm -rf build/cache', 'rg -n "checkout" src'];

/** The calls from which each turn makes three. */
const CALLS = [
  (random) => ['Bash', { command: random.pick(COMMANDS), description: 'run it' }],
  () => ['Read', { file_path: '/home/dev/shop-api/src/checkout.ts' }],
  () => ['Edit', { file_path: '/home/dev/shop-api/src/checkout.ts', old_string: 'a', new_string: 'b' }],
  () => ['mcp__github__create_issue', { title: 'checkout charges twice' }],
  () => ['Skill', { skill: 'release' }],
];

/**
 * One finished turn of Claude Code, in every form that a row needs.
 *
 * @typedef {object} Turn
 * @property {object} entry the parsed entry with `req` and `res`, as the host has it
 * @property {string} line the index line, `LINE_LENGTH` characters or a little more
 * @property {string} response the JSON of `entry.res`, `RESPONSE_LENGTH` characters or a little more
 */

/**
 * @param {number} index which turn; the same index gives the same turn
 * @param {'ascii' | 'cjk'} script of the prose
 * @param {{responseLength?: number}} [options] length of the response in characters
 * @returns {Turn}
 */
function turn(index, script, { responseLength = RESPONSE_LENGTH } = {}) {
  const random = new Random(index * 7919 + (script === 'cjk' ? 1 : 0));
  const model = random.pick(MODELS);
  const calls = [0, 1, 2].map(() => random.pick(CALLS)(random));
  const usage = {
    input_tokens: random.int(5, 44),
    output_tokens: random.int(200, 2199),
    cache_creation_input_tokens: 3120,
    cache_read_input_tokens: random.int(40_000, 129_999),
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 3120 },
  };
  const receivedAt = EPOCH_MS + index * 1000;
  const ids = calls.map(() => `toolu_01${random.hex(20)}`);
  const res = events({ random, script, model: model.name, usage, calls, ids, receivedAt, length: responseLength });
  const { line: fields, rest } = describe({ index, random, script, model, usage, calls, ids, receivedAt });
  const entry = { ...fields, ...rest, req: request(random, script, model.name, 2), res };
  return { entry, line: JSON.stringify(fields), response: JSON.stringify(res) };
}

/**
 * A whole entry as bytes, with the conversation in `req`.
 *
 * @param {number} index which turn
 * @param {'ascii' | 'cjk'} script of the prose
 * @param {{length?: number}} [options] the least size in bytes, exceeded by at most one message
 * @returns {{entry: object, bytes: Buffer}}
 */
function body(index, script, { length = BODY_LENGTH } = {}) {
  const { entry } = turn(index, script);
  const random = new Random(index + 17);
  let size = Buffer.byteLength(JSON.stringify(entry));
  while (size < length) {
    const more = message(random, script, 2000, entry.req.messages.length);
    entry.req.messages.push(more);
    size += Buffer.byteLength(JSON.stringify(more)) + 1;
  }
  return { entry, bytes: Buffer.from(JSON.stringify(entry)) };
}

/**
 * Several different turns, so that no row measures one string that stays in the cache.
 *
 * @param {number} count how many
 * @param {'ascii' | 'cjk'} script of the prose
 * @param {{responseLength?: number}} [options] see `turn`
 * @returns {Turn[]}
 */
function turns(count, script, options) {
  return Array.from({ length: count }, (_, index) => turn(index, script, options));
}

function describe({ index, random, script, model, usage, calls, ids, receivedAt }) {
  const time = new Date(receivedAt).toISOString();
  const counts = {};
  for (const [name] of calls) counts[name] = (counts[name] ?? 0) + 1;
  const line = {
    id: time.replace(/[:.]/g, '-').slice(0, 23),
    ts: time.slice(11, 19),
    sessionId: `${new Random(index % 5).hex(8)}-7b32-4f7e-9c55-2f6b1d0a7e41`,
    provider: 'anthropic',
    agent: 'claude',
    model: model.name,
    msgCount: 37 + index,
    toolCount: 31,
    toolCalls: { Bash: 9, Read: 6, Edit: 3, Skill: 1 },
    skillCalls: { release: 1 },
    isSubagent: false,
    sessionInferred: false,
    cwd: '/home/dev/shop-api',
    isSSE: true,
    usage,
    cost: { cost: price(usage, model.rates), rates: model.rates, confidence: 'exact' },
    maxContext: 200_000,
    stopReason: 'tool_use',
    title: prose(random, script, 60),
    thinkingDuration: 2.914,
    toolFail: true,
    elapsed: '18.7',
    status: 200,
    receivedAt,
    sysHash: random.hex(12),
    toolsHash: random.hex(12),
    coreHash: random.hex(12),
    agentKey: index % 4 === 3 ? 'explore' : 'orchestrator',
    agentLabel: index % 4 === 3 ? 'Explore' : 'Orchestrator',
    convId: random.hex(8),
    toolSources: {},
    responseId: `msg_01${random.hex(22)}`,
    turnToolCalls: counts,
    turnToolFail: false,
    turnToolCallIds: Object.fromEntries(ids.map((id, at) => [id, calls[at][0]])),
    turnToolResults: [{ callId: `toolu_01${random.hex(20)}`, toolFail: index % 3 === 0, eligible: true }],
    team: 'payments',
    agentType: 'claude',
    localDate: time.slice(0, 10),
    tz: 'Asia/Taipei',
  };
  // Real lines are long because they have the source of every tool call in the history.
  let length = JSON.stringify(line).length;
  while (length < LINE_LENGTH) {
    const id = `toolu_01${random.hex(20)}`;
    line.toolSources[id] = 'local';
    length += id.length + 11;
  }
  return { line, rest: { method: 'POST', url: '/v1/messages?beta=true', tokens: null } };
}

function events({ random, script, model, usage, calls, ids, receivedAt, length }) {
  const list = [];
  let now = receivedAt + 900;
  let size = 2;
  const push = (event) => {
    now += 20;
    const stamped = { ...event, _ts: now };
    size += JSON.stringify(stamped).length + 1;
    list.push(stamped);
    return size;
  };
  const placeholder = { ...usage, output_tokens: 3, service_tier: 'standard' };
  const start = { id: `msg_01${random.hex(22)}`, type: 'message', role: 'assistant', model, content: [] };
  push({ type: 'message_start', message: { ...start, stop_reason: null, stop_sequence: null, usage: placeholder } });
  push({ type: 'ping' });
  push({ type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } });
  push({ type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: prose(random, script, 80) } });
  push({ type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: random.hex(80) } });
  push({ type: 'content_block_stop', index: 0 });
  push({ type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } });
  const text = () => ({ type: 'text_delta', text: prose(random, script, 12) });
  while (push({ type: 'content_block_delta', index: 1, delta: text() }) < length - CALLS_LENGTH) continue;
  push({ type: 'content_block_stop', index: 1 });
  calls.forEach(([name, input], at) => {
    const index = at + 2;
    push({ type: 'content_block_start', index, content_block: { type: 'tool_use', id: ids[at], name, input: {} } });
    for (const piece of JSON.stringify(input).match(/.{1,24}/g)) {
      push({ type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: piece } });
    }
    push({ type: 'content_block_stop', index });
  });
  const closing = { input_tokens: usage.input_tokens, output_tokens: usage.output_tokens };
  push({ type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: closing });
  push({ type: 'message_stop' });
  return list;
}

function request(random, script, model, messages) {
  return {
    model,
    max_tokens: 32_000,
    stream: true,
    system: [{ type: 'text', text: 'You are an interactive agent.' }],
    tools: [],
    messages: Array.from({ length: messages }, (_, at) => message(random, script, 120, at)),
  };
}

function message(random, script, length, at) {
  const content = [{ type: 'text', text: prose(random, script, length) }];
  return { role: at % 2 === 0 ? 'user' : 'assistant', content };
}

function prose(random, script, length) {
  const gap = script === 'cjk' ? '' : ' ';
  let text = '';
  while (text.length < length) text += random.pick(WORDS[script]) + gap;
  return text.slice(0, length);
}

function price(usage, rates) {
  const usd =
    usage.input_tokens * rates.input +
    usage.output_tokens * rates.output +
    usage.cache_creation_input_tokens * rates.cache_create +
    usage.cache_read_input_tokens * rates.cache_read;
  return Number((usd / 1e6).toFixed(7));
}

module.exports = { turn, turns, body, LINE_LENGTH, RESPONSE_LENGTH, BODY_LENGTH };
