'use strict';

// The addon's own catalogs, so that the comparison knows the same names and the same dangerous commands.

const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const FOLDER = join(__dirname, '..', 'src', 'catalog');
const IGNORE_CASE = '(?i)';

/** Tool name to role; `''` for most tools. */
const TOOLS = meanings(['anthropic-tools', 'codex-tools', 'grok-tools']);
/** Name of a tool that writes files to its kind: `file` or `patch`. */
const WRITES = meanings(['file-writes']);
/** Agent type to role: `main`, `sub`, `side` and others. */
const AGENT_TYPES = meanings(['anthropic-agent-types', 'codex-agent-types']);
const MCP_SERVERS = names('mcp-tools');
const SKILLS = names('anthropic-skills');
const ERROR_TYPES = names('error-types');
const STOP_REASONS = names('stop-reasons');

const DANGERS = read('dangerous-patterns').map(({ is: name, needs, regex }) => ({ name, needs, pattern: compile(regex) }));

/** Longest first, so that the first match is the best. */
const FAMILIES = read('models').map(({ prefix }) => prefix);
FAMILIES.sort((a, b) => b.length - a.length);

/**
 * @param {string} model a model's name as on the wire
 * @returns {string | undefined} its family
 */
function familyOf(model) {
  const name = model.slice(model.lastIndexOf('/') + 1);
  return FAMILIES.find((family) => name.startsWith(family) && /^(?:$|[-@:[])/.test(name.slice(family.length)));
}

/**
 * @param {string} command a command line
 * @returns {string[]} the classes of dangerous commands in it
 */
function dangersIn(command) {
  const hits = DANGERS.filter(({ needs, pattern }) => needs.some((needle) => command.includes(needle)) && pattern.test(command));
  return hits.map(({ name }) => name);
}

function read(name) {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')).patterns;
}

function names(name) {
  return new Set(meanings([name]).keys());
}

function meanings(files) {
  const patterns = files.flatMap(read).filter(({ exact }) => exact !== undefined);
  return new Map(patterns.map(({ exact, is = '' }) => [exact, is]));
}

function compile(regex) {
  return regex.startsWith(IGNORE_CASE) ? new RegExp(regex.slice(IGNORE_CASE.length), 'i') : new RegExp(regex);
}

module.exports = { TOOLS, WRITES, AGENT_TYPES, MCP_SERVERS, SKILLS, ERROR_TYPES, STOP_REASONS, familyOf, dangersIn };
