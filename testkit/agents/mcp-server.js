'use strict';

/*
 * A small MCP server over standard input and output, with two tools that do nothing: `feed` and `get_me`. Its argument is its
 * name.
 */

const readline = require('node:readline');

const TOOLS = ['feed', 'get_me'];
const [name = 'zoo'] = process.argv.slice(2);
const EMPTY = { type: 'object', properties: {} };

const lines = readline.createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result: resultOf(method, params) })}\n`);
});
lines.on('close', () => process.exit(0));

function resultOf(method, params) {
  if (method === 'initialize') return { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name, version: '1' } };
  if (method === 'tools/list') return { tools: TOOLS.map((tool) => ({ name: tool, description: tool, inputSchema: EMPTY, annotations: { readOnlyHint: true } })) };
  if (method === 'tools/call') return { content: [{ type: 'text', text: 'fed' }] };
  return {};
}
