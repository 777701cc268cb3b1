'use strict';

const { patchText, shellCommand } = require('./commands');
const { MCP_TOOLS, SERVERS, TEXTS } = require('./lexicon');

/** Half of a pair. In a program it has several spellings, and no two of them are the same path. */
const HALF = /[\ud800-\udfff]/gu;

/**
 * A program in which Codex calls its tools, with texts and comments that look like calls.
 * @param {import('../traffic/random').Random} random
 * @returns {string}
 */
function programText(random) {
  const lines = Array.from({ length: random.int(1, 4) }, () => random.weighted(LINES)(random));
  return lines.join('\n');
}

function mcpName(random) {
  return `mcp__${random.pick(SERVERS).replaceAll('-', '_')}__${random.pick(MCP_TOOLS)}`;
}

function command(random) {
  return random.pick([JSON.stringify, quoted, templated])(shellCommand(random).replace(HALF, ''));
}

/** A text as JavaScript with single quotes. */
function quoted(text) {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

function templated(text) {
  return `\`${text.replace(/[\\`$]/g, '\\$&').replaceAll('\r', '\\r')}\``;
}

const LINES = [
  [(random) => `const r = await tools.${mcpName(random)}({q: ${JSON.stringify(random.pick(TEXTS))}}); text(r);`, 10],
  [(random) => `text(await tools[${random.pick(['"', "'"])}${mcpName(random)}QUOTE]({}));`.replace(/(["'])([^"']*)QUOTE/, '$1$2$1'), 3],
  [(random) => `for (const x of [1, 2]) { await tools\n  .${mcpName(random)} (x / 2); }`, 3],
  [(random) => `const [a, b] = await Promise.all([tools.${mcpName(random)}(), tools.exec_command({cmd: ${command(random)}})]);`, 4],
  [(random) => `const o = await tools.exec_command({cmd: ${command(random)}, workdir: "/home/dev"});`, 8],
  [(random) => `await tools.apply_patch(${random.pick([JSON.stringify, quoted, templated])(patchText(random).replace(HALF, ''))});`, 4],
  [(random) => `text(\`found \${JSON.stringify(await tools.${mcpName(random)}({a: \`\${1}\`}))} here\`);`, 2],
  [(random) => `// tools.${mcpName(random)}() is not called`, 2],
  [(random) => `/* tools.${mcpName(random)}(\n) */ text("tools.${mcpName(random)}()");`, 2],
  [(random) => `if (/tools\\.${mcpName(random)}\\(["'/]/.test(s)) text(1);`, 1],
  [(random) => `const f = tools.${mcpName(random)};`, 1],
  [() => 'await tools.mcp__standalone({});', 0.5],
  [() => 'await tools.wait({cell: 1}); text("never ends', 0.5],
];

module.exports = { programText };
