'use strict';

const catalog = require('./catalog');

/**
 * What the reference implementation finds for an input of a catalog, in the form of the catalog's examples.
 * @param {string} file name of the catalog
 * @param {string} input
 * @returns {{is?: string|string[], name?: string, groups?: object}|undefined} undefined if the catalog does not have it
 */
function lookUp(file, input) {
  return READERS[file](input);
}

function found(is) {
  return is === undefined ? undefined : { is };
}

function agent(input) {
  const { role, type } = catalog.agentOf(input);
  return role === undefined ? undefined : { is: role, name: type };
}

function server(input) {
  if (catalog.mcpServer(input) !== 'custom') return { is: '' };
  const form = ['claude', 'namespace', 'grok'].find((candidate) => catalog.mcpOf(candidate, input) !== undefined);
  return form && { is: form, groups: { ...catalog.mcpOf(form, input) } };
}

function mode(input) {
  if (catalog.permissionMode(input) === input) return { is: '' };
  const begun = catalog.modeBegunBy(input);
  if (begun !== undefined) return { is: begun };
  const kind = ['policy', 'plan', 'left_plan'].find((candidate) => catalog.modeIn(candidate, input) !== undefined);
  const name = kind && catalog.modeIn(kind, input);
  return kind && { is: kind, name, groups: { mode: name } };
}

function skill(input) {
  const name = /\s/.test(input) ? catalog.commandIn(input) : undefined;
  return name === undefined ? found(catalog.skillRole(input)) : { is: 'command', groups: { skill: name } };
}

function write(input) {
  const path = catalog.patchPath(input);
  return path === undefined ? found(catalog.writeRole(input)) : { is: 'header', groups: { path } };
}

function error(input) {
  return catalog.errorType([input], 0) === input || catalog.errorType([], Number(/^http_(\d{3})$/.exec(input)?.[1])) === input ? {} : undefined;
}

function model(input) {
  const name = catalog.modelFamily(input);
  return name === 'other' ? undefined : { name };
}

function danger(input) {
  const is = catalog.dangerClasses(input);
  return is.length > 0 ? { is } : undefined;
}

function wire(name) {
  return (input) => found(['event', 'block', 'delta', 'item', 'usage'].find((kind) => catalog.isOnWire(name, kind, input)));
}

const READERS = {
  'anthropic-tools': (input) => found(catalog.toolRole(input)),
  'codex-tools': (input) => found(catalog.toolRole(input)),
  'grok-tools': (input) => found(catalog.toolRole(input)),
  'file-writes': write,
  'anthropic-skills': skill,
  providers: (input) => found(catalog.providerOf(input)),
  'anthropic-agent-types': agent,
  'codex-agent-types': agent,
  'mcp-tools': server,
  'stop-reasons': (input) => found(catalog.stopRole(input)),
  'error-types': error,
  models: model,
  'permission-modes': mode,
  'dangerous-patterns': danger,
  compactions: (input) => found(catalog.compactionItem(input) ?? catalog.compactionMark(input)),
  'request-kinds': (input) => found(catalog.requestRole(input)),
  'anthropic-wire': wire('anthropic'),
  'responses-wire': wire('responses'),
  'context-windows': (input) => (catalog.contextWindow(input) === undefined ? undefined : { is: String(catalog.contextWindow(input)) }),
};

module.exports = { lookUp, CATALOGS: Object.keys(READERS) };
