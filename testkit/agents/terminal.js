'use strict';

const { execFile, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');

const { eventually, sleep } = require('../waiting');

/*
 * A terminal in which a client runs: a server of tmux with a socket of its own.
 */

const run = promisify(execFile);
const COLUMNS = '150';
const ROWS = '50';
/** Between a text and the key that sends it, so that they are not taken for something pasted. Milliseconds. */
const KEY_MS = 250;

/** @returns {boolean} whether tmux is installed */
function hasTerminal() {
  return spawnSync('tmux', ['-V']).status === 0;
}

/** A program in a terminal. */
class Terminal {
  #socket;
  #folder;

  /** @param {string} folder for the socket */
  constructor(folder) {
    this.#folder = folder;
    this.#socket = path.join(folder, 'tmux.sock');
  }

  /**
   * Starts a program.
   * @param {string[]} command
   * @param {{cwd: string, env: Record<string, string>}} options
   * @returns {Promise<void>}
   */
  async start(command, { cwd, env }) {
    const script = path.join(this.#folder, 'terminal.sh');
    const lines = Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}`);
    fs.writeFileSync(script, `${lines.join('\n')}\ncd ${quoted(cwd)}\nexec ${command.map(quoted).join(' ')}\n`);
    await this.#tmux(['-f', '/dev/null', 'new-session', '-d', '-x', COLUMNS, '-y', ROWS, 'sh', script], { ...env, TERM: 'xterm-256color' });
  }

  /** @returns {Promise<string>} what the terminal shows; empty once the program has ended */
  async screen() {
    try {
      const { stdout } = await this.#tmux(['capture-pane', '-p']);
      return stdout;
    } catch {
      // The last program has ended, and the server with it.
      return '';
    }
  }

  /** Types a text, and sends it with the Enter key. */
  async type(text) {
    await this.#tmux(['send-keys', '-l', text]);
    await sleep(KEY_MS);
    await this.#tmux(['send-keys', 'Enter']);
  }

  /** Presses keys one after the other, by the names that tmux has for them. */
  async press(keys) {
    for (const key of keys) {
      await this.#tmux(['send-keys', key]);
      await sleep(KEY_MS);
    }
  }

  /**
   * Waits until the terminal shows something.
   * @param {(screen: string) => boolean} condition
   * @param {number} withinMs
   * @returns {Promise<string>}
   */
  shows(condition, withinMs) {
    return eventually(async () => {
      await sleep(100);
      return this.screen();
    }, condition, withinMs);
  }

  /** Ends the server of this terminal, and so the program. */
  async end() {
    try {
      await this.#tmux(['kill-server']);
    } catch {
      // It has ended already.
    }
  }

  #tmux(args, env) {
    return run('tmux', ['-S', this.#socket, ...args], { env: { PATH: process.env.PATH, LANG: 'C.UTF-8', ...env }, timeout: 10_000 });
  }
}

module.exports = { Terminal, hasTerminal };

function quoted(text) {
  return `'${String(text).replaceAll("'", `'\\''`)}'`;
}
