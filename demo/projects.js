'use strict';

const fs = require('node:fs');
const path = require('node:path');

/** The exporter of a process serves 64 projects. */
const MAX_PROJECTS = 40;
/** The project of everything beyond. */
const REST = 'other';
/** No export is due by itself: the demo decides when. The longest interval that can be set. */
const INTERVAL_SECONDS = 3600;

/**
 * Projects whose numbers go to the receiver of this process. Each one is a directory with a config file in a temporary
 * directory, because a project is configured by its directory.
 */
class Projects {
  #root;
  #endpoint;
  #teams;
  #directories = new Map();

  /**
   * @param {string} root an empty directory
   * @param {string} endpoint
   * @param {Record<string, string>} [teams] the team of each project, if it has one
   */
  constructor(root, endpoint, teams = {}) {
    this.#root = root;
    this.#endpoint = endpoint;
    this.#teams = teams;
  }

  /** @returns {object} what `init` of the addon takes. Nothing of the user's config or environment counts */
  get launch() {
    // The files are this program's own, and everything stays on this machine. So all names are shown.
    const env = { CCXRAY_HOME: path.join(this.#root, '.ccxray'), CCXRAY_OTEL_NOTICE: '0', CCXRAY_OTEL_TRUST: '1', CCXRAY_OTEL_TIER: '1' };
    return { cwd: this.directoryOf(undefined), home: this.#root, env, hostVersion: 'demo' };
  }

  /** @returns {string[]} the directories of all projects so far */
  get directories() {
    return [...this.#directories.values()];
  }

  /**
   * @param {string} [clientDirectory] where an agent works. Its last part is the name of the project
   * @returns {string} the directory that stands for it
   */
  directoryOf(clientDirectory) {
    const name = nameOf(clientDirectory);
    const known = this.#directories.get(name);
    if (known !== undefined) return known;
    if (this.#directories.size >= MAX_PROJECTS && name !== REST) return this.directoryOf(REST);
    const directory = path.join(this.#root, `project-${this.#directories.size}`);
    // The search for config files ends at the root of a repository.
    fs.mkdirSync(path.join(directory, '.git'), { recursive: true });
    const otel = { tier: 1, endpoint: this.#endpoint, project: name, team: this.#teams[name], names: 'all', interval_seconds: INTERVAL_SECONDS };
    fs.writeFileSync(path.join(directory, '.ccxray.json'), JSON.stringify({ otel }), { mode: 0o600 });
    this.#directories.set(name, directory);
    return directory;
  }
}

/** The last part of a path of any system. */
function nameOf(directory) {
  const parts = typeof directory === 'string' ? directory.split(/[/\\]/).filter((part) => part !== '') : [];
  return parts.at(-1) ?? REST;
}

module.exports = { Projects };
