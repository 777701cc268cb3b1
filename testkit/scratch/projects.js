'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { clearAway } = require('../../demo/clear-away');

/** Makes project and home directories for one test file. Call it at the top of the file: it removes them at the end. */
function projects() {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-projects-')));
  afterAll(() => clearAway(root));
  const home = fs.mkdtempSync(path.join(root, 'home-'));

  /**
   * @param {object|string} [config] for `.ccxray.json`: the value of `otel`, or the whole text
   * @returns {string} a new directory outside of any repository
   */
  function project(config) {
    const directory = fs.mkdtempSync(path.join(root, 'project-'));
    if (config !== undefined) write(path.join(directory, PROJECT_FILE), config);
    return directory;
  }

  /**
   * @param {object|string} config for `.ccxray.user.json`
   * @returns {string} a new home directory
   */
  function homeWith(config) {
    const directory = fs.mkdtempSync(path.join(root, 'home-'));
    write(path.join(directory, PERSONAL_FILE), config);
    return directory;
  }

  /** `init` options for a project, without the home and environment of this machine. */
  function options(config, env = {}) {
    return { cwd: project(config), home, env };
  }

  /** `init` options for a user who turns metrics on by environment variable. */
  function switchedOn(endpoint, env = {}) {
    return options(undefined, { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env });
  }

  return { home, project, homeWith, options, switchedOn };
}

function write(file, config) {
  fs.writeFileSync(file, typeof config === 'string' ? config : JSON.stringify({ otel: config }));
}

const PROJECT_FILE = '.ccxray.json';
const PERSONAL_FILE = '.ccxray.user.json';

module.exports = { projects, PROJECT_FILE, PERSONAL_FILE };
