'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { canFollow, hyphened, spellingsOf } = require('./model-name');

/**
 * Known names, from the same catalog files as the addon's but read by other code. At tier 1 a name that no catalog has is `custom`
 * (`other` for models, errors and stop reasons), and an absent one is `unknown`.
 */
const DIRECTORY = path.join(__dirname, '..', '..', 'src', 'catalog');

const tools = exact('anthropic-tools', 'codex-tools', 'grok-tools');
const fileWrites = exact('file-writes');
const patchHeaders = regexes('file-writes', 'header');
const mcpServers = exact('mcp-tools');
const mcpForms = byKind('mcp-tools', ['claude', 'grok', 'namespace']);
const skills = exact('anthropic-skills');
const agentTypes = exact('anthropic-agent-types', 'codex-agent-types');
const prompts = prefixes('anthropic-agent-types', 'codex-agent-types');
const commandPhrases = regexes('anthropic-skills', 'command');
const providers = exact('providers');
const errorTypes = exact('error-types');
const stopReasons = exact('stop-reasons');
const requestKinds = exact('request-kinds');
const modes = exact('permission-modes');
const modeTexts = byKind('permission-modes', ['policy', 'plan', 'left_plan']);
const modeBeginnings = prefixes('permission-modes');
const compactions = prefixes('compactions');
const compactionItems = exact('compactions');
const wires = { anthropic: exact('anthropic-wire'), responses: exact('responses-wire') };
const wirePrefixes = { anthropic: prefixes('anthropic-wire'), responses: prefixes('responses-wire') };
const windows = exact('context-windows');
const families = prefixes('models').map(({ prefix }) => ({ prefix, plain: hyphened(prefix) }));
const dangers = regexes('dangerous-patterns');

/** @returns {string} the family of a model name in any published spelling, `other` for an unknown family, `unknown` for an absent name */
function modelFamily(model) {
  if (typeof model !== 'string' || model === '') return 'unknown';
  return modelPattern(model)?.prefix ?? 'other';
}

/** @returns {number|undefined} tokens of the context window of a model, if the catalog has it */
function contextWindow(model) {
  const window = typeof model === 'string' ? windows.get(modelPattern(model)?.prefix) : undefined;
  return window === undefined ? undefined : Number(window);
}

function modelPattern(model) {
  for (const name of spellingsOf(model)) {
    const fitting = families.filter(({ plain }) => name.startsWith(plain) && canFollow(name.slice(plain.length)));
    if (fitting.length > 0) return fitting.reduce((longest, one) => (one.prefix.length > longest.prefix.length ? one : longest));
  }
  return undefined;
}

/** @returns {string} */
function toolName(name) {
  return tools.has(name) ? name : 'custom';
}

/**
 * @returns {string|undefined} `shell`, `program`, `dispatch`, `skill`, `agent`, `enter_plan`, `leave_plan`, '' for a plain tool; undefined for
 *   an unknown name
 */
function toolRole(name) {
  return tools.get(name);
}

/** @returns {string|undefined} `file` or `patch` */
function writeRole(name) {
  return fileWrites.get(name);
}

/** @returns {string|undefined} the file in a line of a patch, if the line is a header */
function patchPath(line) {
  return firstMatch(patchHeaders, line)?.groups.path;
}

/**
 * @param {'claude'|'grok'|'namespace'} form
 * @returns {{server: string, tool?: string}|undefined} the parts of a name of that form
 */
function mcpOf(form, name) {
  return firstMatch(mcpForms[form], name)?.groups;
}

/** @returns {string} */
function mcpServer(name) {
  return mcpServers.has(name) ? name : 'custom';
}

/** The catalog has servers, but not their tools: at tier 1 no MCP tool is named. */
function mcpTool() {
  return 'custom';
}

/** @returns {string} */
function skillName(name) {
  return skillRole(name) === '' ? name : 'custom';
}

/** @returns {string|undefined} `built_in`, `compact`; '' for a published skill */
function skillRole(name) {
  return skills.get(name);
}

/** @returns {string|undefined} the name in the text of a command's marker: the whole text, or a part of a phrase */
function commandIn(text) {
  return /\s/.test(text) ? firstMatch(commandPhrases, text)?.groups.skill : text;
}

/** @returns {string|undefined} the provider for the name of a provider or of an agent, '' if that leaves it open; undefined for an unknown name */
function providerOf(name) {
  return providers.get(name);
}

/** @returns {{type: string, role: string|undefined}} role is `main`, `sub`, `side`, `summary` or `unknown`; undefined for an unknown name */
function agentOf(key) {
  if (agentTypes.has(key)) return { type: key, role: agentTypes.get(key) };
  return agentOfPrompt(key) ?? { type: 'custom', role: undefined };
}

/** @returns {{type: string, role: string}|undefined} the agent whose system prompt begins like this */
function agentOfPrompt(prompt) {
  const found = prompts.find(({ prefix }) => prompt.startsWith(prefix));
  return found && { type: found.name, role: found.is };
}

/**
 * @param {(string|null|undefined)[]} candidates the types in the response, most specific first
 * @param {number} status
 * @returns {string} the first known one; `other` if all are unknown; if there is none, `http_<status>`, or `unknown` for a status
 *   that is not an error
 */
function errorType(candidates, status) {
  const types = candidates.filter((candidate) => typeof candidate === 'string' && candidate !== '');
  const byStatus = status >= 400 ? `http_${status}` : 'unknown';
  // `http_…` stands for a status without a reason. A response body cannot choose it.
  const hasReason = types.length > 0 && !types[0].startsWith('http_');
  return types.find((type) => errorTypes.has(type)) ?? (hasReason ? 'other' : byStatus);
}

/** @returns {boolean} */
function isErrorType(type) {
  return errorTypes.has(type);
}

/** @returns {string|undefined} undefined if it is not counted */
function stopReason(reason) {
  if (typeof reason !== 'string' || reason === '' || stopRole(reason) === 'open') return undefined;
  return stopReasons.has(reason) ? reason : 'other';
}

/** @returns {string|undefined} `ended`, `max_tokens`, `failed`, `open` */
function stopRole(reason) {
  return stopReasons.get(reason);
}

/** @returns {string} */
function permissionMode(mode) {
  return modes.has(mode) ? mode : 'other';
}

/** @returns {string|undefined} the mode in a text of this kind (a key of `modeTexts`); '' if the text has no mode; undefined for another text */
function modeIn(kind, text) {
  const match = firstMatch(modeTexts[kind], text);
  return match && (match.name ?? match.groups.mode ?? '');
}

/** @returns {string|undefined} `plan` for the heading of a collaboration mode that only plans, `refused` for what follows a refusal */
function modeBegunBy(text) {
  return modeBeginnings.find(({ prefix }) => text.startsWith(prefix))?.is;
}

/** @returns {number} where the last text of this kind ends in a text; -1 if there is none */
function lastModeAt(kind, text) {
  const places = modeTexts[kind].flatMap(({ regex }) => Array.from(text.matchAll(new RegExp(regex, `${regex.flags}g`)), ({ index, 0: found }) => index + found.length));
  return Math.max(-1, ...places);
}

/** @returns {string|undefined} `request` or `continuation` */
function compactionMark(text) {
  return compactions.find(({ prefix }) => text.trimStart().startsWith(prefix))?.is;
}

/** @returns {string|undefined} `request` or `continuation` for the type of an item of the Responses wire */
function compactionItem(type) {
  return compactionItems.get(type);
}

/** @returns {string|undefined} what a word of Codex's metadata means; undefined for an unknown one */
function requestRole(word) {
  return requestKinds.get(word);
}

/** @returns {boolean} whether the wire has an event, block, delta or item of this type */
function isOnWire(wire, kind, name) {
  return wires[wire].has(`${kind}:${name}`) || wirePrefixes[wire].some(({ prefix, is }) => is === kind && name?.startsWith(prefix));
}

/** @returns {string[]} the classes of dangerous commands that a shell command belongs to, each once */
function dangerClasses(command) {
  return Array.from(new Set(dangers.filter(({ regex }) => regex.test(command)).map(({ is }) => is)));
}

function firstMatch(patterns, text) {
  for (const { regex, name } of patterns) {
    const match = regex.exec(text);
    if (match !== null) return { name, groups: match.groups ?? {} };
  }
  return undefined;
}

/** @returns {object} the JSON of a catalog; without patterns if it does not exist */
function read(file) {
  const name = path.join(DIRECTORY, `${file}.json`);
  return fs.existsSync(name) ? JSON.parse(fs.readFileSync(name, 'utf8')) : { patterns: [], examples: [] };
}

/** Exact names and their roles. Names of a wire are prefixed with their kind, because an event and an item may share a name. */
function exact(...files) {
  const pairs = files.flatMap((file) => read(file).patterns.filter((pattern) => pattern.exact !== undefined)
    .map(({ exact: name, is = '' }) => (file.endsWith('-wire') ? [`${is}:${name}`, is] : [name, is])));
  return new Map(pairs);
}

function prefixes(...files) {
  return files.flatMap((file) => read(file).patterns.filter(({ prefix }) => prefix !== undefined));
}

function regexes(file, kind) {
  return read(file).patterns.filter(({ regex, is }) => regex !== undefined && (kind === undefined || is === kind))
    .map(({ regex, is, name }) => ({ regex: jsRegex(regex), is, name }));
}

function byKind(file, kinds) {
  return Object.fromEntries(kinds.map((kind) => [kind, regexes(file, kind)]));
}

/** The catalogs use Rust's syntax for flags and for named groups. */
function jsRegex(source) {
  const [head = '', flags = ''] = /^\(\?([ims]+)\)/.exec(source) ?? [];
  return new RegExp(source.slice(head.length).replaceAll('(?P<', '(?<'), flags);
}

module.exports = {
  read, modelFamily, contextWindow, toolName, toolRole, writeRole, patchPath, mcpOf, mcpServer, mcpTool, skillName, skillRole, commandIn, providerOf, agentOf,
  agentOfPrompt, isErrorType, errorType, stopReason, stopRole, permissionMode, modeIn, modeBegunBy, lastModeAt, compactionMark, compactionItem, requestRole, isOnWire, dangerClasses,
};
