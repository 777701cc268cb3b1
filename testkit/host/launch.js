'use strict';

const { fork } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { agent } = require('./agent.js');

const SERVER = path.join(__dirname, 'server.js');
const CLIENT = path.join(__dirname, 'client.js');
/** This repository, in place of the installed package `@ccxray/otel-native`. */
const ADDON = path.resolve(__dirname, '../..');

/**
 * Starts a host process, by default with a new home and with no other environment than `env`.
 *
 * @param {object} options
 * @param {string} options.upstream URL of the model vendor
 * @param {Record<string, string>} [options.env]
 * @param {string} [options.addon] the addon that the host requires. Default: this repository
 * @param {boolean} [options.hub]
 * @param {boolean} [options.failFast] Default: as the host module has it
 * @param {number} [options.drainMs] how long a graceful exit waits for turns. Default: 0
 * @param {boolean} [options.shutsDown] whether it calls `shutdown` before that. Default: `true`
 * @param {string} [options.cwd] the working directory of the host. Default: its home
 * @param {string} [options.home] Default: a new one, which is removed at the end of the host
 * @returns {Promise<object>} `status(directory)`; `stop()` (SIGTERM) and `leave()` (natural exit), which both resolve to
 *   `{code, signal, elapsedMs, stderr}`; `agent(pid?)` sends requests to the proxy; `client({env, cwd})` starts a client of the hub;
 *   `started` is the result of `init`
 */
async function launch({ upstream, addon = ADDON, hub, failFast, drainMs, shutsDown, cwd, home = newHome(), env = {} }) {
  const clients = [];
  const host = forked(SERVER, { upstream, addon, hub, failFast, drainMs, shutsDown }, { cwd: cwd ?? home, home, env });
  const { child, gone } = host;

  async function ended(begin) {
    const since = Date.now();
    begin();
    const { code, signal, at } = await gone;
    return { code, signal, elapsedMs: at - since, stderr: host.stderr() };
  }

  const { port, status: started } = await host.answer();
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    started,
    home,
    stderr: host.stderr,
    agent: (pid) => agent(pid === undefined ? url : `${url}/_ccxray/client/${pid}`),
    client: async (options) => {
      const client = await startClient({ addon, home, ...options });
      clients.push(client);
      return client;
    },
    status: async (directory) => {
      child.send({ command: 'status', cwd: directory });
      return (await host.answer()).status;
    },
    stop: () => ended(() => child.kill('SIGTERM')),
    leave: () => ended(() => child.send({ command: 'leave' })),
    kill: async () => {
      for (const { kill } of clients) await kill();
      child.kill('SIGKILL');
      await gone;
      fs.rmSync(home, { recursive: true, force: true });
    },
  };
}

/**
 * Starts a client of a hub, and resolves when the client has left its settings.
 *
 * @param {object} options
 * @param {string} options.home
 * @param {string} [options.cwd] Default: the home
 * @param {Record<string, string>} [options.env]
 * @param {string} [options.addon]
 * @returns {Promise<object>} `pid`; `stderr()`; `leave()` ends it in the normal way, `kill()` does not
 */
async function startClient({ home, cwd = home, env = {}, addon = ADDON }) {
  const { child, gone, answer, stderr } = forked(CLIENT, { addon }, { cwd, home, env });
  await answer();
  const { pid } = child;
  const end = (begin) => async () => {
    if (child.connected) begin();
    await gone;
  };
  return { pid, cwd, stderr, leave: end(() => child.send({ command: 'leave' })), kill: end(() => child.kill('SIGKILL')) };
}

function forked(script, options, { cwd, home, env }) {
  const child = fork(script, [JSON.stringify(options)], {
    cwd,
    env: { PATH: process.env.PATH, HOME: home, USERPROFILE: home, CCXRAY_HOME: path.join(home, '.ccxray'), ...env },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  child.stderr.on('data', (text) => { stderr += text; });
  const gone = new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, at: Date.now() }));
  });
  const answer = () => Promise.race([
    new Promise((resolve) => { child.once('message', resolve); }),
    gone.then(({ code }) => { throw Object.assign(new Error(`the process has ended: ${stderr}`), { code, stderr }); }),
  ]);
  return { child, gone, answer, stderr: () => stderr };
}

function newHome() {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-host-'));
}

module.exports = { launch, startClient };
