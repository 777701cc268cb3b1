'use strict';

const os = require('node:os');

const { isAsked } = require('./asked');
const { leaveConsent } = require('./consent');
const { HubClients, UNKNOWN } = require('./hub-clients');
const { messageOf, say } = require('./notice');
const { TurnParts } = require('./turn-parts');
const { withoutChoices } = require('./variables');

/** How much of the host's time for a graceful exit metrics may take. Milliseconds. */
const SHUTDOWN_MS = 2000;
/** The addon gets this much less time, so that the timer in this file is only a fallback. Milliseconds. */
const MARGIN_MS = 100;
/** What an exit always has for turns that ended during the shutdown. Milliseconds. */
const LAST_MS = 100;
/** The exit code for a config that cannot be used: EX_CONFIG of sysexits.h. */
const EXIT_CONFIG = 78;
const CONFIG_ERROR = 'CCXRAY_OTEL_CONFIG';
/** A turn whose request was not seen when it arrived. */
const UNSEEN = Object.freeze({ requestHeaders: undefined, project: UNKNOWN });

/**
 * The metrics of one host process. No method throws, whatever it is given: nothing here may slow, break or hang the host.
 * `status().host` counts what failed.
 */
class Host {
  #load;
  #nameCommands;
  #addon;
  #isRecording = false;
  /** Of a hub: its clients. */
  #clients;
  /** The context of a request → whose it is. */
  #origins = new WeakMap();
  #stopping;
  /** When the time of the shutdown is over, while there is one. Unix milliseconds. */
  #deadline;
  #counts = { recorded: 0, refused: 0, merged: 0, unknownClient: 0, errors: 0 };
  #lastError;
  #stopAtExit = () => this.#stopNow();
  #note = (error) => {
    this.#counts.errors += 1;
    this.#lastError = messageOf(error);
  };

  /**
   * @param {() => object} load loads the addon
   * @param {() => void} nameCommands lets the addon's messages name the host's commands
   */
  constructor(load, nameCommands) {
    this.#load = load;
    this.#nameCommands = nameCommands;
  }

  /** See `index.d.ts`. */
  init(options) {
    const { hub, cwd, hostVersion, failFast, hasCommands } = this.#read(options, { hub: false, cwd: undefined, hostVersion: undefined, failFast: true, hasCommands: false });
    const directory = typeof cwd === 'string' ? cwd : this.#directory(hub === true);
    this.#stopping = undefined;
    this.#deadline = undefined;
    this.#isRecording = false;
    this.#addon = this.#loaded(directory, hasCommands);
    if (!this.#addon) return this.status();
    try {
      this.#start({ hub: hub === true, directory, hostVersion });
    } catch (error) {
      this.#note(error);
      say(`nothing is sent: ${messageOf(error)}`);
      if (failFast !== false && directory !== undefined && error?.code === CONFIG_ERROR) process.exit(EXIT_CONFIG);
    }
    return this.status();
  }

  /** See `index.d.ts`. */
  client(options) {
    try {
      const { cwd, hasCommands } = this.#read(options, { cwd: undefined, hasCommands: false });
      const directory = typeof cwd === 'string' ? cwd : this.#directory(false);
      if (directory === undefined) return;
      this.#addon ??= this.#loaded(directory, hasCommands);
      const line = leaveConsent({ addon: this.#addon, cwd: directory, env: process.env });
      if (line) say(line);
    } catch (error) {
      this.#note(error);
      say(`this client's settings do not reach the hub, which counts nothing of it: ${messageOf(error)}`);
    }
  }

  /** See `index.d.ts`. */
  arrived(request, context) {
    if (!this.#isRecording) return;
    try {
      const project = this.#clients ? this.#clients.projectOf(request?.ccxrayClientPid) : {};
      this.#origins.set(context, { requestHeaders: request?.headers, project });
    } catch (error) {
      this.#note(error);
    }
  }

  /** See `index.d.ts`. */
  turn(context, line, turn) {
    if (!this.#isRecording) return false;
    try {
      return this.#record(line, this.#origins.get(context) ?? UNSEEN, turn ?? {});
    } catch (error) {
      this.#note(error);
      return false;
    }
  }

  /** See `index.d.ts`. */
  status(cwd) {
    const host = { ...this.#counts, lastError: this.#lastError };
    try {
      if (this.#addon) return { ...this.#addon.status(cwd, this.#clients?.launchIn(cwd)), host };
    } catch (error) {
      this.#note(error);
    }
    return { state: 'disabled', reason: this.#lastError, tier: 0, host: { ...this.#counts, lastError: this.#lastError } };
  }

  /** See `index.d.ts`. */
  shutdown() {
    this.#stopping ??= this.#flush();
    return this.#stopping;
  }

  #start({ hub, directory, hostVersion }) {
    const env = hub ? withoutChoices(process.env) : process.env;
    const version = typeof hostVersion === 'string' ? hostVersion : undefined;
    // The addon itself prints the line: what is sent where, or why nothing is sent.
    const { tier } = this.#addon.init({ cwd: directory, hostVersion: version, env });
    const addLaunch = (launch) => this.#addon.launch(launch);
    this.#clients = hub ? new HubClients({ env: process.env, addLaunch, tier }) : undefined;
    // Without a hub there is one project, and its config is read once. So at tier 0 a turn costs nothing.
    this.#isRecording = hub || tier > 0;
    if (!process.listeners('exit').includes(this.#stopAtExit)) process.on('exit', this.#stopAtExit);
  }

  #record(line, { requestHeaders, project }, turn) {
    if (turn.merged) {
      this.#counts.merged += 1;
      return false;
    }
    if (this.#clients && !project.isKnown) {
      this.#counts.unknownClient += 1;
      return false;
    }
    const { cwd, launch } = this.#clients ? project : {};
    const isAccepted = this.#addon.record(line, new TurnParts(turn, { requestHeaders, cwd, launch }, this.#note));
    this.#counts[isAccepted ? 'recorded' : 'refused'] += 1;
    return isAccepted;
  }

  /** Without a project of its own, a hub is in the home directory. `undefined` if the directory is gone. */
  #directory(isHub) {
    try {
      return isHub ? (process.env.HOME ?? process.env.USERPROFILE ?? os.homedir()) : process.cwd();
    } catch {
      return undefined;
    }
  }

  /** The addon. If there is none, the user hears of it only if somebody asks for telemetry. */
  #loaded(cwd, hasCommands) {
    try {
      const addon = this.#load();
      if (hasCommands === true) this.#nameCommands();
      return addon;
    } catch (error) {
      this.#note(error);
      if (isAsked({ cwd, env: process.env })) say(`nothing is sent: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** The options with these names and defaults, from anything. */
  #read(options, defaults) {
    const values = { ...defaults };
    for (const name of Object.keys(defaults)) {
      try {
        values[name] = options?.[name] ?? defaults[name];
      } catch (error) {
        this.#note(error);
      }
    }
    return values;
  }

  /** Turns can still end while the host waits for this, and even later. So the addon is not stopped before the exit. */
  async #flush() {
    if (!this.#addon) return;
    this.#deadline = Date.now() + SHUTDOWN_MS;
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, SHUTDOWN_MS);
    });
    try {
      await Promise.race([this.#addon.flush(SHUTDOWN_MS - MARGIN_MS), late]);
    } catch (error) {
      this.#note(error);
    } finally {
      clearTimeout(timer);
    }
  }

  #stopNow() {
    const left = this.#deadline === undefined ? SHUTDOWN_MS : Math.max(LAST_MS, this.#deadline - Date.now());
    try {
      this.#addon?.shutdownSync(left);
    } catch (error) {
      this.#note(error);
    }
  }
}

module.exports = { Host };
