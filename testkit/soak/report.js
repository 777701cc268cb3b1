'use strict';

const { table } = require('../../cli/table');

const WIDTH = 150;
const MEBIBYTE = 1024 * 1024;

/** @returns {string} one line with the current state */
function progress({ elapsedMs, fault, samples }) {
  const minutes = `${(elapsedMs / 60_000).toFixed(1)} min`.padStart(9);
  const last = samples.at(-1);
  if (last === undefined) return `${minutes}  ${fault}\n`;
  const hosts = Object.entries(last.hosts).map(([name, { rss, fds, threads, state, accepted, delivered, failed, backlog }]) => {
    const size = `${name} ${(rss / MEBIBYTE).toFixed(0)} MiB ${fds} fds ${threads} threads`;
    return state === undefined ? size : `${size} ${state} accepted ${accepted} delivered ${delivered} failed ${failed} backlog ${backlog.requests}`;
  });
  return `${minutes}  ${fault}  ${hosts.join('  |  ')}\n`;
}

/** @returns {string} all phases, on several lines */
function sequence(phases) {
  const texts = phases.map(({ collector, forMs, disturbance }) => `${collector} ${Math.round(forMs / 1000)} s${disturbance ? ` (${disturbance.kind})` : ''}`);
  const lines = [''];
  for (const text of texts) {
    if (lines.at(-1).length + text.length > WIDTH) lines.push('');
    lines.push(`${lines.pop()}${text}, `);
  }
  return `${lines.join('\n').slice(0, -2)}\n`;
}

/** The rows of the table, and which hosts have a value there. */
const ROWS = [
  ['requests answered', any, ({ requests }) => requests.answered],
  ['latency p50, ms', any, ({ latencyMs }) => latencyMs.p50.toFixed(2)],
  ['latency p99, ms', any, ({ latencyMs }) => latencyMs.p99.toFixed(2)],
  ['shutdown, ms', hasEnded, ({ last }) => last.shutdownMs.toFixed(0)],
  ['record p50 / p99, us', hasCounts, ({ last }) => `${last.recordMicros.p50.toFixed(1)} / ${last.recordMicros.p99.toFixed(1)}`],
  ['entries accepted', hasCounts, ({ last }) => last.status.entries.accepted],
  ['entries dropped', hasCounts, ({ last }) => reasons(last.status.entries.dropped)],
  ['turns at the collector', hasCounts, ({ atCollector }) => atCollector.turns],
  ['exports delivered / failed', hasCounts, ({ last }) => `${last.status.exports.delivered} / ${last.status.exports.failed}`],
  ['exports dropped', hasCounts, ({ last }) => reasons(last.status.exports.dropped)],
  ['written to files / lost', hasCounts, ({ last }) => `${last.status.files.written} / ${last.status.files.lost}`],
];

/** @returns {string} the final table, and the verdict */
function report({ hosts, minutes, samples }, { problems, notes, trends }) {
  const watched = Array.from(new Set(trends.map(({ what }) => what)));
  const trendsOf = (what) => hosts.map(({ name }) => trends.find((one) => one.name === name && one.what === what));
  const rows = [
    ['', ...hosts.map(({ name }) => name)],
    ...ROWS.map(([title, hasValue, cell]) => [title].concat(hosts.map((host) => (hasValue(host) ? String(cell(host)) : '')))),
    ...watched.map((what) => [what].concat(trendsOf(what).map(({ mean }) => mean.toFixed(1)))),
    ...watched.map((what) => [`${what}, an hour more`].concat(trendsOf(what).map(slope))),
  ];
  const lines = [
    ...table(rows, { align: rows[0].map((_, column) => (column === 0 ? 'left' : 'right')) }),
    ...notes.map((note) => `note: ${note}`),
    ...problems.map((problem) => `WRONG: ${problem}`),
  ];
  const verdict = problems.length === 0 ? 'passed' : `failed with ${problems.length} problems`;
  return `${lines.join('\n')}\n${minutes.toFixed(1)} minutes, ${samples.length} samples: ${verdict}\n`;
}

function any() {
  return true;
}

function hasEnded({ last }) {
  return last !== undefined;
}

function hasCounts(host) {
  return host.hasAddon && hasEnded(host);
}

function reasons(counts) {
  return Object.entries(counts).filter(([, count]) => count > 0).map(([reason, count]) => `${count} ${reason}`).join(', ') || '0';
}

function slope({ slope: value, error }) {
  return Number.isFinite(error) ? `${value.toFixed(2)} +- ${error.toFixed(2)}` : '?';
}


module.exports = { progress, sequence, report };
