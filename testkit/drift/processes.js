'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { startReceiver } = require('../receiver/receiver');
const { run } = require('../process/run');
const { projects } = require('../scratch/projects');
const { logOf } = require('./log-file');

/**
 * Processes that use the addon, for one test file. Call it at the top of the file: it starts a receiver for all tests,
 * and gives every test a new home.
 */
function addonProcesses() {
  const { project } = projects();
  const requests = [];
  const around = { requests, project, home: undefined, log: undefined, receiver: undefined };

  beforeAll(async () => {
    around.receiver = await startReceiver({ onRequest: (request) => requests.push(JSON.stringify(request)) });
  });
  afterAll(() => around.receiver.close());
  beforeEach(() => {
    around.home = project();
    around.log = logOf(around.home);
    requests.length = 0;
  });

  /** The options of `init` for a user who turned metrics on. */
  around.options = (env = {}) => ({
    cwd: around.home, home: around.home, env: { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: around.receiver.endpoint, ...env },
  });

  /** The path of a file by which a process and a test signal each other. */
  around.signal = (name) => path.join(project(), name);

  /**
   * Runs a plan in a process, which may fail. See `child.js`.
   * @returns {Promise<object>} see `run`
   */
  around.start = (steps, options) => {
    const plan = path.join(project(), 'plan.json');
    fs.writeFileSync(plan, JSON.stringify(steps));
    return run('drift/child.js', [plan], options);
  };

  /**
   * Runs a plan in a process that must succeed and print nothing on standard error except its notices.
   * @returns {Promise<any[]>} the result of each step
   */
  around.plan = async (steps, options) => {
    const { code, signal, stdout, stderr, timedOut } = await around.start(steps, options);
    expect({ code, signal, timedOut, stderr: stderr.replaceAll(/^ccxray-otel: .*\n/gm, '') }).toEqual({ code: 0, signal: null, timedOut: false, stderr: '' });
    return JSON.parse(stdout);
  };

  /** Starts the addon, records turns (given as arguments of `record`), and shuts down. */
  around.launch = (records, options = around.options()) =>
    around.plan([['init', options], ...records.map((args) => ['record', ...args]), ['flush'], ['shutdown']]);

  return around;
}

module.exports = { addonProcesses };
