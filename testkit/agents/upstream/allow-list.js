'use strict';

/*
 * What a script may answer. A real client executes the calls that it is answered with, so only harmless ones are allowed:
 * `echo`, files inside of the scratch project, the agents, the skills and the MCP server of the tests. Whatever is not listed
 * is refused.
 */

/** Rounds of calls before a conversation must end. */
const MOST_ROUNDS = 3;
/** Letters, digits and marks that have no meaning in a shell, also within quotes. */
const ECHO = /^echo (?:[\w .,:=/+-]|'[\w .,:=/+-]*'|"[\w .,:=/+-]*")+$/;
const FILE = /^[\w-]+(?:\/[\w-]+)*\.(?:txt|md|js|ipynb)$/;
const WORDS = /^[^\0]{0,2000}$/;
const NAME = /^[\w:-]{1,64}$/;
const MCP = /^(?:mcp__(?:zoo|github)__)?(?:feed|get_me)$/;
/** The one skill of the scratch projects, and plain words for it. */
const SKILL = /^zebra$/;
const PLAIN = /^[\w .,:-]{0,200}$/;
/** A line of a patch. A line break would begin another file. */
const LINE = /^[\w .,:;()'"-]{0,200}$/;
/** Blocks that a client shows and does not execute. */
const SHOWN = new Set(['text', 'thinking', 'reasoning', 'search', 'compaction']);

const matching = (pattern) => (value) => typeof value === 'string' && pattern.test(value);
const words = (value) => typeof value === 'string' && WORDS.test(value);
const file = (value) => typeof value === 'string' && FILE.test(value);
const flag = (value) => typeof value === 'boolean';
const count = (value) => Number.isInteger(value) && value >= 0 && value <= 60_000;
const name = (value) => typeof value === 'string' && NAME.test(value);
const echo = (value) => typeof value === 'string' && ECHO.test(value);
const list = (check) => (value) => Array.isArray(value) && value.length <= 10 && value.every(check);
const fields = (known) => (input) => isObject(input) && Object.entries(input).every(([key, value]) => Object.hasOwn(known, key) && known[key](value));
const needs = (key, known) => (input) => fields(known)(input) && Object.hasOwn(input, key);
const option = fields({ label: words, description: words });
const question = fields({ question: words, header: words, multiSelect: flag, options: list(option) });

/** The tools of Claude Code and Codex, each with a check of its input. */
const TOOLS = {
  Bash: needs('command', { command: echo, description: words, timeout: count, run_in_background: flag }),
  Read: needs('file_path', { file_path: file, limit: count, offset: count }),
  Write: needs('file_path', { file_path: file, content: words }),
  Edit: needs('file_path', { file_path: file, old_string: words, new_string: words, replace_all: flag }),
  NotebookEdit: needs('notebook_path', { notebook_path: file, cell_id: name, new_source: words, cell_type: name, edit_mode: name }),
  Glob: needs('pattern', { pattern: file }),
  Grep: needs('pattern', { pattern: name }),
  Agent: needs('prompt', { description: words, prompt: words, subagent_type: name, model: name, run_in_background: flag }),
  Task: needs('prompt', { description: words, prompt: words, subagent_type: name, model: name }),
  Skill: needs('skill', { skill: matching(SKILL), args: matching(PLAIN) }),
  ToolSearch: needs('query', { query: words, max_results: count }),
  EnterPlanMode: fields({}),
  ExitPlanMode: fields({ plan: words }),
  AskUserQuestion: fields({ questions: list(question) }),
  TodoWrite: fields({ todos: list(fields({ content: words, status: name, activeForm: words })) }),
  TaskCreate: fields({ subject: words, description: words, activeForm: words }),
  TaskList: fields({}),
  // A name that no client has: it is answered with an error.
  MadeUpTool: fields({}),
  exec_command: needs('cmd', { cmd: echo, yield_time_ms: count, max_output_tokens: count, justification: words, sandbox_permissions: name }),
  shell_command: needs('command', { command: echo, timeout_ms: count, justification: words, sandbox_permissions: name }),
  shell: (input) => isObject(input) && Object.keys(input).every((key) => ['command', 'timeout_ms'].includes(key)) && isEcho(input.command),
  update_plan: fields({ explanation: words, plan: list(fields({ step: words, status: name })) }),
  view_image: fields({ path: file }),
  spawn_agent: fields({ message: words, task_name: name, agent_type: name, fork_context: flag, fork_turns: name }),
  wait_agent: fields({ timeout_ms: count, targets: list(name), ids: list(name) }),
  list_agents: fields({ path_prefix: name }),
  close_agent: fields({ target: name, id: name }),
  wait: fields({ cell_id: name, yield_time_ms: count }),
  request_user_input: fields({ questions: list(fields({ id: name, header: words, question: words, options: list(option) })) }),
};

/** What an answer may have besides its blocks: figures, and how it ends. */
const ANSWER = {
  blocks: Array.isArray,
  tokens: (value) => value === null || isObject(value),
  end: name,
  error: isObject,
  stop: name,
  slowMs: count,
  status: (value) => value === null || name(value),
  model: matching(/^[\w.-]{1,64}$/),
  extra: (value) => isObject(value) && Object.keys(value).every((key) => ['error', 'incomplete_details'].includes(key)),
};
const REFUSAL = { status: Number.isInteger, type: name, message: words, code: name, headers: isObject };

/**
 * @param {Record<string, object[]>} script rounds of answers by cue or kind
 * @returns {string[]} what it contains that is not allowed, one sentence each
 */
function violations(script) {
  return Object.entries(script).flatMap(([cue, rounds]) => {
    if (!Array.isArray(rounds) || rounds.length === 0) return [`${cue}: there is no answer`];
    const found = rounds.flatMap((round, i) => inRound(round).map((problem) => `${cue}, round ${i + 1}: ${problem}`));
    if (found.length > 0) return found;
    if (rounds.length > MOST_ROUNDS + 1) found.push(`${cue}: more than ${MOST_ROUNDS} rounds of calls`);
    if (attemptsOf(rounds.at(-1)).some((answer) => callsOf(answer).length > 0)) found.push(`${cue}: the last answer must not contain a call, or the conversation does not end`);
    return found;
  });
}

/** Attempts are answers, and contain no further attempts. */
function inRound(round) {
  if (round?.attempts === undefined) return inAnswer(round);
  const isList = Object.keys(round).length === 1 && Array.isArray(round.attempts) && round.attempts.length > 0;
  return isList ? round.attempts.flatMap(inAnswer) : ['attempts must be a list of answers, and nothing else'];
}

/** @returns {object[]} the answers to the attempts of one request; the last one answers all further attempts */
function attemptsOf(round) {
  return round.attempts ?? [round];
}

/** @returns {object[]} the blocks of an answer that a client executes */
function callsOf({ blocks = [] }) {
  return blocks.filter((block) => block.tool !== undefined || block.program !== undefined || block.patch !== undefined);
}

module.exports = { violations, attemptsOf, callsOf, MOST_ROUNDS };

/** Whatever is not known is refused, wherever it is: an upstream could read another field first than this list does. */
function inAnswer(answer) {
  if (!isObject(answer)) return ['an answer must be an object'];
  if (answer.http !== undefined) return Object.keys(answer).length === 1 && fields(REFUSAL)(answer.http) ? [] : [`the refusal ${JSON.stringify(answer)} is not allowed`];
  if (!Array.isArray(answer.blocks) || !fields(ANSWER)(answer)) return [`the answer ${JSON.stringify(answer)} has more than blocks and figures`];
  return answer.blocks.flatMap((block) => (isObject(block) && Object.keys(block).join() === 'program' ? inProgram(block.program) : inBlock(block)));
}

function inProgram(calls) {
  if (!Array.isArray(calls)) return ['a program must be a list of calls'];
  return calls.flatMap((call) => (isObject(call) && (call.tool !== undefined || call.patch !== undefined) ? inBlock(call) : ['a program may contain calls only']));
}

function inBlock(block) {
  if (!isObject(block)) return ['a block must be an object'];
  const kinds = Object.keys(block);
  const [kind] = kinds;
  if (kinds.length === 1 && SHOWN.has(kind)) return typeof block[kind] === 'string' ? [] : [`the block ${JSON.stringify(block)} is not allowed`];
  if (kinds.length === 1 && kind === 'patch') return isPatch(block.patch) ? [] : [`the patch ${JSON.stringify(block.patch)} is not allowed`];
  const { tool, input = {}, namespace, ...more } = block;
  const isKnown = typeof tool === 'string' && Object.keys(more).length === 0 && (namespace === undefined || name(namespace));
  const isAllowed = isKnown && (MCP.test(tool) ? fields({})(input) : Object.hasOwn(TOOLS, tool) && TOOLS[tool](input));
  return isAllowed ? [] : [`the call ${tool} ${JSON.stringify(block)} is not allowed`];
}

function isPatch(patch) {
  const line = matching(LINE);
  const isChange = (change) => change === null || line(change) || (Array.isArray(change) && change.length === 2 && change.every(line));
  return isObject(patch) && Object.entries(patch).every(([path, change]) => file(path) && isChange(change));
}

function isEcho(command) {
  return Array.isArray(command) && command[0] === 'echo' && echo(command.join(' '));
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
