'use strict';

const fs = require('node:fs');
const path = require('node:path');

/**
 * What may be called by its name at tier 1, read from the same catalog files as the addon but with code of its own.
 * Names that are in no catalog are `custom` (models, errors and stop reasons: `other`), absent ones `unknown`.
 */
const DIRECTORY = path.join(__dirname, '..', '..', 'src', 'catalog');

const known = {
  tools: union(exact('anthropic-tools'), exact('codex-tools'), exact('grok-tools')),
  mcpServers: exact('mcp-tools'),
  skills: exact('anthropic-skills'),
  agentTypes: exact('agent-types'),
  errorTypes: exact('error-types'),
  stopReasons: exact('stop-reasons'),
  permissionModes: exact('permission-modes'),
};
const families = patterns('models').map(({ family }) => family);
const dangerous = patterns('dangerous-patterns').map(({ class: name, regex }) => ({ name, regex: jsRegex(regex) }));

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
  return known.tools.has(name) ? name : 'custom';
}

/** @returns {boolean} whether any client's catalog lists this tool */
function isKnownTool(name) {
  return known.tools.has(name);
}

/** @returns {string} */
function mcpServer(name) {
  return known.mcpServers.has(name) ? name : 'custom';
}

/** The catalog knows servers, not their tools: at tier 1 no tool of a server goes by its name. */
function mcpTool() {
  return 'custom';
}

/** @returns {string} */
function skillName(name) {
  return known.skills.has(name) ? name : 'custom';
}

/** @returns {string} */
function agentType(key) {
  if (key === null || key === undefined || key === '') return 'unknown';
  return known.agentTypes.has(key) ? key : 'custom';
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
  return said.find((type) => known.errorTypes.has(type)) ?? (isExplained ? 'other' : unsaid);
}

/** @returns {string|undefined} undefined where there is nothing to count */
function stopReason(reason) {
  if (typeof reason !== 'string' || reason === '' || reason === 'in_progress') return undefined;
  return known.stopReasons.has(reason) ? reason : 'other';
}

/** @returns {string} */
function permissionMode(mode) {
  return known.permissionModes.has(mode) ? mode : 'other';
}

/** @returns {string[]} the classes of danger that a shell command falls into, each once */
function dangerClasses(command) {
  return dangerous.filter(({ regex }) => regex.test(command)).map(({ name }) => name);
}

function patterns(file) {
  return JSON.parse(fs.readFileSync(path.join(DIRECTORY, `${file}.json`), 'utf8')).patterns;
}

function exact(file) {
  return new Set(patterns(file).flatMap((pattern) => (pattern.exact === undefined ? [] : [pattern.exact])));
}

function union(...sets) {
  return new Set(sets.flatMap((set) => Array.from(set)));
}

/** The catalogs write flags the way Rust reads them, at the head of the expression. */
function jsRegex(source) {
  return source.startsWith('(?i)') ? new RegExp(source.slice(4), 'i') : new RegExp(source);
}

module.exports = {
  modelFamily, toolName, isKnownTool, mcpServer, mcpTool, skillName, agentType, errorType, stopReason, permissionMode, dangerClasses,
};
