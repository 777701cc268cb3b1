'use strict';

/*
 * Runs within the namespaces of the real clients, and prints as JSON what it can reach: `{written, loopback, outside, processes, needed,
 * remounted}`.
 * Arguments: the scratch folder, a directory that must stay visible, and files that it tries to write.
 */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');

const { contain, withoutPrivileges } = require('../agents/containment');

const [scratch, needed, ...files] = process.argv.slice(2);

/** Resolves to the code of the error, or to `connected`. */
function connection(port, host) {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host }, () => {
      socket.destroy();
      resolve('connected');
    });
    socket.on('error', ({ code }) => resolve(code));
  });
}

async function main() {
  contain(scratch, [path.resolve(__dirname, '../..'), needed]);
  const written = files.map((file) => {
    try {
      fs.writeFileSync(file, 'x');
      return 'written';
    } catch ({ code }) {
      return code;
    }
  });
  const server = net.createServer((socket) => socket.end());
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const loopback = await connection(server.address().port, '127.0.0.1');
  server.close();
  // Addresses that are kept for documentation, so that nothing is there.
  const outside = await connection(443, '192.0.2.1');
  const remounted = spawnSync(...withoutPrivileges('mount', ['-o', 'remount,bind,rw', '/'])).status;
  const processes = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).length;
  process.stdout.write(JSON.stringify({ written, loopback, outside, processes, needed: fs.readdirSync(needed), remounted }));
}

void main();
