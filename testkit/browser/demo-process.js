'use strict';

const { spawn } = require('node:child_process');
const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..');
const START_MS = 30_000;

/**
 * Starts the live page as a user does, on any free port.
 * @param {string[]} args further arguments of `ccxray-otel demo`
 * @returns {Promise<{url: string, endpoint: string, stop: () => Promise<number>}>}
 */
function startDemo(args) {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [path.join(ROOT, 'cli.js'), 'demo', '--page', '--json', '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH, HOME, TZ: 'Asia/Taipei' },
  });
  const ended = new Promise((resolve) => { child.once('close', resolve); });
  const stop = () => {
    child.kill('SIGINT');
    return ended;
  };
  return new Promise((resolve, reject) => {
    let [out, err] = ['', ''];
    const timer = setTimeout(() => reject(new Error(`The demo did not start in ${START_MS} ms: ${err}`)), START_MS);
    child.stderr.on('data', (data) => { err += data; });
    child.once('close', (code) => reject(new Error(`The demo ended with code ${code}: ${err}`)));
    child.stdout.on('data', (data) => {
      out += data;
      if (!out.trimEnd().endsWith('}')) return;
      clearTimeout(timer);
      resolve({ ...JSON.parse(out), stop });
    });
  });
}

module.exports = { startDemo };
