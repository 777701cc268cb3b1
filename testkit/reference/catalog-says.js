'use strict';

const label = require('./catalog');

/**
 * What the truth makes of an input of a catalog, in the words of the catalog's examples.
 * @param {string} file name of the catalog
 * @param {string} input
 * @returns {{is?: string|string[], name?: string, groups?: object}|undefined} undefined if it is in the catalog in no way
 */
function catalogSays(file, input) {
  return READERS[file](input);
}

/** What a name or a text is, if anything. */
function being(is) {
  return is === undefined ? undefined : { is };
}

function agent(input) {
  const { role } = label.agentOf(input);
  if (role !== undefined) return { is: role };
  const found = label.agentOfPrompt(input);
  return found && { is: found.role, name: found.type };
}

function server(input) {
  if (label.mcpServer(input) !== 'custom') return { is: '' };
  const form = ['claude', 'namespace', 'grok'].find((candidate) => label.mcpOf(candidate, input) !== undefined);
  return form && { is: form, groups: { ...label.mcpOf(form, input) } };
}

function mode(input) {
  if (label.permissionMode(input) !== 'other') return { is: '' };
  const kind = ['policy', 'plan', 'left_plan'].find((candidate) => label.modeIn(candidate, input) !== undefined);
  const said = kind && label.modeIn(kind, input);
  return kind && { is: kind, name: said, groups: { mode: said } };
}

function skill(input) {
  const name = /\s/.test(input) ? label.commandIn(input) : undefined;
  return name === undefined ? being(label.skillRole(input)) : { is: 'command', groups: { skill: name } };
}

function write(input) {
  const path = label.patchPath(input);
  return path === undefined ? being(label.writeRole(input)) : { is: 'header', groups: { path } };
}

function error(input) {
  return label.errorType([input], 0) === input || label.errorType([], Number(/^http_(\d{3})$/.exec(input)?.[1])) === input ? {} : undefined;
}

function model(input) {
  const name = label.modelFamily(input);
  return name === 'other' ? undefined : { name };
}

function danger(input) {
  const is = label.dangerClasses(input);
  return is.length > 0 ? { is } : undefined;
}

function wire(name) {
  return (input) => being(['event', 'block', 'delta', 'item', 'usage'].find((kind) => label.isOnWire(name, kind, input)));
}

const READERS = {
  'anthropic-tools': (input) => being(label.toolRole(input)),
  'codex-tools': (input) => being(label.toolRole(input)),
  'grok-tools': (input) => being(label.toolRole(input)),
  'file-writes': write,
  'anthropic-skills': skill,
  providers: (input) => being(label.providerOf(input)),
  'anthropic-agent-types': agent,
  'codex-agent-types': agent,
  'mcp-tools': server,
  'stop-reasons': (input) => being(label.stopRole(input)),
  'error-types': error,
  models: model,
  'permission-modes': mode,
  'dangerous-patterns': danger,
  compactions: (input) => being(label.compactionMark(input)),
  'anthropic-wire': wire('anthropic'),
  'responses-wire': wire('responses'),
};

module.exports = { catalogSays, CATALOGS: Object.keys(READERS) };
