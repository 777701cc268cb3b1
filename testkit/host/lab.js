'use strict';

const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');

const { startReceiver } = require('../receiver/receiver');
const { eventually } = require('../waiting');
const { launch, startClient } = require('./launch.js');
const { startUpstream } = require('./upstream.js');

/** How long a shutdown may take, and what a loaded machine may add to it: the end of the process, timers, IPC. */
const SHUTDOWN_LIMIT_MS = 2000 + 1500;

/**
 * The surroundings of the fake host for one test file: an upstream for all tests, and for each test collectors, projects
 * and hosts. Call it at the top of the file: it removes them after each test.
 */
function hostLab() {
  jest.setTimeout(30_000);
  const cleanups = [];
  let upstream;
  beforeAll(async () => {
    upstream = await startUpstream();
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup();
  });
  afterAll(() => upstream.close());

  async function collector() {
    const receiver = await startReceiver();
    cleanups.push(() => receiver.close());
    return receiver;
  }

  /** Starts a collector with this request handler, and resolves to its endpoint. */
  async function badCollector(handler) {
    const server = http.createServer(handler);
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    cleanups.push(() => {
      server.close();
      server.closeAllConnections();
    });
    return `http://127.0.0.1:${server.address().port}`;
  }

  /** Starts a host in front of the upstream, with options as for `launch`. */
  async function host(options) {
    const running = await launch({ upstream: upstream.url, ...options });
    cleanups.push(() => running.kill());
    return running;
  }

  /** Sends `count` requests, and resolves when the upstream has got them: to their answers. */
  async function underWay(count, send) {
    const before = upstream.requests();
    const answers = send();
    await eventually(upstream.requests, (requests) => requests === before + count);
    return answers;
  }

  /** Starts a client of a hub. */
  async function client(options) {
    const running = await startClient(options);
    cleanups.push(() => running.kill());
    return running;
  }

  /** Makes a project directory, with `otel` in its `.ccxray.json`. */
  function project(otel) {
    const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-project-')));
    cleanups.push(() => fs.rmSync(dir, { recursive: true, force: true }));
    if (otel) fs.writeFileSync(path.join(dir, '.ccxray.json'), JSON.stringify({ otel }));
    return dir;
  }

  return { collector, badCollector, host, client, underWay, project };
}

/** The environment of a user who turned metrics on. */
function switchedOn(endpoint) {
  return { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_METRIC_EXPORT_INTERVAL: '1000' };
}

/** Waits until `condition` holds for the status of the host, and returns that status. */
function statusWhere(running, condition, { cwd, withinMs } = {}) {
  return eventually(() => running.status(cwd), condition, withinMs);
}

module.exports = { hostLab, switchedOn, statusWhere, SHUTDOWN_LIMIT_MS };
