'use strict';

// A registry on this machine that has only the packages published into it: it asks no other one.

const { spawn, execFileSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');

const START_MS = 60_000;

/**
 * @param {string} tools the directory that `.ci/package-tools.sh` prints
 * @param {string} directory for its files
 * @returns {Promise<{url: string, publish: (folder: string) => void, stop: () => void}>}
 */
async function startRegistry(tools, directory) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const config = path.join(directory, 'verdaccio.yaml');
  fs.writeFileSync(config, `storage: ${path.join(directory, 'storage')}
auth: { htpasswd: { file: ${path.join(directory, 'users')} } }
uplinks: {}
packages: { "**": { access: $all, publish: $all } }
max_body_size: 50mb
log: { type: file, path: ${path.join(directory, 'verdaccio.log')}, level: warn }
`);
  const server = spawn(process.execPath, [path.join(tools, 'node_modules', 'verdaccio', 'bin', 'verdaccio'), '--config', config, '--listen', `127.0.0.1:${port}`], { stdio: 'ignore', cwd: directory });
  await answering(`${url}-/ping`);
  // npm wants a token, whatever the registry asks for.
  const npmrc = path.join(directory, 'publisher.npmrc');
  fs.writeFileSync(npmrc, `registry=${url}\n//127.0.0.1:${port}/:_authToken=nobody\nprovenance=false\n`);
  const publish = (folder) => execFileSync('bash', [path.join(__dirname, 'publish.sh'), folder, '--userconfig', npmrc, '--provenance=false', '--silent'], { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] });
  return { url, publish, stop: () => server.kill() };
}

async function answering(url) {
  const until = Date.now() + START_MS;
  for (;;) {
    const isThere = await fetch(url).then(({ ok }) => ok, () => false);
    if (isThere) return;
    if (Date.now() > until) throw new Error(`${url} does not answer`);
    await sleep(100);
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

module.exports = { startRegistry };
