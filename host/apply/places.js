'use strict';

/*
 * Where the calls of this package belong in the host. A place is found by the names of functions and variables, so that
 * the releases of the host may differ in everything else. The texts here are this package's own.
 */

/** What marks a line of this package. */
const MARK = '// ccxray-otel';

/**
 * @typedef {object} Place
 * @property {string} file path in the host
 * @property {string} what what is looked for, for a message
 * @property {boolean} [isTurn] a turn ends there
 * @property {(code: import('./code').Code) => Found|string} find the problem if it is not there
 */

/**
 * @typedef {object} Found
 * @property {number} statement index of a token of the statement beside which the lines belong
 * @property {'above'|'below'} side
 * @property {string[]} lines without indentation
 */

/** @type {Place[]} */
const PLACES = [
  { file: 'server/index.js', what: 'the first command, "if (process.argv[2] === …)" at the top level', find: findCommands },
  { file: 'server/index.js', what: 'the call of hub.tryListen in startServer', find: findStart },
  { file: 'server/index.js', what: 'the call of hub.registerClient in startClientMode', find: findClient },
  { file: 'server/index.js', what: '"const ctx = {…}" with clientReq', find: (code) => findContext(code, code.whole, 'clientReq') },
  ...['server/forward.js', 'server/ws-proxy.js'].map((file) => ({ file, what: '"const config = require(…)" at the top level', find: findRequires })),
  ...['handleSSEResponse', 'handleOpenAISSE', 'handleNonSSEResponse'].map((name) => ({
    file: 'server/forward.js',
    what: `"const indexLine = buildIndexLine(…)" in ${name}`,
    isTurn: true,
    find: (code) => findTurn(code, name, ['ctx', 'entry', 'proxyRes'], 'headers: proxyRes.headers'),
  })),
  {
    file: 'server/ws-proxy.js',
    what: '"const indexLine = buildIndexLine(…)" in recordWebSocketEntry',
    isTurn: true,
    find: (code) => findTurn(code, 'recordWebSocketEntry', ['ctx', 'entry']),
  },
  {
    file: 'server/ws-proxy.js',
    what: '"const ctx = {…}" with req in handleWebSocketUpgrade',
    find: (code) => inFunction(code, 'handleWebSocketUpgrade', (body) => findContext(code, body, 'req')),
  },
];

/** @type {string[]} the files that are changed */
const FILES = [...new Set(PLACES.map(({ file }) => file))];

/** Commands come first: they need nothing of the host, and an older host takes their names for those of agents. */
function findCommands(code) {
  const first = code.all('if ( process . argv [ 2 ] = = = <text>').find((i) => code.tokens[i].depth === 0);
  if (first === undefined) return 'it is not there';
  return above(first, "const otel = require('./otel');", 'if (otel.cli(process.argv.slice(2))) return;');
}

/**
 * Before the port is open, so that no request comes earlier, and an unusable config ends the start. Not that of a hub: its
 * clients would wait for it in vain, and show no reason.
 */
function findStart(code) {
  return inFunction(code, 'startServer', (body) => {
    const [call] = code.all('hub . tryListen (', body);
    if (call === undefined) return 'it is not there';
    if (!code.uses('hubMode')) return 'there is no variable hubMode';
    return above(code.statementStart(call, body.depth), 'otel.init({ hub: hubMode, failFast: !hubMode });');
  });
}

function findClient(code) {
  return inFunction(code, 'startClientMode', (body) => {
    const [call] = code.all('hub . registerClient (', body);
    if (call === undefined) return 'it is not there';
    return above(code.statementStart(call, code.tokens[call].depth), 'otel.client();');
  });
}

function findContext(code, range, request) {
  const found = code.all('const ctx = {', range).filter((i) => code.uses(request, { from: i + 4, to: code.tokens[i + 3].close }));
  const problem = problemWith(found);
  return problem ?? below(code.statementEnd(found[0]), `otel.arrived(${request}, ctx);`);
}

function findRequires(code) {
  const found = code.all('const config = require ( <text> )').filter((i) => code.tokens[i].depth === 0);
  const problem = problemWith(found);
  return problem ?? below(code.statementEnd(found[0]), "const otel = require('./otel');");
}

function findTurn(code, name, variables, ...more) {
  return inFunction(code, name, (body) => {
    const found = code.all('const indexLine = buildIndexLine (', body);
    const problem = problemWith(found);
    if (problem !== undefined) return problem;
    const before = { from: body.head, to: found[0] };
    const missing = variables.find((variable) => !code.uses(variable, before));
    if (missing !== undefined) return `there is no variable ${missing}`;
    // Only some handlers can find that a response was counted already.
    const merged = code.all('{ merged', before).length > 0 ? ['merged'] : [];
    const parts = [...merged, 'request: entry.req', 'response: entry.res', ...more];
    return below(code.statementEnd(found[0]), `otel.turn(ctx, indexLine, { ${parts.join(', ')} });`);
  });
}

function inFunction(code, name, find) {
  const body = code.functionNamed(name);
  return body === undefined ? `there is not exactly one function ${name}` : find(body);
}

function problemWith(found) {
  if (found.length === 0) return 'it is not there';
  return found.length > 1 ? `it is there ${found.length} times` : undefined;
}

function above(statement, ...lines) {
  return { statement, side: 'above', lines };
}

function below(statement, ...lines) {
  return { statement, side: 'below', lines };
}

module.exports = { FILES, MARK, PLACES };
