'use strict';

const WIDTH = 150;
const MEBIBYTE = 1024 * 1024;

/** @returns {string} one line on how it stands */
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

/** @returns {string} what will happen, in as many lines as it takes */
function sequence(phases) {
  const words = phases.map(({ collector, forMs, disturbance }) => `${collector} ${Math.round(forMs / 1000)} s${disturbance ? ` (${disturbance.kind})` : ''}`);
  const lines = [''];
  for (const word of words) {
    if (lines.at(-1).length + word.length > WIDTH) lines.push('');
    lines.push(`${lines.pop()}${word}, `);
  }
  return `${lines.join('\n').slice(0, -2)}\n`;
}

/** Rows of the table, and of which hosts they can be told. */
const ROWS = [
  ['requests answered', any, ({ requests }) => requests.answered],
  ['latency p50, ms', any, ({ latencyMs }) => latencyMs.p50.toFixed(2)],
  ['latency p99, ms', any, ({ latencyMs }) => latencyMs.p99.toFixed(2)],
  ['shutdown, ms', hasEnded, ({ last }) => last.shutdownMs.toFixed(0)],
  ['record p50 / p99, us', hasBooks, ({ last }) => `${last.recordMicros.p50.toFixed(1)} / ${last.recordMicros.p99.toFixed(1)}`],
  ['entries accepted', hasBooks, ({ last }) => last.status.entries.accepted],
  ['entries dropped', hasBooks, ({ last }) => reasons(last.status.entries.dropped)],
  ['turns at the collector', hasBooks, ({ atCollector }) => atCollector.turns],
  ['exports delivered / failed', hasBooks, ({ last }) => `${last.status.exports.delivered} / ${last.status.exports.failed}`],
  ['exports dropped', hasBooks, ({ last }) => reasons(last.status.exports.dropped)],
  ['written to files / lost', hasBooks, ({ last }) => `${last.status.files.written} / ${last.status.files.lost}`],
];

/** @returns {string} the table at the end, and the verdict */
function report({ hosts, minutes, samples }, { complaints, notes, trends }) {
  const watched = Array.from(new Set(trends.map(({ what }) => what)));
  const trendsOf = (what) => hosts.map(({ name }) => trends.find((one) => one.name === name && one.what === what));
  const rows = [
    ['', ...hosts.map(({ name }) => name)],
    ...ROWS.map(([title, canTell, cell]) => [title].concat(hosts.map((host) => (canTell(host) ? String(cell(host)) : '')))),
    ...watched.map((what) => [what].concat(trendsOf(what).map(({ mean }) => mean.toFixed(1)))),
    ...watched.map((what) => [`${what}, an hour more`].concat(trendsOf(what).map(slope))),
  ];
  const said = [...notes.map((note) => `note: ${note}`), ...complaints.map((complaint) => `WRONG: ${complaint}`)];
  const verdict = complaints.length === 0 ? 'it held' : `it did not hold: ${complaints.length} things were wrong`;
  return `${table(rows)}${said.map((line) => `${line}\n`).join('')}${minutes.toFixed(1)} minutes, ${samples.length} samples: ${verdict}\n`;
}

function any() {
  return true;
}

function hasEnded({ last }) {
  return last !== undefined;
}

function hasBooks(host) {
  return host.hasAddon && hasEnded(host);
}

function reasons(counts) {
  return Object.entries(counts).filter(([, count]) => count > 0).map(([reason, count]) => `${count} ${reason}`).join(', ') || '0';
}

function slope({ slope: value, error }) {
  return Number.isFinite(error) ? `${value.toFixed(2)} +- ${error.toFixed(2)}` : '?';
}

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  return rows.map((cells) => `${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ').trimEnd()}\n`).join('');
}

module.exports = { progress, sequence, report };
