'use strict';

const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { startReceiver } = require('../receiver/receiver.js');
const { launch } = require('./launch.js');
const { startUpstream } = require('./upstream.js');

/** The metric that counts turns. */
const TURNS = 'ccxray.provider.distribution_total';

/** What a shutdown may take, and what a loaded machine may add to it: process end, timers, IPC. */
const SHUTDOWN_LIMIT_MS = 2000 + 1500;

/**
 * Everything around the host for one test file: an upstream for all of its tests, and for each test collectors,
 * projects and hosts that are cleared away after it. To be called at the top of the file.
 */
function stage() {
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

  /** A collector that does to every request what `handler` says; resolves to its endpoint. */
  async function badCollector(handler) {
    const server = http.createServer(handler);
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    cleanups.push(() => {
      server.close();
      server.closeAllConnections();
    });
    return `http://127.0.0.1:${server.address().port}`;
  }

  /** A host in front of the upstream; options as for `launch`. */
  async function host(options) {
    const running = await launch({ upstream: upstream.url, ...options });
    cleanups.push(() => running.kill());
    return running;
  }

  /** A project directory, with `otel` in its own `.ccxray.json`. */
  function project(otel) {
    const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-project-')));
    cleanups.push(() => fs.rmSync(dir, { recursive: true, force: true }));
    if (otel) fs.writeFileSync(path.join(dir, '.ccxray.json'), JSON.stringify({ otel }));
    return dir;
  }

  return { collector, badCollector, host, project };
}

/** The environment of an engineer who switched metrics on for this launch. */
function switchedOn(endpoint) {
  return { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_METRIC_EXPORT_INTERVAL: '1000' };
}

/** Waits until `condition` holds for the host's status, and returns that status. */
async function statusWhere(running, condition, { cwd, withinMs = 8000 } = {}) {
  const until = Date.now() + withinMs;
  for (;;) {
    const status = await running.status(cwd);
    if (condition(status)) return status;
    if (Date.now() > until) throw new Error(`the status did not get there: ${JSON.stringify(status)}`);
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}

/** Sum over the series of a metric that carry all of `labels`, as they stood last. */
function total(receiver, name, labels = {}) {
  const wanted = Object.entries(labels);
  return receiver
    .series()
    .filter((series) => series.metric === name && wanted.every(([key, value]) => series.attributes[key] === value))
    .reduce((sum, series) => sum + series.value, 0);
}

module.exports = { stage, switchedOn, statusWhere, total, TURNS, SHUTDOWN_LIMIT_MS };
