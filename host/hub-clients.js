'use strict';

const files = require('./client-files');
const { isRunning } = require('./process-start');
const { environmentOf } = require('./variables');

/** Clients that are remembered. */
const MAX_CLIENTS = 256;
/** How long an answer about all clients holds, unless their directory changes. Milliseconds. */
const FRESH_MS = 1000;
/** Two changes of a directory that are closer together can have the same time. Milliseconds. */
const TICK_MS = 50;
/** The turn of a client that is not known. */
const UNKNOWN = Object.freeze({ isKnown: false });
/** A turn that names no client: nobody's project. */
const NOBODY = Object.freeze({ isKnown: true });

/** The clients of a hub, by what their own files say. */
class HubClients {
  #directory;
  #env;
  #addLaunch;
  #now;
  /** pid → what was read, and the project of the client. The one that was used last is at the end. */
  #known = new Map();
  #lowest = { tier: 2, until: -Infinity, changedAt: undefined };

  /**
   * @param {object} options
   * @param {Record<string, string|undefined>} options.env the environment of this process
   * @param {(launch: object) => number|undefined} options.addLaunch the addon's `launch`
   * @param {() => number} options.now milliseconds
   */
  constructor({ env, addLaunch, now }) {
    this.#directory = files.directoryOf(env);
    this.#env = env;
    this.#addLaunch = addLaunch;
    this.#now = now;
  }

  /**
   * Whose turn a request begins. Reads one small file, if it is new.
   *
   * @param {unknown} pid the client that the request's route names
   * @returns {{isKnown: boolean, cwd?: string, launch?: number}} the client's directory and launch. Neither, if the request
   *   names no client. `isKnown: false`: it names a client that has left no file, or has ended
   */
  projectOf(pid) {
    if (!Number.isSafeInteger(pid) || pid <= 0) return NOBODY;
    const client = this.#client(pid);
    if (!client || !isRunning(pid, client.launch.start)) return UNKNOWN;
    client.project ??= this.#project(client.launch);
    return client.project;
  }

  /** @returns {0|1|2} the lowest tier of a running client, as it was when the client was started. A client that is new counts at once */
  lowestTier() {
    const now = this.#now();
    const changedAt = files.changedAt(this.#directory);
    if (now >= this.#lowest.until || changedAt !== this.#lowest.changedAt || Date.now() - changedAt < TICK_MS) {
      const tiers = files.list(this.#directory).map((pid) => this.#tierOf(pid));
      this.#lowest = { tier: Math.min(2, ...tiers), until: now + FRESH_MS, changedAt };
    }
    return this.#lowest.tier;
  }

  /** @returns {number|undefined} the launch of the client in this directory that was met last */
  launchIn(cwd) {
    const projects = Array.from(this.#known.values(), ({ project }) => project);
    return projects.findLast((project) => project !== undefined && project.cwd === cwd)?.launch;
  }

  #client(pid) {
    const known = this.#known.get(pid);
    const found = this.#directory && files.read(this.#directory, pid, known);
    this.#known.delete(pid);
    if (found) this.#known.set(pid, found);
    if (this.#known.size > MAX_CLIENTS) this.#known.delete(this.#known.keys().next().value);
    return found;
  }

  #project({ cwd, variables, salt, digests }) {
    const { env, withheld } = environmentOf({ variables, salt, digests }, this.#env);
    const launch = this.#addLaunch({ env, withheld });
    return typeof launch === 'number' ? Object.freeze({ isKnown: true, cwd, launch }) : UNKNOWN;
  }

  #tierOf(pid) {
    const launch = this.#client(pid)?.launch;
    return launch && isRunning(pid, launch.start) ? launch.tier : 2;
  }
}

module.exports = { HubClients, UNKNOWN };
