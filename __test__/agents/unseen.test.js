'use strict';

const { unseenIn, vocabularyOf } = require('../../testkit/agents/unseen');

const claude = {
  method: 'POST', url: '/v1/messages?beta=true', headers: { 'x-app': 'cli', 'anthropic-beta': 'one-2026, two-2026' },
  body: {
    model: 'm', system: [{ type: 'text', text: 'x-anthropic-billing-header: cc_version=1; cc_entrypoint=cli;' }], metadata: { user_id: 'x' },
    tools: [{ name: 'Bash', input_schema: {} }, { name: 'mcp__zoo__feed' }],
    messages: [{ role: 'user', content: [{ type: 'text', text: '<system-reminder>\nx' }, { type: 'image' }] }, { role: 'system', content: 'x' }, { role: 'assistant', content: '<made-by-model>' }],
  },
};
const codex = {
  frame: {
    type: 'response.create', model: 'm', client_metadata: { 'x-codex-turn-metadata': '{"request_kind":"turn"}' },
    input: [{ type: 'additional_tools', role: 'developer', tools: [{ type: 'namespace', name: 'functions', tools: [{ type: 'custom', name: 'exec' }] }] }, { type: 'message', role: 'user', content: [{ type: 'input_text', text: '<environment_context>\n' }] }],
  },
};

test('the words of a request of Claude Code are found by kind', () => {
  expect(vocabularyOf([claude])).toMatchObject({
    requests: ['POST /v1/messages'], headers: ['anthropic-beta', 'x-app'], 'anthropic-beta': ['one-2026', 'two-2026'], metadata: ['user_id'], system: ['cc_entrypoint', 'cc_version'],
    tools: ['Bash'], roles: ['assistant', 'system', 'user'], blocks: ['image', 'text'], marks: ['system-reminder'],
  });
});

test('the words of a frame of Codex are found by kind', () => {
  expect(vocabularyOf([codex])).toMatchObject({
    items: ['additional_tools', 'message'], roles: ['developer', 'user'], parts: ['input_text'], tools: ['exec', 'functions'], 'turn metadata': ['request_kind'], marks: ['environment_context'],
  });
});

test('what is not known is listed', () => {
  const known = vocabularyOf([claude]);
  expect(unseenIn(known, known)).toEqual([]);
  const { body } = claude;
  const newer = vocabularyOf([{ ...claude, headers: { ...claude.headers, 'x-new': '1' }, body: { ...body, messages: [...body.messages, { role: 'tool', content: '' }] } }]);
  expect(unseenIn(newer, known)).toEqual(['headers: x-new', 'roles: tool']);
});

test('text of a user or of the model is no word', () => {
  const request = { ...claude, body: { ...claude.body, messages: [{ role: 'user', content: 'please read <secret> or secret_name' }] } };
  expect(JSON.stringify(vocabularyOf([request]))).not.toContain('secret');
});
