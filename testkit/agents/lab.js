'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { startReceiver } = require('../receiver/receiver');
const { sleep } = require('../waiting');
const { compared, expected, measured } = require('./figures');
const { Drive } = require('./drive');
const { MARK, endMarked } = require('./processes');
const { startScripted } = require('./upstream/server');

const CLI = path.resolve(__dirname, '../../cli.js');
const MCP_SERVER = path.join(__dirname, 'mcp-server.js');
/** How long the upstream must have been left alone before a scenario is over. Milliseconds. */
const QUIET_MS = 400;
const MOST_QUIET_MS = 6000;

/**
 * Runs one scenario: starts a receiver, a scripted upstream, a host and the client, drives the client, and compares.
 * @param {object} scenario see `scenarios/index.js`
 * @param {object} options
 * @param {object} options.client module of the client
 * @param {string[]} options.program of the client
 * @param {{name: string, start: (options: object) => Promise<object>}} options.host
 * @param {string} options.scratch directory for the scenario
 * @param {string} [options.version] of the client
 * @returns {Promise<Outcome>} figures, problems, and what the client has sent
 */
async function runScenario(scenario, { client, program, host: { name: hostName, start: startHost }, scratch, version }) {
  const since = Date.now();
  const place = Object.fromEntries(['home', 'project', 'host', 'tmp'].map((name) => [name, path.join(scratch, name)]));
  for (const folder of Object.values(place)) fs.mkdirSync(folder, { recursive: true });
  fs.mkdirSync(path.join(place.project, '.git', 'objects'), { recursive: true });
  fs.mkdirSync(path.join(place.project, '.git', 'refs'), { recursive: true });
  fs.writeFileSync(path.join(place.project, '.git', 'HEAD'), 'ref: refs/heads/main\n');
  for (const [name, text] of Object.entries(scenario.files ?? {})) fs.writeFileSync(path.join(place.project, name), text);
  const { steps, expect } = ofVersion(scenario, { version, hostName });
  const upstream = await startScripted(scenario.script, { project: place.project, refusesSockets: scenario.refusesSockets });
  const receiver = await startReceiver();
  const problems = [];
  let host;
  let drive;
  try {
    host = await startHost({ upstream: upstream.url, endpoint: receiver.endpoint, home: place.host });
    const env = { ...baseEnvironment(place, scenario.name), ...client.prepare({ ...place, url: host.url, mcpServer: MCP_SERVER }, scenario.options) };
    drive = new Drive({ client, program, env, place, upstream });
    for (const step of steps) await drive.perform(step);
    await quiet(upstream);
    // A client that is ended in the middle of a request would make another scenario of this one.
    await drive.end();
  } catch (error) {
    problems.push(error.message);
  } finally {
    await drive?.end();
  }
  const left = await endMarked(scenario.name);
  const stopped = await host?.stop();
  if (stopped && stopped.code !== 0) problems.push(`the host ended with ${stopped.code ?? stopped.signal}: ${stopped.stderr}`);
  problems.push(...upstream.failures.map((failure) => `the upstream could not answer: ${failure}`));
  upstream.close();
  const figures = measured(receiver.series());
  await receiver.close();
  const rows = compared(expected(expect, upstream.ledger, scenario.family ?? familyOf), figures);
  return {
    name: scenario.name,
    about: scenario.about,
    client: client.name,
    rows,
    problems,
    left,
    seconds: (Date.now() - since) / 1000,
    drift: rows.some(({ want, got }) => want !== got) ? driftOf(place.host) : '',
    ledger: upstream.ledger,
    requests: upstream.requests,
    output: drive?.output ?? '',
  };
}

module.exports = { runScenario };

/** What the command line tool says about names and events that were not recognised in this home. */
function driftOf(home) {
  const { stdout } = spawnSync(process.execPath, [CLI, 'report', '--issue'], { encoding: 'utf8', env: { PATH: process.env.PATH, HOME: home, CCXRAY_HOME: path.join(home, '.ccxray') } });
  return stdout;
}

/** How this version of the client is driven, and what it does with this host. */
function ofVersion({ steps, expect, differs = [] }, { version, hostName }) {
  const found = differs.find(({ when, host }) => (when ? when(version) : host === hostName));
  return { steps: found?.steps ?? steps, expect: { ...expect, ...found?.expect } };
}

/** The environment of every client: nothing of the environment of this process but the path. */
function baseEnvironment({ tmp }, mark) {
  return { PATH: process.env.PATH, LANG: 'C.UTF-8', TERM: 'xterm-256color', SHELL: '/bin/sh', TMPDIR: tmp, [MARK]: mark, NO_PROXY: '127.0.0.1,localhost' };
}

/** Waits until no request has come for a while, and all of them are answered. */
async function quiet(upstream) {
  let last;
  let since = Date.now();
  for (const until = since + MOST_QUIET_MS; Date.now() < until && Date.now() - since < QUIET_MS;) {
    await sleep(50);
    if (upstream.ledger.length === last && upstream.busy === 0) continue;
    last = upstream.ledger.length;
    since = Date.now();
  }
}

/** A model is counted without its date. */
function familyOf(model) {
  return model.replace(/-20\d{6}$|\[1m\]$/g, '');
}
