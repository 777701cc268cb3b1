'use strict';

const path = require('node:path');

const { INDEX, hasLogs, openLogs, usualDirectory } = require('../cli/history/logs');
const { CommandError, EXIT } = require('../cli/errors');
const { leftOutLines } = require('../cli/preview/source');
const { DataClock } = require('./clock');
const { openInBrowser } = require('./browser');
const { NextRequests } = require('./privacy/next-requests');
const { Projects } = require('./projects');
const { Feed } = require('./receiver/feed');
const { withScratch } = require('./scratch');
const { loadCodec, readAssets } = require('./server/assets');
const { DemoServer } = require('./server/server');
const { stateOf } = require('./server/state');
const { runFollow } = require('./sources/follow');
const { runHistory } = require('./sources/history');
const { Recorder } = require('./sources/recorder');
const { TEAMS, runSynthetic } = require('./sources/synthetic');
const { Tail } = require('./sources/tail');
const { MetricStore } = require('./store');

/** Each project of one's own has some hundred series. */
const STORE = { maxSeries: 6000 };
const SHUTDOWN_MS = 1000;
/** A day of a week ago is compared with today. */
const FOLLOWED_DAYS = 8;
/** What the privacy panel shows for synthetic data: the config of a team. Nothing is sent there. */
const EXAMPLE = { tier: 1, endpoint: 'https://otlp.example.com', project: 'shop-api', team: 'shop', resource_attributes: { 'deployment.environment.name': 'laptop' } };

/**
 * Serves the live page until it is stopped.
 * @param {import('./options').DemoOptions} options
 * @param {object} context
 * @param {import('../cli/terminal').Terminal} context.terminal
 * @param {object} context.addon
 * @param {{cwd: string, env: Record<string, string|undefined>}} context.place the user's project and environment
 * @param {string} context.version of this package
 * @param {AbortSignal} context.signal ends it
 * @returns {Promise<number>} exit code
 */
async function runLive(options, { terminal, addon, place, version, signal }) {
  const assets = readAssets();
  const codec = loadCodec();
  const source = sourceOf(options, place.env);
  return withScratch(async (scratch) => {
    const clock = new DataClock();
    const store = new MetricStore(STORE);
    const feed = new Feed({ store, clock });
    const progress = { isDone: false };
    let recorder;
    let projects;
    let nextRequests;
    const server = new DemoServer({
      store, feed, assets, codec,
      hello: () => ({ version, source: source.description, endpoint: server.endpoint, store: store.options, clock: timeOf(clock) }),
      state: () => stateOf({ clock, feed, store, isDone: progress.isDone, statuses: projects?.directories.map((directory) => addon.status(directory)) }),
      privacy: () => nextRequests.answer(),
      ownTimeMs: () => recorder?.timeMs,
    });
    await server.listen(options.port);
    try {
      nextRequests = new NextRequests(addon, source.isOwn ? place : example(scratch));
      if (source.run !== undefined) {
        projects = new Projects(path.join(scratch, 'projects'), server.ownEndpoint, TEAMS);
        const { state, reason } = addon.init(projects.launch);
        if (state !== 'active') throw new CommandError(EXIT.OFF, `The demo cannot start: ${reason ?? state}`);
        recorder = new Recorder({ addon, projects, nextRequests });
      }
      announce(server, { options, terminal, source });
      await source.run?.({ recorder, clock, signal, terminal, ...options });
      progress.isDone = true;
      await stopped(signal);
      return EXIT.ON;
    } finally {
      terminal.progress('');
      await addon.shutdown(SHUTDOWN_MS);
      await server.close();
    }
  }, { signals: [] });
}

/** Where the turns come from. */
function sourceOf({ logs: named, follow, listen, speed }, env) {
  if (listen) return { description: { kind: 'receiver', speed: 1 }, isOwn: true };
  const directory = named ?? (follow ? usualDirectory(env) : undefined);
  if (directory === undefined && follow) throw new CommandError(EXIT.USAGE, 'There is no home directory with logs.', 'Name one with --logs DIR.');
  if (follow) return { description: { kind: 'follow', speed: 1, directory }, isOwn: true, run: (parts) => follows(directory, parts) };
  if (directory !== undefined) {
    const logs = openLogs(directory);
    if (logs.total === 0) throw new CommandError(EXIT.OFF, `There is nothing to show: ${INDEX} in ${directory} has no turns.`);
    return { description: { kind: 'history', speed: 1, directory }, isOwn: true, run: (parts) => reads(logs, parts) };
  }
  return { description: { kind: 'synthetic', speed }, isOwn: false, run: runSynthetic };
}

async function reads(logs, { recorder, terminal, signal }) {
  const onTurn = (done, total) => {
    if (done % 64 === 0 || done === total) terminal.progress(done === total ? '' : `Reading your logs: ${done} of ${total} turns`);
  };
  await runHistory({ logs, recorder, signal, onTurn });
  terminal.err(...leftOutLines(logs));
}

/** First the last days, then what is added. Each line belongs to one of the two. */
async function follows(directory, parts) {
  const tail = new Tail(path.join(directory, INDEX));
  const logs = hasLogs(directory) ? openLogs(directory, { sinceMs: Date.now() - FOLLOWED_DAYS * 86_400_000, to: tail.position }) : undefined;
  if (logs !== undefined) await reads(logs, parts);
  await runFollow({ directory, tail, seen: logs?.seen, onProblem: (problem) => parts.terminal.err(problem), ...parts });
}

/** The address is data. Everything else is for people. */
function announce({ url, endpoint, port }, { options, terminal, source }) {
  if (options.json) terminal.json({ url, endpoint });
  else terminal.out(url);
  if (port !== options.port && options.port !== 0) terminal.err(`Port ${options.port} is taken. This is the next free one: ${port}.`);
  if (!options.json) terminal.err(...LINES[source.description.kind](source.description), `To send metrics here from another process: OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}`, 'Everything stays on this machine. Press Ctrl-C to end.');
  if (options.open) openInBrowser(url, (problem) => terminal.err(problem));
}

const LINES = {
  synthetic: ({ speed }) => [`Open the page above: seven synthetic days, and one that goes by at ${speed} times the speed.`],
  history: ({ directory }) => [`Open the page above: your history in ${directory}.`],
  follow: ({ directory }) => [
    `Open the page above: what ccxray writes to ${directory}.`,
    ...hasLogs(directory) ? [] : [`There is no ${INDEX} in it yet. The page waits for the first turn.`],
  ],
  receiver: () => ['Open the page above. It waits for metrics.'],
};

/** A project as a team would configure it. */
function example(scratch) {
  const fs = require('node:fs');
  const cwd = path.join(scratch, 'example');
  fs.mkdirSync(path.join(cwd, '.git'), { recursive: true });
  fs.writeFileSync(path.join(cwd, '.ccxray.json'), JSON.stringify({ otel: EXAMPLE }), { mode: 0o600 });
  return { cwd, home: cwd, env: {} };
}

function timeOf({ nowMs, rate }) {
  return { nowMs, rate };
}

function stopped(signal) {
  if (signal.aborted) return Promise.resolve();
  // A promise alone keeps no process alive, and the server does.
  return new Promise((resolve) => { signal.addEventListener('abort', resolve, { once: true }); });
}

module.exports = { runLive };
