'use strict';

// Requests as today's clients send them.

/** The messages of Claude Code's history, about 1 MB with their results. */
const MESSAGES = 430;
const RESULT_LENGTH = 4500;
/** The items of Codex's history. */
const ITEMS = 800;

/** @returns {Record<string, object>} one request for each row of the table */
function requests() {
  const history = claudeHistory();
  const { prompt, added, developer } = texts();
  const client = { 'x-codex-turn-metadata': JSON.stringify(turnMetadata()) };
  return {
    claudeResult: claude(history),
    claudeAdded: claude([...history, { role: 'system', content: added }]),
    claudePrompt: claude([...history, { role: 'assistant', content: 'done' }, { role: 'user', content: prompt }]),
    codexFirst: { input: [developer, message('user', 'one')], client_metadata: client },
    codexHistory: { input: [developer, ...codexHistory()], client_metadata: client },
  };
}

/** @returns {object} a request of Claude Code with these messages */
function claude(messages) {
  const system = ['x-anthropic-billing-header: cc_version=2.1.197.0ab; cc_entrypoint=cli;', 'brand', words(20_000)].map(block);
  return { system, messages };
}

/**
 * @param {number} [count] Default: 430, about 1 MB
 * @returns {object[]} the messages of a conversation that called a tool in each turn
 */
function claudeHistory(count = MESSAGES) {
  const turn = [
    { role: 'assistant', content: [block(words(500)), { type: 'tool_use', id: 'toolu_1', name: 'Read', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: words(RESULT_LENGTH) }] },
  ];
  return [{ role: 'user', content: [block(reminder()), block('one')] }, ...Array.from({ length: count / 2 }, () => turn).flat()];
}

function codexHistory() {
  const turn = [
    { type: 'function_call', call_id: 'call_1', name: 'exec', arguments: '{}' },
    { type: 'function_call_output', call_id: 'call_1', output: words(1500) },
    message('assistant', 'done'),
    { type: 'reasoning', encrypted_content: words(500) },
  ];
  return [message('user', 'one'), ...Array.from({ length: ITEMS / turn.length }, () => turn).flat()];
}

function texts() {
  const rules = `<permissions instructions>\n\`sandbox_mode\` is \`workspace-write\`\n# Escalation Requests\n${words(3000)}`;
  return {
    prompt: [block(reminder()), block(reminder()), block(reminder()), block(words(300))],
    added: Array.from({ length: 6 }, () => `A list of things:\n${words(1800)}`).join('\n\n'),
    developer: message('developer', `<skills_instructions>${words(24_000)}`, rules, `<collaboration_mode># Collaboration Mode: Default\n${words(800)}`),
  };
}

function turnMetadata() {
  return {
    session_id: '019f0000-0000-7000-8000-000000000001',
    agent_name: '/root',
    window_number: 0,
    request_kind: 'turn',
    thread_source: 'user',
    workspaces: { '/home/dev/project-a': { remote: words(300) } },
  };
}

function message(role, ...parts) {
  return { type: 'message', role, content: parts.map((text) => ({ type: 'input_text', text })) };
}

function block(text) {
  return { type: 'text', text };
}

function reminder() {
  return `<system-reminder>\n${words(1500)}\n</system-reminder>`;
}

function words(length) {
  return 'a line of the project\n'.repeat(Math.ceil(length / 22)).slice(0, length);
}


module.exports = { requests, claude, claudeHistory };
