'use strict';

// The rows of the table and their targets, in the order of printing. The benchmark reports whether the targets are
// met. No test asserts them.

/** A stall within this difference from that of an idle process is explained by timers alone. */
const STALL_TOLERANCE_MS = 0.5;
/** How much longer `init` may take because of files that it must not read, in ms: what two runs differ by. */
const START_TOLERANCE_MS = 0.5;

/** The name of each row, the place of its numbers, and its target. */
const ROWS = [
  { what: 'record: index line 2 KB, string, ASCII', unit: 'us', part: 'record', key: 'lineAscii', target: fasterThan(0.6, 45) },
  { what: 'record: index line 2 KB, string, CJK', unit: 'us', part: 'record', key: 'lineCjk', target: fasterThan(0.6, 45) },
  { what: 'record: index line 2 KB, bytes', unit: 'us', part: 'record', key: 'lineBytes' },
  { what: 'record: index line, one call, worker asleep', unit: 'us', part: 'record', key: 'lineAsleep' },
  { what: 'record: line + 60 KB response, strings, ASCII', unit: 'us', part: 'record', key: 'turnAscii', target: atMost(10, 'us') },
  { what: 'record: line + 60 KB response, strings, CJK', unit: 'us', part: 'record', key: 'turnCjk', target: atMost(15, 'us') },
  { what: 'record: 1 MB bytes, ASCII', unit: 'us', part: 'record', key: 'bodyAscii', target: atMostCopies(2) },
  { what: 'record: 1 MB bytes, CJK', unit: 'us', part: 'record', key: 'bodyCjk', target: atMostCopies(2) },
  { what: 'JSON.stringify(entry) + record, 60 KB', unit: 'us', part: 'record', key: 'stringify' },
  { what: "excerpt: Claude Code, a tool's result, 430 messages, 1 MB", unit: 'us', part: 'excerpt', key: 'claudeResult', target: atMost(2, 'us') },
  { what: 'excerpt: the same with an 11 KB system message', unit: 'us', part: 'excerpt', key: 'claudeAdded' },
  { what: 'excerpt: Claude Code, a prompt with three reminders', unit: 'us', part: 'excerpt', key: 'claudePrompt', target: atMost(16, 'us') },
  { what: 'excerpt: Codex, first request, 28 KB of developer message', unit: 'us', part: 'excerpt', key: 'codexFirst', target: atMost(9, 'us') },
  { what: 'excerpt: Codex, 800 items, 1 MB', unit: 'us', part: 'excerpt', key: 'codexHistory', target: atMost(21, 'us') },
  { what: 'host: arrived + turn, 0.7 MB request, 60 KB response', unit: 'us', part: 'host', key: 'text', target: atMost(20, 'us') },
  { what: 'host: the same by hand (excerpt + record)', unit: 'us', part: 'host', key: 'byHand' },
  { what: 'host: the same, the response not serialised yet', unit: 'us', part: 'host', key: 'value' },
  { what: 'host: arrived, in a hub', unit: 'us', part: 'host', key: 'arrived', target: atMost(100, 'us') },
  { what: 'empty native call', unit: 'us', part: 'record', key: 'emptyCall' },
  { what: 'worker: index line, ASCII', unit: 'us', part: 'worker', key: 'lineAscii', target: atMost(5, 'us') },
  { what: 'worker: index line, CJK', unit: 'us', part: 'worker', key: 'lineCjk', target: atMost(5, 'us') },
  { what: 'worker: 60 KB turn, ASCII', unit: 'us', part: 'worker', key: 'turnAscii', target: atMost(50, 'us') },
  { what: 'worker: 60 KB turn, CJK', unit: 'us', part: 'worker', key: 'turnCjk', target: atMost(50, 'us') },
  { what: 'worker: 60 KB turn, bytes, ASCII', unit: 'us', part: 'worker', key: 'turnBytesAscii' },
  { what: 'worker: 64 KB of short dangerous commands', unit: 'us', part: 'worker', key: 'adversarialCommands', target: atMost(5000, 'us') },
  { what: 'worker: 64 KB of names of tools', unit: 'us', part: 'worker', key: 'adversarialNames', target: atMost(5000, 'us') },
  { what: 'loop delay p50 at 1,000 turns/s', unit: 'ms', part: 'loop', key: 'p50' },
  { what: 'loop delay p99 at 1,000 turns/s', unit: 'ms', part: 'loop', key: 'p99', target: withinIdle(5) },
  { what: 'loop delay max at 1,000 turns/s', unit: 'ms', part: 'loop', key: 'max' },
  { what: 'longest stall during exports', unit: 'ms', part: 'stall', key: 'max', target: likeIdle() },
  { what: 'start: init', unit: 'ms', part: 'start', key: 'init' },
  { what: 'start: init, 100 files wait to be delivered', unit: 'ms', part: 'start', key: 'initWithFiles', target: asWithoutFiles() },
  { what: 'start: file-writer thread until 100 files are delivered', unit: 'ms', part: 'start', key: 'fileThread', target: atMost(50, 'ms') },
  { what: 'start: until 100 files are delivered', unit: 'ms', part: 'start', key: 'delivered' },
  { what: 'size of the addon', unit: 'MB', part: 'size', key: 'addon', target: atMost(5, 'MB') },
];

/**
 * The numbers of one row. Missing numbers are undefined.
 *
 * @typedef {object} Cells
 * @property {number} addon
 * @property {number} [addonP99]
 * @property {number} [jsSdk]
 * @property {number} [jsSdkP99]
 * @property {number} [memcpy]
 * @property {number} [emptyCall] a native call that does nothing
 * @property {number} [idle] without what is measured
 */

/**
 * @typedef {Cells & {what: string, unit: string, ratio?: number, target?: string, isMet?: boolean}} Row
 *   `ratio` is JS SDK / addon
 */

/**
 * The rows for which there are numbers.
 *
 * @param {object} raw what the parts returned, by part: `record`, `worker`, `excerpt`, `host`, `loop`, `stall`, `start`, `size`
 * @returns {Row[]}
 */
function rows(raw) {
  const list = [];
  for (const { what, unit, part, key, target } of ROWS) {
    const cells = raw[part] && READ[part](raw[part], key);
    if (!cells) continue;
    const ratio = cells.jsSdk === undefined ? undefined : cells.jsSdk / cells.addon;
    list.push({ what, unit, ...cells, ratio, target: target?.text, isMet: target?.holds({ ...cells, ratio }) });
  }
  return list;
}

const READ = {
  record: ({ rows: found, floor }, key) => {
    const { addon, jsSdk, memcpy, emptyCall } = key === 'emptyCall' ? { addon: floor.emptyCall } : found[key];
    return {
      addon: addon.median,
      addonP99: addon.p99,
      ...(jsSdk && { jsSdk: jsSdk.median, jsSdkP99: jsSdk.p99 }),
      ...(memcpy && { memcpy: memcpy.median }),
      ...(emptyCall && { emptyCall: emptyCall.median }),
    };
  },
  worker: ({ rows: found }, key) => found && { addon: found[key].cpu },
  excerpt: ({ rows: found }, key) => ({ addon: found[key].median, addonP99: found[key].p99 }),
  host: ({ rows: found }, key) => ({ addon: found[key].median, addonP99: found[key].p99 }),
  loop: readLoop,
  stall: readLoop,
  start: ({ rows: found }, key) => found && { addon: found[key], ...key === 'initWithFiles' && { idle: found.init } },
  size: ({ addon }) => ({ addon }),
};

function readLoop({ idle, addon, jsSdk }, key) {
  return { idle: idle[key], addon: addon[key], jsSdk: jsSdk[key] };
}

function atMost(limit, unit) {
  return { text: `<= ${limit} ${unit}`, holds: ({ addon }) => addon <= limit };
}

function fasterThan(limit, times) {
  return { text: `<= ${limit} us, >= ${times}x`, holds: ({ addon, ratio }) => addon <= limit && ratio >= times };
}

function atMostCopies(times) {
  return { text: `<= ${times}x memcpy`, holds: ({ addon, memcpy }) => addon <= times * memcpy };
}

function withinIdle(percent) {
  return { text: `idle +${percent} %`, holds: ({ addon, idle }) => addon <= idle * (1 + percent / 100) };
}

function likeIdle() {
  return { text: '= idle', holds: ({ addon, idle }) => addon <= idle + STALL_TOLERANCE_MS };
}

function asWithoutFiles() {
  return { text: '= without', holds: ({ addon, idle }) => addon <= idle + START_TOLERANCE_MS };
}

module.exports = { rows };
