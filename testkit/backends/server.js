'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');

const READY_MS = 30_000;
/** A gateway delivers what it holds before it ends. */
const END_MS = 60_000;

/**
 * Starts a program on free ports of the loopback interface, with a new data directory.
 * @param {import('./program').Program} program
 * @returns {Promise<Server>} ready
 */
async function startServer(program) {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-backend-'));
  const ports = await freePorts(program.ports ?? 1);
  const child = spawn(program.bin, program.args({ home, ports }), { cwd: home, stdio: ['ignore', 'ignore', 'pipe'] });
  const server = new Server(program, child, ports, home);
  try {
    await server.ready();
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

/** A running program. */
class Server {
  ports;
  #program;
  #child;
  #home;
  #log = '';
  #exited;

  constructor(program, child, ports, home) {
    this.#program = program;
    this.#child = child;
    this.ports = ports;
    this.#home = home;
    this.#exited = new Promise((resolve) => {
      child.once('exit', resolve);
      child.once('error', resolve);
    });
    child.stderr.on('data', (chunk) => {
      this.#log = (this.#log + chunk).slice(-4000);
    });
  }

  /** @returns {string} base URL of its first port */
  get base() {
    return `http://127.0.0.1:${this.ports[0]}`;
  }

  /** @returns {number} of its process */
  get pid() {
    return this.#child.pid;
  }

  /** @returns {Promise<void>} resolves when the server can be used; rejects with the end of its log if it cannot */
  async ready() {
    const deadline = Date.now() + READY_MS;
    while (Date.now() < deadline && this.#child.exitCode === null) {
      if (await this.#answers()) return;
      await sleep(50);
    }
    throw new Error(`${this.#program.name} did not get ready: ${this.#log}`);
  }

  /** Ends the program and removes its data. */
  async close() {
    this.#child.kill('SIGTERM');
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), END_MS);
    await this.#exited;
    clearTimeout(killer);
    fs.rmSync(this.#home, { recursive: true, force: true });
  }

  async #answers() {
    if (this.#program.ready !== '') return (await fetch(this.base + this.#program.ready).catch(() => undefined))?.ok === true;
    const open = await Promise.all(this.ports.map(isOpen));
    return open.every(Boolean);
  }
}

function isOpen(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** All are open at once, so that they differ. */
async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, listening));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listening() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

module.exports = { startServer };
