'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');

const { call } = require('../cli/call');
const { clearAway } = require('../../demo/clear-away');
const { eventually } = require('../waiting');

const ROOT = path.resolve(__dirname, '../..');
/** What of a checkout is copied. */
const PARTS = ['server', 'public', 'shared', 'package.json'];
/** An agent that sends its requests, and waits for a line on its input before it ends. */
const AGENT = path.join(__dirname, 'checkout-agent.js');

/**
 * A copy of a real checkout of the host, to which `ccxray-otel host apply` was applied, with a home of its own. Nothing of
 * the checkout is changed.
 * @param {string} checkout directory
 * @param {string} upstream URL of the model vendor
 */
async function copyOf(checkout, upstream) {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-checkout-')));
  const [host, home, bin] = ['host', 'home', 'bin'].map((name) => path.join(root, name));
  for (const directory of [host, home, bin]) fs.mkdirSync(directory);
  for (const part of PARTS.filter((name) => fs.existsSync(path.join(checkout, name)))) fs.cpSync(path.join(checkout, part), path.join(host, part), { recursive: true });
  linkModules(checkout, host);
  fs.writeFileSync(path.join(bin, 'claude'), `#!/bin/sh\nexec "${process.execPath}" "${AGENT}" "$@"\n`, { mode: 0o755 });
  const applied = await call(['host', 'apply', host], { cwd: root, home });
  const server = path.join(host, 'server', 'index.js');
  const children = [];

  /** Starts the host with these arguments. */
  function start(args, { cwd = home, env = {} } = {}) {
    const child = spawn(process.execPath, [server, ...args], {
      cwd,
      env: {
        PATH: `${bin}${path.delimiter}${process.env.PATH}`,
        HOME: home,
        BROWSER: 'none',
        CI: '1',
        CCXRAY_IMPORT_DISABLE: '1',
        ANTHROPIC_BASE_URL: upstream,
        OPENAI_BASE_URL: upstream,
        ...env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    children.push(child);
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) child[name].on('data', (text) => { output[name] += text; });
    const ended = new Promise((resolve) => { child.on('close', (code, signal) => resolve({ code, signal, ...output })); });
    return { child, output, ended };
  }

  return {
    applied,
    home,
    /** Whether requests of a hub's client name it. */
    hasRoutes: fs.readFileSync(path.join(host, 'server', 'hub.js'), 'utf8').includes('ccxrayClientPid'),

    /** Makes a project directory, with `otel` in its `.ccxray.json`. */
    project(otel) {
      const directory = fs.mkdtempSync(path.join(root, 'project-'));
      if (otel) fs.writeFileSync(path.join(directory, '.ccxray.json'), JSON.stringify({ otel }));
      return directory;
    },

    /** Writes the user's own settings. */
    personal(otel) {
      fs.writeFileSync(path.join(home, '.ccxray.user.json'), JSON.stringify({ otel }));
    },

    /** Runs one command to its end. */
    command: (args, options) => start(args, options).ended,

    /** Starts a server without clients. */
    async server(env) {
      const port = await freePort();
      const running = start(['--port', String(port), '--no-browser'], { env });
      const url = `http://127.0.0.1:${port}`;
      await eventually(() => isOpen(port), Boolean, 20_000);
      return {
        url,
        output: running.output,
        stop() {
          running.child.kill('SIGTERM');
          return running.ended;
        },
      };
    },

    /**
     * Starts a client of the hub at `port`, whose agent sends this many requests.
     * @returns {Promise<object>} once they are answered; `leave()` ends the agent
     */
    async client(port, turns, { cwd, env }) {
      const running = start(['claude', String(turns), '--no-browser'], { cwd, env: { ...env, PROXY_PORT: String(port) } });
      await eventually(() => running.output.stdout.includes('all answered'), Boolean, 30_000).catch((error) => {
        throw new Error(`${error.message}: ${JSON.stringify(running.output)}, hub: ${logOf(home)}`);
      });
      return {
        stderr: () => running.output.stderr,
        leave() {
          running.child.stdin.end('leave\n');
          return running.ended;
        },
      };
    },

    /** Waits until the hub has ended, which it does when its last client has left. */
    hubEnded: (port) => eventually(() => isOpen(port), (open) => !open, 30_000),

    /** What the hub has printed. */
    hubLog: () => logOf(home),

    /** The index lines of all turns, as the host has written them. */
    turns() {
      const file = path.join(home, '.ccxray', 'logs', 'index.ndjson');
      return fs.readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    },

    remove() {
      for (const child of children) child.kill('SIGKILL');
      clearAway(root);
    },
  };
}

/** The modules of the checkout, and this package. A checkout without modules gets the ones of this package. */
function linkModules(checkout, host) {
  const target = path.join(host, 'node_modules');
  fs.mkdirSync(path.join(target, '@ccxray'), { recursive: true });
  const own = path.join(checkout, 'node_modules');
  const ws = [own, path.join(ROOT, 'node_modules')].map((folder) => path.join(folder, 'ws')).find((name) => fs.existsSync(name));
  fs.symlinkSync(fs.realpathSync(ws), path.join(target, 'ws'));
  fs.symlinkSync(ROOT, path.join(target, '@ccxray', 'otel-native'));
}

function logOf(home) {
  const file = path.join(home, '.ccxray', 'hub.log');
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}

/** @returns {Promise<number>} a port that nobody has now */
async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address();
  await new Promise((resolve) => { server.close(resolve); });
  return port;
}

/** Whether something listens on a port. */
function isOpen(port) {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    const done = (open) => {
      socket.destroy();
      resolve(open);
    };
    socket.on('connect', () => done(true)).on('error', () => done(false));
  });
}

module.exports = { copyOf, freePort };
