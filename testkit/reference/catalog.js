'use strict';

const fs = require('node:fs');
const path = require('node:path');

/**
 * What is known by name, read from the same catalog files as the addon but with code of its own. At tier 1 names that are in no catalog
 * are `custom` (models, errors and stop reasons: `other`), absent ones `unknown`.
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
const modes = exact('permission-modes');
const modeTexts = byKind('permission-modes', ['policy', 'plan', 'left_plan']);
const compactions = prefixes('compactions');
const wires = { anthropic: exact('anthropic-wire'), responses: exact('responses-wire') };
const families = prefixes('models').map(({ prefix }) => prefix);
const dangers = regexes('dangerous-patterns');

/** @returns {string} the family of a model name, `other` for one of no known family, `unknown` for none */
function modelFamily(model) {
  if (model === null || model === undefined || model === '') return 'unknown';
  // Gateways put their vendor in front: `anthropic/claude-…`, `us.anthropic.claude-…`.
  const name = model.slice(model.lastIndexOf('/') + 1).replace(/^(?:[a-z]+\.)+/, '');
  const fitting = families.filter((family) => name.startsWith(family) && canFollow(name.slice(family.length)));
  return fitting.reduce((longest, family) => (family.length > longest.length ? family : longest), '') || 'other';
}

/** A date or a variant may follow a family; one or two digits are a version of its own, but for the first, `-0`. */
function canFollow(rest) {
  const [, version] = /^-(\d{1,2})(?=$|[-@:[])/.exec(rest) ?? [];
  return /^(?:$|[-@:[])/.test(rest) && (version === undefined || version === '0');
}

/** @returns {string} */
function toolName(name) {
  return tools.has(name) ? name : 'custom';
}

/** @returns {string|undefined} `shell`, `skill`, `agent`, `enter_plan`, `leave_plan`, '' for a plain tool; undefined: in no catalog */
function toolRole(name) {
  return tools.get(name);
}

/** @returns {string|undefined} `file` or `patch` */
function writeRole(name) {
  return fileWrites.get(name);
}

/** @returns {string|undefined} the file that a line of a patch is about, if it is a header */
function patchPath(line) {
  return firstMatch(patchHeaders, line)?.groups.path;
}

/**
 * @param {'claude'|'grok'|'namespace'} form
 * @returns {{server: string, tool?: string}|undefined} what a name of that form says
 */
function mcpOf(form, name) {
  return firstMatch(mcpForms[form], name)?.groups;
}

/** @returns {string} */
function mcpServer(name) {
  return mcpServers.has(name) ? name : 'custom';
}

/** The catalog knows servers, not their tools: at tier 1 no tool of a server goes by its name. */
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

/** @returns {string|undefined} the name in what stands in a command's marker: that alone, or a phrase around it */
function commandIn(words) {
  return /\s/.test(words) ? firstMatch(commandPhrases, words)?.groups.skill : words;
}

/** @returns {string|undefined} whose calls a provider's or an agent's word stands for, '' if it does not say; undefined: in no catalog */
function providerOf(word) {
  return providers.get(word);
}

/** @returns {{type: string, role: string|undefined}} role is `main`, `sub`, `side`, `summary` or `unknown`; undefined: in no catalog */
function agentOf(key) {
  return { type: agentTypes.has(key) ? key : 'custom', role: agentTypes.get(key) };
}

/** @returns {{type: string, role: string}|undefined} the agent whose system prompt begins like this */
function agentOfPrompt(prompt) {
  const found = prompts.find(({ prefix }) => prompt.startsWith(prefix));
  return found && { type: found.name, role: found.is };
}

/**
 * @param {(string|null|undefined)[]} candidates what the response says, most specific first
 * @param {number} status
 * @returns {string} the first known one; `other` if there are only unknown ones; without any `http_<status>`, or
 *   `unknown` on a status that is no error
 */
function errorType(candidates, status) {
  const said = candidates.filter((candidate) => typeof candidate === 'string' && candidate !== '');
  const unsaid = status >= 400 ? `http_${status}` : 'unknown';
  // `http_…` is the word for a status that nobody explained; a body does not get to choose it.
  const isExplained = said.length > 0 && !said[0].startsWith('http_');
  return said.find((type) => errorTypes.has(type)) ?? (isExplained ? 'other' : unsaid);
}

/** @returns {string|undefined} undefined where there is nothing to count */
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

/** @returns {string|undefined} the mode that a text says if it is of this kind, a key of `modeTexts`; '' if it is and says none */
function modeIn(kind, text) {
  const match = firstMatch(modeTexts[kind], text);
  return match && (match.name ?? match.groups.mode ?? '');
}

/** @returns {string|undefined} `request` or `continuation` */
function compactionMark(text) {
  return compactions.find(({ prefix }) => text.trimStart().startsWith(prefix))?.is;
}

/** @returns {boolean} whether the wire has an event, block, delta or item of this type */
function isOnWire(wire, kind, word) {
  return wires[wire].has(`${kind}:${word}`);
}

/** @returns {string[]} the classes of danger that a shell command falls into, each once */
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

/** @returns {object} a catalog as it is written */
function read(file) {
  return JSON.parse(fs.readFileSync(path.join(DIRECTORY, `${file}.json`), 'utf8'));
}

/** Words and what they are; those of a wire by their kind, because an event and an item may share one. */
function exact(...files) {
  const pairs = files.flatMap((file) => read(file).patterns.filter((pattern) => pattern.exact !== undefined)
    .map(({ exact: word, is = '' }) => (file.endsWith('-wire') ? [`${is}:${word}`, is] : [word, is])));
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

/** The catalogs write flags and the names of groups as Rust does. */
function jsRegex(source) {
  const [head = '', flags = ''] = /^\(\?([ims]+)\)/.exec(source) ?? [];
  return new RegExp(source.slice(head.length).replaceAll('(?P<', '(?<'), flags);
}

module.exports = {
  read, modelFamily, toolName, toolRole, writeRole, patchPath, mcpOf, mcpServer, mcpTool, skillName, skillRole, commandIn, providerOf, agentOf,
  agentOfPrompt, errorType, stopReason, stopRole, permissionMode, modeIn, compactionMark, isOnWire, dangerClasses,
};
