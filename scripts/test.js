'use strict';
// `npm test`: all checks in one command, from a clean clone. `npm run test:long` (`--long`): what only tries more seeds
// and more time. Needs only Node's own modules: it may run before the install.

const fs = require('node:fs');
const path = require('node:path');

const { plan } = require('./checks');
const { runChecks } = require('./run-checks');

const root = path.join(__dirname, '..');

/** `npm ci` removes node_modules, so it runs only where it has to. */
function isInstalled() {
  const marker = path.join(root, 'node_modules', '.package-lock.json');
  const lock = path.join(root, 'package-lock.json');
  return fs.existsSync(marker) && fs.statSync(marker).mtimeMs >= fs.statSync(lock).mtimeMs;
}

async function main(argv) {
  const isLong = argv.includes('--long');
  const title = isLong ? 'npm run test:long' : 'npm test';
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interrupt.abort());
  const checks = plan({
    isLong,
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

main(process.argv.slice(2)).then((code) => { process.exitCode = code; });
