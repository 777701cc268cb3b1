'use strict';
// `npm test`: all checks in one command, from a clean clone. `npm run test:long` (`--long`): what only tries more seeds
// and more time; `--fuzz-seconds N` sets how long each fuzz target runs then. Needs only Node's own modules: it may run
// before the install.

const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');

const { plan } = require('./checks');
const { runChecks } = require('./run-checks');

const root = path.join(__dirname, '..');

/** `npm ci` removes node_modules, so it runs only where it has to. */
function isInstalled() {
  const marker = path.join(root, 'node_modules', '.package-lock.json');
  const lock = path.join(root, 'package-lock.json');
  return fs.existsSync(marker) && fs.statSync(marker).mtimeMs >= fs.statSync(lock).mtimeMs;
}

/** @returns {{isLong: boolean, fuzzSeconds?: number}} */
function settingsIn(argv) {
  const { values } = parseArgs({ args: argv, options: { long: { type: 'boolean' }, 'fuzz-seconds': { type: 'string' } } });
  const seconds = values['fuzz-seconds'];
  if (seconds !== undefined && !/^[1-9]\d{0,5}$/.test(seconds)) throw new Error(`--fuzz-seconds takes a number of seconds from 1 on, not ${seconds}`);
  return { isLong: values.long === true, ...(seconds && { fuzzSeconds: Number(seconds) }) };
}

async function main(settings) {
  const title = settings.isLong ? 'npm run test:long' : 'npm test';
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interrupt.abort());
  const checks = plan({
    ...settings,
    isInstalled: isInstalled(),
    isLinux: process.platform === 'linux',
    isInGit: fs.existsSync(path.join(root, '.git')),
  });
  const { took, failed } = await runChecks(checks, (text) => process.stdout.write(text), interrupt.signal);
  for (const [name, seconds] of took) process.stdout.write(`${seconds.toFixed(1).padStart(7)} s  ${name}\n`);
  if (failed !== undefined) {
    process.stderr.write(`\n${title} failed at: ${failed}\n`);
    return 1;
  }
  process.stdout.write(`\n${title}: all checks passed\n`);
  return 0;
}

try {
  main(settingsIn(process.argv.slice(2))).then((code) => { process.exitCode = code; });
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
