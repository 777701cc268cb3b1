'use strict';

const { responseWith, turn } = require('../entries/turn');

/** Where a turn can contain a name: by position, the arguments of `record` for a turn with that name. */
const POSITIONS = {
  'a tool': (name) => [turn({ turnToolCalls: { [name]: 1 } })],
  'a tool in a response': (name) => [turn(), { response: responseWith(name) }],
  'an MCP server': (name) => [turn({ turnToolCalls: { [`mcp__${name}__create`]: 1 } })],
  'a tool of an MCP server': (name) => [turn({ turnToolCalls: { [`mcp__acme__${name}`]: 1 } })],
  'a hosted MCP server': (name) => [turn(CODEX), { response: output({ type: 'mcp_call', server_label: name, name: 'create', arguments: '{}' }) }],
  'a group of tools': (name) => [turn(CODEX), { response: output({ type: 'function_call', namespace: `mcp__${name}`, name: 'create', arguments: '{}' }) }],
  'a skill of the model\'s choice': (name) => [turn(), { response: JSON.stringify({ content: [{ type: 'tool_use', id: '1', name: 'Skill', input: { skill: name } }] }) }],
  'a skill of the user\'s choice': (name) => [turn(), { request: JSON.stringify({ messages: [{ role: 'user', content: `<command-message>${name}</command-message>` }] }) }],
  'an agent': (name) => [turn({ agentKey: name })],
  'a model': (name) => [turn({ model: name })],
};

function output(item) {
  return JSON.stringify({ status: 'completed', output: [{ id: '1', ...item }] });
}

const CODEX = { provider: 'openai', agent: 'codex' };

module.exports = { POSITIONS };
