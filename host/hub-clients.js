'use strict';

const files = require('./client-files');
const { isRunning } = require('./process-start');
const { environmentOf } = require('./variables');

/** Clients that are remembered. */
const MAX_CLIENTS = 256;
/** How long an answer about all clients holds, if no client has come or gone. A killed one leaves its file. Milliseconds. */
const FRESH_MS = 1000;
/** A change of the directory that is so young can be followed by another one with the same time. Nanoseconds. */
const TICK_NS = 50_000_000n;
/** After so many new launches, the addon may have forgotten one that was not used. */
const MAX_NEWER = 128;
/** The turn of a client that is not known. */
const UNKNOWN = Object.freeze({ isKnown: false });
/** A turn that names no client: nobody's project. */
const NOBODY = Object.freeze({ isKnown: true });

/** The clients of a hub, by what their own files say. */
class HubClients {
  #directory;
  #env;
  #addLaunch;
  #tier;
  #launches = 0;
  /** pid → what was read, and the project of the client. The one that was used last is at the end. */
  #known = new Map();
  #lowest = { tier: 2, until: -Infinity, changedAt: undefined };

  /**
   * @param {object} options
   * @param {Record<string, string|undefined>} options.env the environment of this process
   * @param {(launch: object) => number|undefined} options.addLaunch the addon's `launch`
   * @param {0|1|2} options.tier what is sent of turns that name no client
   */
  constructor({ env, addLaunch, tier }) {
    this.#directory = files.directoryOf(env);
    this.#env = env;
    this.#addLaunch = addLaunch;
    this.#tier = tier;
  }

  /**
   * Whose turn a request begins. Reads one small file, if it is new.
   *
   * @param {unknown} pid the client that the request's route names
   * @returns {{isKnown: boolean, cwd?: string, launch?: number}} the client's directory and launch. Neither, if the request
   *   names no client. `isKnown: false`: it names a client that has left no file, or has ended; or it names none, and could be of
   *   a client that allows less than what is sent
   */
  projectOf(pid) {
    if (!Number.isSafeInteger(pid) || pid <= 0) return this.#tier === 0 || this.#lowestTier() >= this.#tier ? NOBODY : UNKNOWN;
    const client = this.#client(pid);
    if (!client || !isRunning(pid, client.launch.start)) return UNKNOWN;
    if (client.project === undefined || this.#launches - client.number > MAX_NEWER) {
      client.project = this.#project(client.launch);
      client.number = this.#launches;
    }
    return client.project;
  }

  /** @returns {number|undefined} the launch of the client in this directory that was met last */
  launchIn(cwd) {
    const projects = Array.from(this.#known.values(), ({ project }) => project);
    return projects.findLast((project) => project !== undefined && project.cwd === cwd)?.launch;
  }

  /** The lowest tier of a running client, as it was when the client was started. */
  #lowestTier() {
    const changedAt = this.#directory && files.changedAt(this.#directory);
    if (changedAt === undefined) return 2;
    const now = performance.now();
    if (now >= this.#lowest.until || changedAt !== this.#lowest.changedAt) {
      const isSettled = BigInt(Date.now()) * 1_000_000n - changedAt > TICK_NS;
      const pids = files.list(this.#directory);
      const tier = pids.length > files.MAX_FILES ? 0 : Math.min(2, ...pids.map((pid) => this.#tierOf(pid)));
      this.#lowest = { tier, until: now + FRESH_MS, changedAt: isSettled ? changedAt : undefined };
    }
    return this.#lowest.tier;
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
    this.#launches += 1;
    return typeof launch === 'number' ? Object.freeze({ isKnown: true, cwd, launch }) : UNKNOWN;
  }

  #tierOf(pid) {
    const launch = this.#client(pid)?.launch;
    if (!isRunning(pid, launch?.start)) return 2;
    // Nobody knows what a file says that is not believed.
    return launch?.tier ?? 0;
  }
}

module.exports = { HubClients, UNKNOWN };
