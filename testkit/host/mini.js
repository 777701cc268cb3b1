'use strict';

const fs = require('node:fs');
const path = require('node:path');

/*
 * A host that has nothing but the names by which `ccxray-otel host apply` finds its places, in words of its own. When it
 * runs, it takes the role of a server that has answered one turn on each wire.
 */

const INDEX = `#!/usr/bin/env node
'use strict';

// a command that needs nothing else
if (process.argv[2] === 'usage') {
  process.stdout.write('usage of the host\\n');
  return;
}

const http = require('node:http');
const hub = require('./hub');
const config = require('./config');
const { answer } = require('./forward');
const { upgrade } = require('./ws-proxy');

const hubMode = process.argv.includes('--hub-mode');
const words = /[/"'\`]const ctx = {/.test(\`\${\`}\`}\`) ? 1 : 4 / 2;

const server = http.createServer((clientReq, clientRes) => {
  const chunks = [];
  clientReq.on('data', (chunk) => chunks.push(chunk));
  clientReq.on('end', () => {
    const parsedBody = { text: Buffer.concat(chunks).toString() };
    const ctx = {
      id: 'turn', clientReq, clientRes,
      parsedBody,
    };

    answer(ctx);
  });
});

async function startClientMode(lock) {
  try {
    // the hub learns of this process
    const registered = await hub.registerClient(lock, process.pid);
    if (!registered) throw new Error('refused');
  } catch (error) {
    process.exitCode = words;
  }
  hub.onLoss((next) => { hub.registerClient(next, process.pid); });
}

async function startServer() {
  const attempts = config.attempts;
  let port;
  if (hubMode) {
    for (let i = 0; i < attempts; i += 1) {
      port = await hub.tryListen(server, i);
    }
  } else {
    port = await hub.tryListen(server, 0);
  }
  upgrade({ headers: {} });
  answer({ clientReq: { headers: {} }, parsedBody: {} }, port);
}

const start = hub.find() ? startClientMode : startServer;
void start(hub.find()).then(() => hub.done());
`;

const FORWARD = `'use strict';

const config = require('./config');
const { buildIndexLine } = require('./entry');

function answer(ctx) {
  handleSSEResponse(ctx, { headers: { kind: 'stream' } });
  handleOpenAISSE(ctx, { headers: { kind: 'responses' } });
  handleNonSSEResponse(ctx, { headers: { kind: 'json' } });
}

function handleSSEResponse(ctx, proxyRes) {
  const finish = () => {
    const entry = { id: 'stream', req: ctx.parsedBody, res: [{ type: 'message_stop' }] };
    const { merged, canonical } = config.merge(entry);
    // one line for each turn
    const indexLine = buildIndexLine(entry);
    config.append(indexLine + canonical.id);
    entry.req = null;
  };
  finish(proxyRes);
}

function handleOpenAISSE(ctx, proxyRes) {
  const entry = { id: 'responses', req: ctx.parsedBody, res: [{ type: 'response.completed' }] };
  const indexLine = buildIndexLine(entry); // as above
  config.append(indexLine);
  entry.req = proxyRes ? null : undefined;
}

function handleNonSSEResponse(ctx, proxyRes) {
  const entry = { id: 'json', req: ctx.parsedBody, res: 'text' };
  const { merged } = config.merge(entry);
  const indexLine = buildIndexLine(
    entry,
  );
  config.append(indexLine, merged, proxyRes.headers);
}

module.exports = { answer };
`;

const SOCKET = `'use strict';

const config = require('./config');
const { buildIndexLine } = require('./entry');

function recordWebSocketEntry(ctx) {
  const entry = { id: 'socket', req: {}, res: {} };
  const indexLine = buildIndexLine(entry);
  config.append(indexLine, ctx);
}

function handleWebSocketUpgrade(req) {
  const ctx = {
    endpoint: '/v1/responses',
    req,
  };
  recordWebSocketEntry(ctx);
}

module.exports = { upgrade: handleWebSocketUpgrade };
`;

const CONFIG = `module.exports = { attempts: 1, append() {}, merge: (entry) => ({ merged: false, canonical: entry }) };
`;

const ENTRY = `module.exports = { buildIndexLine: (entry) => JSON.stringify({ id: entry.id }) };
`;

const HUB = `module.exports = {
  find: () => process.argv[2] === 'client' ? { port: 1 } : undefined,
  registerClient: async () => true,
  tryListen: async () => 1,
  onLoss() {},
  done() { console.log('started'); },
};
`;

/** The files of this host, by path. Only the first three have places. */
const FILES = {
  'server/index.js': INDEX,
  'server/forward.js': FORWARD,
  'server/ws-proxy.js': SOCKET,
  'server/config.js': CONFIG,
  'server/entry.js': ENTRY,
  'server/hub.js': HUB,
  'package.json': '{"name":"mini","version":"7.8.9"}\n',
};

/**
 * Writes this host into a directory.
 * @param {string} directory
 * @param {(file: string, text: string) => string|undefined} [change] its text for a file; undefined leaves the file out
 */
function writeMiniHost(directory, change = (_, text) => text) {
  for (const [file, text] of Object.entries(FILES)) {
    const changed = change(file, text);
    if (changed === undefined) continue;
    fs.mkdirSync(path.join(directory, path.dirname(file)), { recursive: true });
    fs.writeFileSync(path.join(directory, file), changed, { mode: file === 'server/index.js' ? 0o755 : 0o644 });
  }
}

module.exports = { FILES, writeMiniHost };
