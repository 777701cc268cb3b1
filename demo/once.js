'use strict';

const path = require('node:path');

const { openLogs } = require('../cli/history/logs');
const { CommandError, EXIT } = require('../cli/errors');
const { count } = require('../cli/preview/lines');
const { leftOutLines } = require('../cli/preview/source');
const { SeriesStore } = require('./otlp/series');
const { entriesLine, isComplete } = require('./outcome');
const { withScratch } = require('./scratch');
const { loadCodec } = require('./server/assets');
const { DemoServer } = require('./server/server');
const { head, renderTable } = require('./table');
const { replay } = require('./traffic/replay');
const { syntheticDay } = require('./traffic/day');

const FLUSH_MS = 10_000;
const SHUTDOWN_MS = 2000;
const HEAD_LINES = 25;

/**
 * @typedef {object} Check an independent derivation of the same metrics
 * @property {Iterable<{line: string, parts: object}>} turns
 * @property {number} total how many there are
 * @property {(series: object[]) => {isRight: boolean, text: string, lines: string[]}} compare what a receiver got
 */

/**
 * Replays turns through the addon to a receiver in this process, and prints what it got.
 * @param {import('./options').DemoOptions} options
 * @param {object} context
 * @param {import('../cli/terminal').Terminal} context.terminal
 * @param {object} context.addon
 * @param {(options: object) => Check} [context.checkOf] compares the totals of a synthetic day
 * @returns {Promise<number>} exit code
 */
async function runOnce(options, { terminal, addon, checkOf }) {
  const codec = loadCodec();
  const source = openSource(options, checkOf);
  return withScratch(async (home) => {
    const sink = new Sink();
    const server = new DemoServer({ feed: sink, codec, assets: new Map(), ownTimeMs: () => undefined });
    await server.listen(0);
    try {
      start(addon, home, { CCXRAY_OTEL_TIER: '1', CCXRAY_OTEL_NOTICE: '0', OTEL_EXPORTER_OTLP_ENDPOINT: server.endpoint });
      const outcome = await replayAll(source, addon, terminal);
      return options.json ? printJson(outcome, sink, source, terminal) : print(outcome, sink, source, terminal);
    } finally {
      await addon.shutdown(SHUTDOWN_MS);
      await server.close();
    }
  });
}

/** Keeps the newest point of every series. */
class Sink {
  requests = { accepted: 0, rejected: 0 };
  bytes = { received: 0, decompressed: 0 };
  points = 0;
  lastRequest = undefined;
  #store = new SeriesStore();

  take(json, { received, decompressed }) {
    this.points += this.#store.take(json);
    this.lastRequest = json;
    this.requests.accepted += 1;
    this.bytes.received += received;
    this.bytes.decompressed += decompressed;
  }

  get series() {
    return this.#store.all();
  }
}

/**
 * Starts the addon with nothing of the user's config and environment.
 * @throws {CommandError} if it exports nothing
 */
function start(addon, home, env) {
  const all = { OTEL_METRIC_EXPORT_INTERVAL: '1000', CCXRAY_HOME: path.join(home, '.ccxray'), ...env };
  const { state, reason } = addon.init({ cwd: home, home, env: all, hostVersion: 'demo' });
  if (state !== 'active') throw new CommandError(EXIT.OFF, `the addon did not start: ${state}, ${reason ?? 'no reason given'}`);
}

/** Replays all turns, and waits for their delivery or its failure. */
async function replayAll({ turns, total }, addon, terminal) {
  let done = 0;
  const ofTotal = total === undefined ? '' : ` of ${total}`;
  await replay(turns, addon, { onTurn: () => {
    done += 1;
    if (done % 64 === 0) terminal.progress(`Replaying: ${done}${ofTotal} turns`);
  } });
  terminal.progress('');
  const delivered = await addon.flush(FLUSH_MS);
  return { delivered, status: addon.status(), preview: addon.preview() };
}

function openSource({ logs: directory, turns, seed }, checkOf) {
  if (directory === undefined) {
    const check = checkOf?.({ turns, seed });
    return check === undefined ? { turns: syntheticDay({ turns, seed }) } : { turns: check.turns, total: check.total, check };
  }
  const logs = openLogs(directory);
  if (logs.total === 0) throw new CommandError(EXIT.OFF, `nothing to replay: index.ndjson in ${directory} has no turns`);
  return { turns: logs.turns(), total: logs.total, logs };
}

function print(outcome, sink, { check, logs }, terminal) {
  const { series, requests, points, bytes, lastRequest } = sink;
  terminal.out(...renderTable(series).split('\n'), '');
  if (lastRequest !== undefined) terminal.out('last request as OTLP/JSON', ...head(lastRequest, HEAD_LINES).split('\n'), '');
  terminal.out(`received ${count(requests.accepted, 'request')}, ${count(points, 'point')}, ${count(bytes.received, 'byte')} (${bytes.decompressed.toLocaleString('en-US')} decompressed)`);
  if (logs !== undefined) terminal.out(...leftOutLines(logs));
  const verdict = check?.compare(series) ?? { isRight: true, text: '', lines: [] };
  terminal.out(`${entriesLine(outcome.status)}${verdict.text && `; ${verdict.text}`}`, ...verdict.lines);
  const late = lateSeries(series);
  for (const { metric, attributes, first } of late) {
    terminal.out(`  ${metric} ${JSON.stringify(attributes)}: first seen at ${first.value ?? first.count}, not at 0, so that increase() of a backend misses it`);
  }
  return verdict.isRight && late.length === 0 && isComplete(outcome, { isStrict: check !== undefined }) ? EXIT.ON : EXIT.OFF;
}

function printJson(outcome, { series, requests, points, bytes }, { check }, terminal) {
  const { isRight } = check?.compare(series) ?? { isRight: true };
  const { accepted, processed, dropped } = outcome.status.entries;
  terminal.json({ requests, points, bytes, entries: { accepted, processed, dropped }, series: series.map(({ metric, kind, unit, attributes, value, count: amount, sum }) => ({ metric, kind, unit, attributes, value, count: amount, sum })) });
  return isRight && lateSeries(series).length === 0 && isComplete(outcome, { isStrict: check !== undefined }) ? EXIT.ON : EXIT.OFF;
}

/** Series that did not begin with zero. */
function lateSeries(series) {
  return series.filter(({ kind, first }) => kind !== 'gauge' && (first.value ?? first.count) !== 0);
}

module.exports = { openSource, replayAll, runOnce, start };
