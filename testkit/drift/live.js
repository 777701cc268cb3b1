'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { startReceiver } = require('../receiver/receiver');
const { run } = require('../process/run');
const { projects } = require('../scratch/projects');
const { logOf } = require('./log-file');

/**
 * Processes with a telemetry of their own, for one test file. To be called at its top: a receiver runs beside the tests,
 * and every test has a home of its own.
 */
function lives() {
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

  /** What `init` is given where the engineer switched metrics on. */
  around.options = (env = {}) => ({
    cwd: around.home, home: around.home, env: { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: around.receiver.endpoint, ...env },
  });

  /** The name of a file by which a process and a test tell each other something. */
  around.signal = (name) => path.join(project(), name);

  /**
   * Runs a plan in a process, whatever becomes of it; see `child.js`.
   * @returns {Promise<object>} see `run`
   */
  around.start = (steps, options) => {
    const plan = path.join(project(), 'plan.json');
    fs.writeFileSync(plan, JSON.stringify(steps));
    return run('drift/child.js', [plan], options);
  };

  /**
   * Runs a plan in a process that must end well, without a word beside the notice of each start.
   * @returns {Promise<any[]>} what every step gave
   */
  around.plan = async (steps, options) => {
    const { code, signal, stdout, stderr, timedOut } = await around.start(steps, options);
    expect({ code, signal, timedOut, stderr: stderr.replaceAll(/^ccxray-otel: .*\n/gm, '') }).toEqual({ code: 0, signal: null, timedOut: false, stderr: '' });
    return JSON.parse(stdout);
  };

  /** Starts, records, and shuts down; what is recorded are arguments of `record`. */
  around.live = (records, options = around.options()) =>
    around.plan([['init', options], ...records.map((args) => ['record', ...args]), ['flush'], ['shutdown']]);

  return around;
}

module.exports = { lives };
