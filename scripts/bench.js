'use strict';

// `npm run bench`: measures the addon against the OpenTelemetry JS SDK and prints one table.

const { spawnSync } = require('node:child_process');
const { writeFileSync } = require('node:fs');
const { cpus, loadavg, release } = require('node:os');
const { join, resolve } = require('node:path');
const { sizeMb, PACKAGE } = require('../bench/addon');
const { call } = require('../bench/child');
const loop = require('../bench/loop');
const { table } = require('../bench/table');
const { rows } = require('../bench/targets');
const { findBinary, profileOf } = require('../testkit/binary');

const HELP = `Usage: npm run bench -- [options]

Measures the addon beside the OpenTelemetry JS SDK on this machine and prints one table.
Builds the addon first when there is none, or only one without optimisation, as npm start builds it.

Options:
  --quick        short run, under 30 s; its numbers are rough
  --only PARTS   some of record, worker, loop, stall, size, with commas
  --addon FOLDER build to measure instead of this package
  --json FILE    also write the raw numbers
  --help         this text
`;

/** Counts of a run. Record and worker: batches. Loop and stall: processes per case, seconds each. */
const FULL = {
  record: { rounds: 200, singles: 100 },
  worker: { rounds: 40 },
  loop: { rounds: 5, seconds: 5, rate: 1000 },
  stall: { rounds: 5, seconds: 5, projects: 4 },
};
const QUICK = {
  record: { rounds: 20, singles: 20 },
  worker: { rounds: 5 },
  loop: { rounds: 1, seconds: 1, rate: 1000 },
  stall: { rounds: 1, seconds: 1, projects: 4 },
};

/** What each part runs; all take the same options object plus `addon`. */
const PARTS = {
  record: (options) => call(require.resolve('../bench/record'), options),
  worker: (options) => call(require.resolve('../bench/worker'), options),
  loop: (options) => loop.load(options),
  stall: (options) => loop.stall(options),
  size: async ({ addon }) => sizeOf(findBinary(addon)),
};

/** Larger than any release build: such a file still has its symbols, or was not optimised. */
const DEBUG_BUILD_MB = 12;

/** With more than this going on per core beside it, a run measures the neighbours. */
const QUIET_LOAD = 0.3;

/**
 * Runs the command.
 *
 * @param {string[]} argv arguments after the script's name
 * @param {{out: (text: string) => void, err: (text: string) => void, colour: boolean}} io
 * @returns {Promise<number>} exit code: 0 done, 1 a part failed, 2 wrong usage
 */
async function main(argv, io) {
  const options = parse(argv);
  if (options.error) {
    io.err(`${options.error}\n`);
    return 2;
  }
  if (options.help) {
    io.out(HELP);
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
  io.out(`${machine()}\n\n${table(found, { colour: io.colour })}\n${notes(raw, { ...options, loadBefore }).join('\n')}\n`);
  if (options.json) {
    writeFileSync(options.json, `${JSON.stringify({ machine: machine(), quick: options.quick, rows: found, raw }, null, 2)}\n`);
  }
  return 0;
}

function parse(argv) {
  const options = { quick: false, help: false, json: undefined, addon: undefined, parts: Object.keys(PARTS) };
  const take = {
    '--quick': () => (options.quick = true),
    '--help': () => (options.help = true),
    '-h': () => (options.help = true),
    '--json': (value) => (options.json = value),
    '--addon': (value) => (options.addon = resolve(value)),
    '--only': (value) => (options.parts = value.split(',')),
  };
  for (let at = 0; at < argv.length; at += 1) {
    const [name, given] = split(argv[at]);
    const set = Object.hasOwn(take, name) ? take[name] : undefined;
    if (set === undefined) {
      return { error: `unknown option ${name}, did you mean ${nearest(name, Object.keys(take))}? See --help` };
    }
    if (set.length === 0) {
      if (given !== undefined) return { error: `${name} takes no value` };
      set();
      continue;
    }
    const value = given ?? argv[(at += 1)];
    if (value === undefined || value === '') return { error: `${name} needs a value` };
    set(value);
  }
  for (const part of options.parts) {
    if (!Object.hasOwn(PARTS, part)) {
      return { error: `unknown part ${part}, did you mean ${nearest(part, Object.keys(PARTS))}? See --help` };
    }
  }
  return options;
}

function split(argument) {
  const cut = argument.indexOf('=');
  return argument.startsWith('--') && cut > 0 ? [argument.slice(0, cut), argument.slice(cut + 1)] : [argument];
}

function nearest(word, known) {
  return known.reduce((best, name) => (distance(word, name) < distance(word, best) ? name : best));
}

/** Edits (insert, delete, replace) that lead from one word to the other. */
function distance(from, to) {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[to.length];
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

/** What a reader must know to trust the table, or not to. */
function notes(raw, { quick, addon, loadBefore }) {
  const lines = ['Times per call or turn are medians of batches run in turns in one process; loop rows are medians of processes.'];
  for (const part of ['record', 'worker']) {
    if (raw[part]?.entries) lines.push(ledger(part, raw[part].entries));
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

function ledger(part, { accepted, processed, lost }) {
  if (lost === 0 && processed === accepted) return `${part}: ${accepted} entries accepted, all processed, none dropped`;
  return `WARNING: ${part}: ${accepted} entries accepted, ${processed} processed, ${lost} dropped; the row is not valid`;
}

function sameWork({ addon, jsSdk }) {
  return `record: metrics exported: addon ${addon.length}, JS SDK ${jsSdk.length}; only addon: ${missing(addon, jsSdk)}; only JS SDK: ${missing(jsSdk, addon)} (the addon starts closed sets at 0 and reports its own health)`;
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
