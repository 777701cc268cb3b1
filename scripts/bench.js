'use strict';

// `npm run bench`: measures the addon against the OpenTelemetry JS SDK and prints one table.

const { spawnSync } = require('node:child_process');
const { writeFileSync } = require('node:fs');
const { cpus, loadavg, release } = require('node:os');
const { join, resolve } = require('node:path');
const { sizeMb, PACKAGE } = require('../bench/addon');
const { call } = require('../bench/child');
const loop = require('../bench/loop');
const start = require('../bench/start');
const { resultTable } = require('../bench/table');
const { rows } = require('../bench/targets');
const { parseArguments, unknown } = require('../cli/arguments');
const { UsageError } = require('../cli/errors');
const { optionLines } = require('../cli/help');
const { findBinary, profileOf } = require('../testkit/binary');

/** The sizes of a run. Record, worker, excerpt and host: batches. Loop, stall and start: processes per case. */
const FULL = {
  record: { rounds: 200, singles: 100 },
  worker: { rounds: 40 },
  excerpt: { rounds: 100 },
  host: { rounds: 100 },
  loop: { rounds: 5, seconds: 5, rate: 1000 },
  stall: { rounds: 5, seconds: 5, projects: 4 },
  start: { rounds: 20, files: 100 },
};
const QUICK = {
  record: { rounds: 20, singles: 20 },
  worker: { rounds: 5 },
  excerpt: { rounds: 20 },
  host: { rounds: 20 },
  loop: { rounds: 1, seconds: 1, rate: 1000 },
  stall: { rounds: 1, seconds: 1, projects: 4 },
  start: { rounds: 3, files: 100 },
};

/** The function of each part. Its argument is the sizes plus `addon`. */
const PARTS = {
  record: (options) => call(require.resolve('../bench/record'), options),
  worker: (options) => call(require.resolve('../bench/worker'), options),
  excerpt: (options) => call(require.resolve('../bench/excerpt'), options),
  host: (options) => call(require.resolve('../bench/host'), options),
  loop: (options) => loop.load(options),
  stall: (options) => loop.stall(options),
  start: (options) => start.measure(options),
  size: async ({ addon }) => sizeOf(findBinary(addon)),
};

const HELP = 'npm run bench -- --help';
const OPTIONS = {
  quick: { type: 'boolean', text: 'short run, under 30 s; its numbers are rough' },
  only: { type: 'string', value: 'PARTS', text: `some of ${Object.keys(PARTS).join(', ')}, with commas` },
  addon: { type: 'string', value: 'FOLDER', text: 'build to measure instead of this package' },
  json: { type: 'string', value: 'FILE', text: 'also write the raw numbers' },
  help: { type: 'boolean', short: 'h', text: 'print this text' },
};
const HELP_TEXT = `Usage: npm run bench -- [options]

Measures the addon beside the OpenTelemetry JS SDK on this machine and prints one table.
Builds the addon first if there is none.

${optionLines(OPTIONS).join('\n')}
`;

/** Larger than any release build. Such a file has its symbols, or was not optimised. */
const DEBUG_BUILD_MB = 12;

/** With more load per core than this, other processes disturb the measurements. */
const QUIET_LOAD = 0.3;

/**
 * Runs the command.
 *
 * @param {string[]} argv arguments after the script's name
 * @param {{out: (text: string) => void, err: (text: string) => void, colour: boolean}} io
 * @returns {Promise<number>} exit code: 0 done, 1 a part failed, 2 wrong usage
 */
async function main(argv, io) {
  let options;
  try {
    options = parse(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.err(`${error.message}\n`);
    return error.exitCode;
  }
  if (options.help) {
    io.out(HELP_TEXT);
    return 0;
  }
  if (options.addon === undefined && !isMeasurable(findBinary()) && !build(io)) return 1;

  const loadBefore = loadavg()[0];
  const raw = {};
  for (const part of options.parts) {
    io.err(`measuring ${part}\n`);
    try {
      raw[part] = await PARTS[part]({ ...(options.quick ? QUICK : FULL)[part], addon: options.addon });
    } catch (error) {
      io.err(`${part} failed: ${error.message}\n`);
      return 1;
    }
  }
  const found = rows(raw);
  io.out(`${machine()}\n\n${resultTable(found, { colour: io.colour })}\n${notes(raw, { ...options, loadBefore }).join('\n')}\n`);
  if (options.json) {
    writeFileSync(options.json, `${JSON.stringify({ machine: machine(), quick: options.quick, rows: found, raw }, null, 2)}\n`);
  }
  return 0;
}

function parse(argv) {
  const { only, addon, quick = false, ...rest } = parseArguments(argv, OPTIONS, { help: HELP }).values;
  const parts = only?.split(',') ?? Object.keys(PARTS);
  const other = parts.find((part) => !Object.hasOwn(PARTS, part));
  if (other !== undefined) throw new UsageError(unknown('part', other, Object.keys(PARTS)), HELP);
  return { ...rest, quick, parts, addon: addon && resolve(addon) };
}

/** Whether there is an addon, and `npm start` did not build it without optimisation. */
function isMeasurable(binary) {
  return binary !== undefined && profileOf(binary) !== 'debug';
}

function build(io) {
  io.err('no optimised addon found, running npm run build\n');
  const isWindows = process.platform === 'win32';
  // Its output is progress, not data.
  const { status } = spawnSync('npm', ['run', 'build'], { cwd: PACKAGE, stdio: ['ignore', 2, 2], shell: isWindows });
  if (status === 0 && isMeasurable(findBinary())) return true;
  io.err('the build failed, so there is nothing to measure\n');
  return false;
}

function sizeOf(binary) {
  return binary && { addon: sizeMb(binary) };
}

function machine() {
  const cores = cpus();
  const kernel = `${process.platform} ${release()} ${process.arch}`;
  const versions = ['@opentelemetry/sdk-metrics', '@opentelemetry/exporter-metrics-otlp-proto'].map(
    (name) => `${name} ${require(join(PACKAGE, 'node_modules', name, 'package.json')).version}`,
  );
  const own = require(join(PACKAGE, 'package.json')).version;
  return `${cores[0]?.model.trim() ?? 'unknown CPU'}, ${cores.length} cores, ${kernel}, node ${process.versions.node}\naddon ${own}, ${versions.join(', ')}`;
}

/** What a reader must know about the reliability of the table. */
function notes(raw, { quick, addon, loadBefore }) {
  const lines = ['Times per call or turn are medians of batches run in turns in one process; loop rows are medians of processes.'];
  for (const part of ['record', 'worker', 'start']) {
    if (raw[part]?.entries) lines.push(countsOf(part, raw[part].entries));
    if (raw[part]?.cannot) lines.push(`${part}: cannot be measured here: ${raw[part].cannot}`);
  }
  if (raw.record) lines.push(sameWork(raw.record.metrics));
  if (raw.loop) {
    const { addon: ours } = raw.loop;
    lines.push(`loop: ${ours.turns} turns per process, ${ours.lost === 0 ? 'none' : ours.lost} dropped by the addon`);
  }
  if (raw.stall) lines.push(seriesNote(raw.stall));
  const binary = findBinary(addon);
  if (binary && !(isMeasurable(binary) && sizeMb(binary) <= DEBUG_BUILD_MB)) lines.push('WARNING: this addon is built without optimisation; run npm run build');
  if (loadBefore > QUIET_LOAD * cpus().length) {
    lines.push(`WARNING: the load average was ${loadBefore.toFixed(1)} at the start; other work disturbs the numbers`);
  }
  if (quick) lines.push('Quick run: the numbers are rough.');
  return lines;
}

function countsOf(part, { accepted, processed, lost }) {
  if (lost === 0 && processed === accepted) return `${part}: ${accepted} entries accepted, all processed, none dropped`;
  return `WARNING: ${part}: ${accepted} entries accepted, ${processed} processed, ${lost} dropped; the row is not valid`;
}

function sameWork({ addon, jsSdk }) {
  return `record: metrics exported: addon ${addon.length}, JS SDK ${jsSdk.length}; only addon: ${missing(addon, jsSdk)}; only JS SDK: ${missing(jsSdk, addon)} (the addon sends closed sets of attribute values at 0 first, and reports its own health)`;
}

function missing(list, from) {
  return list.filter((name) => !from.includes(name)).join(', ') || 'none';
}

function seriesNote({ addon, jsSdk }) {
  return `stall: series per export: addon ${addon.series}, JS SDK ${jsSdk.series}; exports watched: addon ${addon.exports}, JS SDK ${jsSdk.exports}`;
}

if (require.main === module) {
  const io = {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    colour: process.stdout.isTTY === true && !process.env.NO_COLOR,
  };
  main(process.argv.slice(2), io).then((code) => {
    process.exitCode = code;
  });
}

module.exports = { main };
