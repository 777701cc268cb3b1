'use strict';

const { marked, typedTexts } = require('./messages');
const { TEXTS } = require('./lexicon');

/**
 * The body of a request on the Responses wire: the whole conversation over HTTP, only the new items over a socket.
 * @param {import('../traffic/random').Random} random
 * @param {object} turn
 * @param {'codex'|'grok'} turn.agent
 * @param {{name: string}} turn.step see compaction-steps.js
 * @param {string|undefined} turn.summary the text from which the conversation continues
 * @param {string|undefined} turn.permissions the permissions of Codex in this request
 * @param {string|undefined} turn.collaboration its collaboration mode in this request
 * @param {boolean} turn.isRemote whether the server compacts the conversation, with items instead of texts
 * @param {string|undefined} turn.compacted what it made of the conversation
 * @param {object} [turn.client_metadata]
 * @param {string} [turn.instructions]
 * @returns {object}
 */
function responsesRequest(random, { agent, step, summary, permissions, collaboration, isRemote, compacted, instructions, client_metadata }) {
  const input = [];
  if (agent === 'grok') input.push({ role: 'system', content: 'You are Grok.' });
  if (random.chance(0.2)) input.push({ type: 'additional_tools', role: 'developer', tools: [{ type: 'custom', name: 'exec' }] });
  if (permissions !== undefined) input.push(message('developer', ['<skills_instructions>\n- pdf: x (file: r0/pdf/SKILL.md)', permissions]));
  if (collaboration !== undefined) input.push(message('developer', [`<collaboration_mode>${collaboration}\nMade up.`]));
  input.push(message('user', ['<user_info>\nWorkspace Path: /home/dev/shop\n</user_info>']));
  if (summary !== undefined) input.push(message('user', [summary]));
  if (compacted !== undefined) input.push({ type: 'compaction', encrypted_content: compacted });
  input.push({ type: 'reasoning', summary: [] }, ...newest(random, agent, step, isRemote));
  const body = { model: 'gpt-5.5', instructions: instructions ?? 'You are Codex, a coding agent.', input, stream: true, store: false };
  return { ...body, ...(client_metadata && { client_metadata }) };
}

/** @returns {object} the request of a host that keeps messages, but not results of tools */
function excerptOf({ input, client_metadata }) {
  const kept = input.filter(({ type, role }) => role === 'developer' || role === 'user' || type?.startsWith('compaction'));
  return { input: kept, ...(client_metadata && { client_metadata }) };
}

function newest(random, agent, { name }, isRemote) {
  if (name === 'ask' && isRemote) return [{ type: 'compaction_trigger' }];
  if (name === 'ask') return [message('user', [marked(random, 'request', 'this conversation.')])];
  if (random.chance(0.5)) {
    const call = { type: 'function_call', call_id: `call_${random.hex(12)}`, name: 'read_file', arguments: '{}' };
    return [call, { type: 'function_call_output', call_id: call.call_id, output: 'Plan mode is active.' }];
  }
  return [message('user', typedTexts(random, agent))];
}

/** @returns {string} the permissions of Codex, as several versions write them. Of two, the last one counts */
function permissionsText(random) {
  const text = random.weighted(PERMISSIONS)(random);
  return `${random.pick(['', 'Before. '])}<permissions instructions>\n${text}\n</permissions instructions>`;
}

/** @returns {string} the heading of a collaboration mode of Codex */
function collaborationHeading(random) {
  return random.pick(['# Plan Mode', '# Collaboration Mode: Default', '# Collaboration Mode: Default', '# Pair Mode', '\n# Plan Mode', 'Not a heading about a plan']);
}

function message(role, texts) {
  return { type: 'message', role, content: texts.map((text) => ({ type: 'input_text', text })) };
}

function sandbox(random) {
  return `\`sandbox_mode\` is \`${random.pick(['workspace-write', 'read-only', 'danger-full-access'])}\`: ${random.pick(TEXTS)}.`;
}

function policy(random) {
  return random.pick(['never', 'on-request', 'untrusted', 'unless-trusted', 'on-failure', 'whenever', 'on-full-moon']);
}

const PERMISSIONS = [
  [(random) => `${sandbox(random)} Approval policy is currently ${policy(random)}.`, 10],
  [(random) => `${sandbox(random)}\n# Approval Requests\n\nApproval policy is \`${random.pick(['granular', 'never'])}\`. x`, 2],
  [(random) => `${sandbox(random)} \`approval_policy\` is \`${policy(random)}\``, 2],
  [(random) => `${sandbox(random)} \`approvals_reviewer\` is \`auto_review\`. Approval policy is currently on-request.`, 1],
  [() => '# Escalation Requests\n\nAsk.', 1],
  [() => 'Nothing is said of it.', 1],
];

module.exports = { responsesRequest, excerptOf, permissionsText, collaborationHeading };
