'use strict';

const { fork } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { agent } = require('./agent.js');

const SERVER = path.join(__dirname, 'server.js');
/** This repository, in place of the installed package `@ccxray/otel-native`. */
const ADDON = path.resolve(__dirname, '../..');

/**
 * Starts a host process with a new home and with no other environment than `env`.
 *
 * @param {object} options
 * @param {string} options.upstream URL of the model vendor
 * @param {Record<string, string>} [options.env]
 * @param {string} [options.addon] the addon that the host requires. Default: this repository
 * @param {boolean} [options.hub]
 * @param {string} [options.cwd] the working directory of the host. Default: its home
 * @param {Record<string, string>} [options.clients] pid of a client -> its project directory
 * @returns {Promise<object>} `status(directory)`; `stop()` (SIGTERM) and `leave()` (natural exit), which both resolve to
 *   `{code, signal, elapsedMs, stderr}`; `agent(pid?)` sends requests to the proxy; `started` is the result of `init`
 */
async function launch({ upstream, env = {}, addon = ADDON, hub = false, cwd, clients = {} }) {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-host-'));
  const child = fork(SERVER, [JSON.stringify({ upstream, addon, hub, clients })], {
    cwd: cwd ?? home,
    env: { PATH: process.env.PATH, HOME: home, USERPROFILE: home, CCXRAY_HOME: path.join(home, '.ccxray'), ...env },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  child.stderr.on('data', (text) => { stderr += text; });
  const gone = new Promise((resolve) => {
    child.on('close', (code, signal) => {
      fs.rmSync(home, { recursive: true, force: true });
      resolve({ code, signal, at: Date.now() });
    });
  });
  const answer = () => Promise.race([
    new Promise((resolve) => { child.once('message', resolve); }),
    gone.then(() => { throw new Error(`the host has ended: ${stderr}`); }),
  ]);

  async function ended(begin) {
    const since = Date.now();
    begin();
    const { code, signal, at } = await gone;
    return { code, signal, elapsedMs: at - since, stderr };
  }

  const { port, status: started } = await answer();
  const url = `http://127.0.0.1:${port}`;
  return {
    started,
    stderr: () => stderr,
    agent: (pid) => agent(pid === undefined ? url : `${url}/_ccxray/client/${pid}`),
    status: async (directory) => {
      child.send({ command: 'status', cwd: directory });
      return (await answer()).status;
    },
    stop: () => ended(() => child.kill('SIGTERM')),
    leave: () => ended(() => child.send({ command: 'leave' })),
    kill: () => child.kill('SIGKILL'),
  };
}

module.exports = { launch };
