'use strict';

/*
 * Who makes a request, as the host guesses it from the request and its headers: session, agent type, directory.
 */

/** How the third block of a system prompt begins, and the agent type that the host calls it. */
const PROMPTS = [
  ['You are an interactive agent', 'orchestrator', 'Orchestrator'],
  ['You are an agent for Claude Code', 'general-purpose', 'General Purpose'],
  ['You are a file search specialist', 'explore', 'Explore'],
  ['You are an assistant for performing a web', 'web-search', 'Web Search'],
  ['Generate a concise', 'title-generator', 'Title Generator'],
  ['Generate a short kebab-case name', 'name-generator', 'Name Generator'],
  ['You are a software architect and planning', 'plan', 'Plan'],
  ['You are the Claude guide agent', 'claude-code-guide', 'Claude Code Guide'],
  ['You are a helpful AI assistant tasked with summarizing', 'summarizer', 'Summarizer'],
];
const MAIN = new Set(['orchestrator', 'sdk-agent', 'default']);
const GUESSED = /^You are (?:(?:an?|the) )?(.+?)(?: for| that| specializ|,|\.|\n)/;
const SLUG_LIMIT = 30;
const DIRECTORY = /(?:working directory|cwd)(?:<\/?[a-z_]+>)?: ?(.+)/i;
const CODEX_DIRECTORY = /<cwd>(.+?)<\/cwd>/;
const SESSION = /"session_id":"([^"]+)"|session_([0-9a-f-]{36})/;
const METADATA = 'x-codex-turn-metadata';
/** Models that can have a window of a million tokens. */
const LARGE = /opus-4-[678]|opus-5|sonnet-4-6|sonnet-5|fable-5|sonnet-4/;
const DEFAULT_WINDOW = 200_000;

/**
 * @param {object|null} request of the Messages API
 * @param {object} [headers]
 * @returns {{sessionId: string, agentKey: string|null, agentLabel: string|null, isSubagent: boolean, cwd: string|null}}
 */
function ofMessages(request) {
  const texts = (Array.isArray(request?.system) ? request.system : []).map(({ text = '' }) => text);
  const [agentKey, agentLabel] = request?.system === undefined ? ['orchestrator', 'Orchestrator'] : agentOf(texts);
  const { metadata, context_management: management } = request ?? {};
  const sessionId = metadata?.session_id ?? firstOf(SESSION, metadata?.user_id) ?? 'direct-api';
  const cwd = metadata?.cwd ?? firstOf(DIRECTORY, texts.join('\n')) ?? null;
  const isStranger = cwd === null && (sessionId === 'direct-api' || (agentKey !== null && !MAIN.has(agentKey) && agentKey !== 'agent'));
  return { sessionId, agentKey, agentLabel, isSubagent: management === undefined && isStranger && request?.system !== undefined, cwd };
}

/** The same of a request of the Responses API. */
function ofResponses(request, headers = {}) {
  const said = parsed(headers[METADATA]);
  const { metadata, input } = request ?? {};
  const sessionId = headers.session_id ?? headers['x-openai-session-id'] ?? said.session_id ?? metadata?.session_id ?? said.thread_id ?? 'codex-raw';
  const texts = (Array.isArray(input) ? input : []).flatMap(({ content }) => (Array.isArray(content) ? content.map(({ text = '' }) => text) : []));
  const subagent = headers['x-openai-subagent'];
  return {
    sessionId: metadata?.session_id ?? sessionId,
    agentKey: 'default',
    agentLabel: 'Codex Default',
    isSubagent: subagent !== undefined && !['0', 'false', 'no'].includes(subagent),
    cwd: metadata?.cwd ?? firstOf(CODEX_DIRECTORY, texts.join('\n')) ?? null,
  };
}

/** The context window that the host takes a model to have, in tokens. */
function windowOf(model, headers = {}) {
  if (/context-1m-/.test(headers['anthropic-beta'] ?? '') && LARGE.test(model ?? '')) return 1_000_000;
  return model?.startsWith('gpt-5') ? 400_000 : DEFAULT_WINDOW;
}

module.exports = { ofMessages, ofResponses, windowOf };

function agentOf([, brand = '', own = '']) {
  const text = own.trim();
  const known = PROMPTS.find(([start]) => text.startsWith(start));
  if (known) return known.slice(1);
  if (text === '') {
    if (brand.startsWith('You are Claude Code')) return ['orchestrator', 'Orchestrator'];
    if (brand.startsWith('You are a Claude agent, built on Anthropic')) return ['sdk-agent', 'SDK Agent'];
  }
  const words = GUESSED.exec(text)?.[1];
  const slug = words?.toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, SLUG_LIMIT);
  return slug ? [slug, words] : ['agent', 'Agent'];
}

function firstOf(pattern, text) {
  const found = pattern.exec(typeof text === 'string' ? text : '');
  return found?.slice(1).find((group) => group !== undefined);
}

function parsed(text) {
  try {
    return JSON.parse(text ?? '{}') ?? {};
  } catch {
    // Somebody else's header of that name.
    return {};
  }
}
