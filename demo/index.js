'use strict';

const path = require('node:path');

const { GroundTruth } = require('../testkit/reference');
const { differences, totalsOf } = require('../testkit/otlp/totals');
const { LogsError, openLogs } = require('./logs');
const { helpText, parseOptions } = require('./options');
const { Progress } = require('./progress');
const { startReceiver } = require('../testkit/receiver/receiver');
const { replay } = require('../testkit/traffic/replay');
const { withScratch } = require('./scratch');
const { head, renderTable } = require('./table');
const { defaultTurns } = require('../testkit/traffic/turns');

const FLUSH_MS = 10_000;
const HEAD_LINES = 25;

/**
 * The main job: replays turns through the addon and shows what arrives.
 * @param {string[]} argv arguments after the script's name
 * @param {object} io
 * @param {{write: (text: string) => unknown}} io.stdout data
 * @param {{write: (text: string) => unknown, isTTY?: boolean}} io.stderr progress and complaints
 * @param {Record<string, string|undefined>} io.env only `NO_COLOR` is read, and with `--endpoint` the headers for that
 *   backend, `OTEL_EXPORTER_OTLP_HEADERS`; nothing else of it reaches the addon
 * @param {object} [io.addon] instead of the one that was built, for tests
 * @returns {Promise<number>} exit code: 0 all went well, 1 something failed or the totals disagree, 2 wrong usage
 */
async function main(argv, io) {
  const { options, error } = parseOptions(argv);
  if (error !== undefined) return complain(io, error, 2);
  if (options.help) {
    io.stdout.write(`${helpText()}\n`);
    return 0;
  }
  const { addon, problem } = io.addon === undefined ? loadAddon() : { addon: io.addon };
  if (addon === undefined) return complain(io, `the native addon cannot be loaded: ${problem}; npm start builds it`, 1);
  try {
    return await withScratch((home) => run(options, addon, home, io));
  } catch (failure) {
    if (failure instanceof LogsError) return complain(io, failure.message, 2);
    return complain(io, failure.message, 1);
  }
}

async function run(options, addon, home, io) {
  const source = await openSource(options);
  const receiver = options.endpoint === undefined ? await startReceiver() : undefined;
  try {
    const endpoint = options.endpoint ?? receiver.endpoint;
    const launched = addon.init({ cwd: home, home, env: environment(options, endpoint, home, io.env), hostVersion: 'demo' });
    if (launched.state !== 'active') throw new Error(`the addon did not start: ${launched.state}, ${launched.reason ?? 'no reason given'}`);
    const outcome = await hand(source, addon, io);
    return receiver === undefined ? reportSent(outcome, endpoint, source, io) : reportReceived(outcome, receiver, source, io);
  } finally {
    await addon.shutdown(2000);
    await receiver?.close();
  }
}

/** Replays everything and waits until it has been delivered, or has not. */
async function hand(source, addon, io) {
  const progress = new Progress(io.stderr, source.total, io.env);
  await replay(source.turns, addon, { onTurn: () => progress.step() });
  progress.finish();
  const delivered = await addon.flush(FLUSH_MS);
  return { delivered, status: addon.status(), preview: addon.preview() };
}

/** Where the turns come from, how many there are, and for made ones what their metrics must add up to. */
async function openSource(options) {
  if (options.logs !== undefined) {
    const logs = await openLogs(options.logs);
    if (logs.total === 0) throw new Error(`nothing to replay: index.ndjson in ${options.logs} has no turns`);
    return { turns: logs.turns(), total: logs.total, logs };
  }
  // Made twice rather than kept: a long day would not fit into memory, and the same seed gives the same turns.
  const truth = new GroundTruth();
  let total = 0;
  for (const turn of defaultTurns(options)) {
    truth.add(turn);
    total += 1;
  }
  return { turns: defaultTurns(options), total, truth };
}

function reportReceived({ delivered, status }, receiver, { truth, logs }, io) {
  const series = receiver.series();
  io.stdout.write(`${renderTable(series)}\n\n`);
  if (receiver.lastRequest !== undefined) io.stdout.write(`last request as OTLP/JSON\n${head(receiver.lastRequest, HEAD_LINES)}\n\n`);
  const { requests, points, bytes } = receiver;
  io.stdout.write(`received ${count(requests.accepted, 'request')}, ${count(points, 'point')}, ${count(bytes.received, 'byte')} (${bytes.unpacked.toLocaleString('en-US')} unpacked)\n`);
  if (logs !== undefined) io.stdout.write(`${leftOut(logs)}\n`);
  const wrong = truth === undefined ? [] : differences(truth.totals, totalsOf(series));
  const verdict = truth === undefined ? '' : `; ${agreement(wrong, series)}`;
  io.stdout.write(`${entriesLine(status)}${verdict}\n`);
  for (const { metric, attributes, expected, actual } of wrong) {
    io.stdout.write(`  ${metric} ${attributes}: expected ${shown(expected)}, received ${shown(actual)}\n`);
  }
  const late = series.filter(({ kind, first }) => kind !== 'gauge' && (first.value ?? first.count) !== 0);
  for (const { metric, attributes, first } of late) {
    io.stdout.write(`  ${metric} ${JSON.stringify(attributes)}: first seen at ${first.value ?? first.count}, not at 0, so a backend's increase() misses it\n`);
  }
  return wrong.length === 0 && late.length === 0 && isComplete(delivered, status, truth !== undefined) ? 0 : 1;
}

function reportSent({ delivered, status, preview }, endpoint, { logs }, io) {
  const { attempted, delivered: arrived, failed, lastError } = status.exports;
  io.stdout.write(`next request as OTLP/JSON\n${head(JSON.parse(preview), HEAD_LINES)}\n\n`);
  io.stdout.write(`sent to ${status.endpoint ?? endpoint}: ${count(attempted, 'export')}, ${arrived} delivered, ${failed} failed${lastError === undefined ? '' : ` (${lastError})`}\n`);
  if (logs !== undefined) io.stdout.write(`${leftOut(logs)}\n`);
  io.stdout.write(`${entriesLine(status)}\n`);
  return isComplete(delivered, status, false) ? 0 : 1;
}

/** Own logs may hold broken lines and a real backend may need a second try; neither happens among ourselves. */
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
  if (wrong.length > 0) return `the receiver's totals DISAGREE with the independent ground truth in ${wrong.length} series:`;
  const metrics = new Set(series.filter(({ kind }) => kind !== 'gauge').map(({ metric }) => metric));
  return `the receiver's totals agree with the independent ground truth (${metrics.size} metrics, ${series.length} series)`;
}

function leftOut({ copies, without: { ambiguous, missing } }) {
  const skipped = copies === 0 ? '' : `${count(copies, 'line')} skipped as further copies of a response that is counted already; `;
  return `${skipped}${count(ambiguous, 'turn')} without a response because the id is used more than once, ${count(missing, 'turn')} because there is none`;
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

/** All that the addon may know of this machine. A real backend may want its key, and nobody else gets it. */
function environment(options, endpoint, home, { OTEL_EXPORTER_OTLP_HEADERS: headers }) {
  const forBackend = options.endpoint === undefined || headers === undefined ? {} : { OTEL_EXPORTER_OTLP_HEADERS: headers };
  return {
    CCXRAY_OTEL_TIER: '1',
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
    CCXRAY_HOME: path.join(home, '.ccxray'),
    ...forBackend,
  };
}

function loadAddon() {
  try {
    return { addon: require('..') };
  } catch (error) {
    return { problem: error.message.split('\n')[0] };
  }
}

function complain(io, message, code) {
  io.stderr.write(`${message.replaceAll('\n', ' ')}\n`);
  return code;
}

module.exports = { main };
