'use strict';

const path = require('node:path');

const replayCommand = require('../cli/commands/replay');
const { openLogs } = require('../cli/history/logs');
const { main: runCommand } = require('../cli/main');
const { Terminal } = require('../cli/terminal');
const { Reference } = require('../testkit/reference');
const { differences, totalsOf } = require('../testkit/otlp/totals');
const { helpLines, parseOptions } = require('./options');
const { Progress } = require('./progress');
const { startReceiver } = require('../testkit/receiver/receiver');
const { replay } = require('./traffic/replay');
const { withScratch } = require('./scratch');
const { head, renderTable } = require('./table');
const { defaultTurns } = require('../testkit/fixtures/default-turns');

const FLUSH_MS = 10_000;
const HEAD_LINES = 25;

/**
 * The demo: replays turns through the addon and shows the received metrics.
 * @param {string[]} argv arguments after the script's name
 * @param {object} io
 * @param {{write: (text: string) => unknown}} io.stdout data
 * @param {{write: (text: string) => unknown, isTTY?: boolean}} io.stderr progress and errors
 * @param {Record<string, string|undefined>} io.env only `NO_COLOR` is read, and with `--endpoint` the headers for that
 *   backend, `OTEL_EXPORTER_OTLP_HEADERS`; nothing else of it reaches the addon
 * @param {object} [io.addon] instead of the built one, for tests
 * @returns {Promise<number>} exit code: 0 success, 1 something failed or the totals differ, 2 wrong usage
 */
async function main(argv, io) {
  const terminal = new Terminal({ stdout: io.stdout, stderr: io.stderr });
  try {
    const options = parseOptions(argv);
    if (options.help) {
      terminal.out(...helpLines());
      return 0;
    }
    const addon = io.addon ?? loadAddon();
    if (options.endpoint !== undefined && options.logs !== undefined) return await sendHistory(options, addon, io);
    return await withScratch((home) => run(options, { addon, home, io, terminal }));
  } catch (failure) {
    terminal.err(failure.message.replaceAll('\n', ' '));
    return failure.exitCode ?? 1;
  }
}

/** The user's own history goes out as the command of this package sends it: with a question, and dated. */
function sendHistory({ logs, endpoint, yes }, addon, io) {
  const program = { name: 'ccxray-otel', overview: 'ccxray-otel --help', commands: { replay: replayCommand }, addon: () => addon };
  return runCommand(program, ['replay', logs, '--endpoint', endpoint, ...yes ? ['--yes'] : []], { ...io, stdin: io.stdin ?? { isTTY: false }, cwd: process.cwd() });
}

async function run(options, { addon, home, io, terminal }) {
  const source = await openSource(options);
  const receiver = options.endpoint === undefined ? await startReceiver() : undefined;
  try {
    const endpoint = options.endpoint ?? receiver.endpoint;
    const launched = addon.init({ cwd: home, home, env: environment(options, endpoint, home, io.env), hostVersion: 'demo' });
    if (launched.state !== 'active') throw new Error(`the addon did not start: ${launched.state}, ${launched.reason ?? 'no reason given'}`);
    const outcome = await replayAll(source, addon, io);
    return receiver === undefined ? reportSent(outcome, endpoint, source, terminal) : reportReceived(outcome, receiver, source, terminal);
  } finally {
    await addon.shutdown(2000);
    await receiver?.close();
  }
}

/** Replays all turns, and waits for their delivery or its failure. */
async function replayAll(source, addon, io) {
  const progress = new Progress(io.stderr, source.total, io.env);
  await replay(source.turns, addon, { onTurn: () => progress.step() });
  progress.finish();
  const delivered = await addon.flush(FLUSH_MS);
  return { delivered, status: addon.status(), preview: addon.preview() };
}

/** The turns and their number, and the expected totals of generated turns. */
async function openSource(options) {
  if (options.logs !== undefined) {
    const logs = openLogs(options.logs);
    if (logs.total === 0) throw new Error(`nothing to replay: index.ndjson in ${options.logs} has no turns`);
    return { turns: logs.turns(), total: logs.total, logs };
  }
  // The turns are generated twice, because a long day does not fit into memory. The same seed gives the same turns.
  const reference = new Reference();
  let total = 0;
  for (const turn of defaultTurns(options)) {
    reference.add(turn);
    total += 1;
  }
  return { turns: defaultTurns(options), total, reference };
}

function reportReceived({ delivered, status }, receiver, { reference, logs }, terminal) {
  const series = receiver.series();
  terminal.out(...renderTable(series).split('\n'), '');
  if (receiver.lastRequest !== undefined) terminal.out('last request as OTLP/JSON', ...head(receiver.lastRequest, HEAD_LINES).split('\n'), '');
  const { requests, points, bytes } = receiver;
  terminal.out(`received ${count(requests.accepted, 'request')}, ${count(points, 'point')}, ${count(bytes.received, 'byte')} (${bytes.decompressed.toLocaleString('en-US')} decompressed)`);
  if (logs !== undefined) terminal.out(leftOut(logs));
  const wrong = reference === undefined ? [] : differences(reference.totals, totalsOf(series));
  const verdict = reference === undefined ? '' : `; ${agreement(wrong, series)}`;
  terminal.out(`${entriesLine(status)}${verdict}`);
  for (const { metric, attributes, expected, actual } of wrong) {
    terminal.out(`  ${metric} ${attributes}: expected ${shown(expected)}, received ${shown(actual)}`);
  }
  const late = series.filter(({ kind, first }) => kind !== 'gauge' && (first.value ?? first.count) !== 0);
  for (const { metric, attributes, first } of late) {
    terminal.out(`  ${metric} ${JSON.stringify(attributes)}: first seen at ${first.value ?? first.count}, not at 0, so that increase() of a backend misses it`);
  }
  return wrong.length === 0 && late.length === 0 && isComplete(delivered, status, reference !== undefined) ? 0 : 1;
}

function reportSent({ delivered, status, preview }, endpoint, { logs }, terminal) {
  const { attempted, delivered: arrived, failed, lastError } = status.exports;
  terminal.out('next request as OTLP/JSON', ...head(JSON.parse(preview), HEAD_LINES).split('\n'), '');
  terminal.out(`sent to ${status.endpoint ?? endpoint}: ${count(attempted, 'export')}, ${arrived} delivered, ${failed} failed${lastError === undefined ? '' : ` (${lastError})`}`);
  if (logs !== undefined) terminal.out(leftOut(logs));
  terminal.out(entriesLine(status));
  return isComplete(delivered, status, false) ? 0 : 1;
}

/** The user's logs may have broken lines, and a real backend may fail once. Neither is allowed otherwise. */
function isComplete(delivered, { entries, exports }, isStrict) {
  const isClean = dropped(entries) === 0 && exports.failed === 0;
  return delivered && entries.queued === 0 && (isClean || !isStrict);
}

function entriesLine({ entries }) {
  const reasons = Object.entries(entries.dropped).filter(([, amount]) => amount > 0).map(([reason, amount]) => `${reason} ${amount}`);
  const why = reasons.length > 0 ? ` (${reasons.join(', ')})` : '';
  return `entries: ${entries.accepted} accepted, ${entries.processed} processed, ${dropped(entries)} dropped${why}`;
}

function agreement(wrong, series) {
  if (wrong.length > 0) return `the receiver's totals DISAGREE with the independent reference implementation in ${wrong.length} series:`;
  const metrics = new Set(series.filter(({ kind }) => kind !== 'gauge').map(({ metric }) => metric));
  return `the receiver's totals agree with the independent reference implementation (${metrics.size} metrics, ${series.length} series)`;
}

function leftOut({ skipped: { copies }, without: { ambiguous, missing, unreadable } }) {
  const skipped = copies === 0 ? '' : `${count(copies, 'line')} skipped as copies of a response that is already counted; `;
  const unread = unreadable === 0 ? '' : `, ${count(unreadable, 'turn')} because it cannot be read`;
  return `${skipped}${count(ambiguous, 'turn')} without a response because its id is not unique, ${count(missing, 'turn')} because it is missing${unread}`;
}

function dropped(entries) {
  return Object.values(entries.dropped).reduce((sum, amount) => sum + amount, 0);
}

function shown(value) {
  return typeof value === 'number' ? String(value) : `${value.count} observations with sum ${value.sum}`;
}

function count(amount, noun) {
  return `${amount.toLocaleString('en-US')} ${noun}${amount === 1 ? '' : 's'}`;
}

/** The whole environment of the addon. A real backend may need its key, which no other receiver gets. */
function environment(options, endpoint, home, own) {
  return {
    CCXRAY_OTEL_TIER: '1',
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
    CCXRAY_HOME: path.join(home, '.ccxray'),
    ...options.endpoint === undefined ? {} : forBackend(own),
  };
}

/** What counts if the synthetic day goes to a real backend: its key, and what turns telemetry off. */
function forBackend(own) {
  const names = ['OTEL_EXPORTER_OTLP_HEADERS', 'DO_NOT_TRACK', 'OTEL_SDK_DISABLED', 'OTEL_METRICS_EXPORTER'];
  const set = names.filter((name) => own[name] !== undefined).map((name) => [name, own[name]]);
  return { ...Object.fromEntries(set), OTEL_RESOURCE_ATTRIBUTES: 'project.name=ccxray-demo' };
}

function loadAddon() {
  try {
    return require('..');
  } catch (error) {
    throw new Error(`The native addon cannot be loaded: ${error.message.split('\n')[0]}. To build it: npm start`, { cause: error });
  }
}

module.exports = { main };
