'use strict';
// `npm run fuzz [-- --seconds N] [-- TARGET…]`: the parsers under libFuzzer, on the ordinary toolchain. Coverage needs no
// nightly, and without a sanitizer there is nothing to install. `FUZZ_TARGET=template cargo fuzz run parsers` runs the
// same target with a sanitizer.

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { parseArguments, unknown } = require('../cli/arguments');
const { UsageError } = require('../cli/errors');
const { optionLines } = require('../cli/help');
const { seedsOf } = require('./seeds');

const folder = path.join(__dirname, '..', 'fuzz');
const targets = fs.readdirSync(path.join(folder, 'targets')).map((file) => path.basename(file, '.rs'));
/** Enough for a stream or a request with everything that it can contain. */
const MAX_BYTES = 16384;
/** The flags of `cargo fuzz`, without the sanitizer. */
const COVERAGE = [
  '--cfg=fuzzing',
  '-Cpasses=sancov-module',
  '-Cllvm-args=-sanitizer-coverage-level=4',
  '-Cllvm-args=-sanitizer-coverage-inline-8bit-counters',
  '-Cllvm-args=-sanitizer-coverage-pc-table',
  '-Cllvm-args=-sanitizer-coverage-trace-compares',
];

function host() {
  const { stdout } = spawnSync('rustc', ['-vV'], { encoding: 'utf8' });
  return /^host: (.+)$/m.exec(stdout ?? '')?.[1];
}

/** Runs a command and prints its output, at the end as one block if others run beside it. Resolves to whether it succeeded. */
function run(command, args, env, { title, together = false } = {}) {
  return new Promise((resolve) => {
    const output = [];
    const child = spawn(command, args, { cwd: folder, stdio: together ? 'pipe' : 'inherit', env: { ...process.env, ...env } });
    if (title && !together) process.stdout.write(title);
    for (const stream of together ? [child.stdout, child.stderr] : []) stream.on('data', (text) => output.push(text));
    child.on('error', (error) => {
      process.stderr.write(`${command} cannot be started (${error.code}); install Rust from https://rustup.rs\n`);
      resolve(false);
    });
    child.on('close', (code) => {
      if (together) process.stdout.write(`${title}${Buffer.concat(output)}`);
      resolve(code === 0);
    });
  });
}

/** Runs one target on its seeds and on what earlier runs found. What it finds stays in `fuzz/corpus`. */
function fuzz(target, { triple, seconds, together }) {
  const corpus = path.join('corpus', target);
  const artifacts = path.join('artifacts', target) + path.sep;
  for (const made of [corpus, artifacts]) fs.mkdirSync(path.join(folder, made), { recursive: true });
  const seeds = path.join('seeds', target);
  const written = seedsOf(target);
  for (const [name, text] of Object.entries(written)) fs.writeFileSync(path.join(folder, corpus, name), text);
  const title = `\n== fuzz ${target}, ${seconds} s, ${Object.keys(written).length} seeds from the fixtures\n`;
  const limits = [`-max_total_time=${seconds}`, `-max_len=${MAX_BYTES}`, '-timeout=10', '-rss_limit_mb=2048', '-verbosity=0', '-print_final_stats=1'];
  const binary = path.join(folder, 'target', triple, 'release', 'parsers');
  const corpora = fs.existsSync(path.join(folder, seeds)) ? [corpus, seeds] : [corpus];
  return run(binary, [...limits, `-artifact_prefix=${artifacts}`, ...corpora], { FUZZ_TARGET: target }, { title, together });
}

const HELP = 'npm run fuzz -- --help';
const OPTIONS = {
  seconds: { type: 'string', value: 'N', upTo: Number.MAX_SAFE_INTEGER, text: 'how long each target runs (default: 60)' },
  help: { type: 'boolean', short: 'h', text: 'print this text' },
};

async function main(argv) {
  const { values, positionals } = parseArguments(argv, OPTIONS, { help: HELP, allowPositionals: true });
  if (values.help) {
    process.stdout.write(['Usage: npm run fuzz -- [options] [TARGET…]', '', `Targets: ${targets.join(', ')}`, '', ...optionLines(OPTIONS), ''].join('\n'));
    return 0;
  }
  const other = positionals.find((target) => !targets.includes(target));
  if (other !== undefined) throw new UsageError(unknown('target', other, targets), HELP);
  const wanted = positionals.length > 0 ? positionals : targets;
  const triple = host();
  const flags = { RUSTFLAGS: COVERAGE.join(' ') };
  if (!await run('cargo', ['build', '--release', '--locked', '--target', triple], flags)) return 1;
  return await fuzzAll(wanted, { triple, seconds: values.seconds ?? 60 }) ? 0 : 1;
}

/** Runs one target per core at a time. A target that fails keeps the others from being started. */
async function fuzzAll(wanted, settings) {
  const waiting = Array.from(wanted);
  const together = wanted.length > 1;
  let ok = true;
  const worker = async () => {
    while (ok && waiting.length > 0) {
      if (!await fuzz(waiting.shift(), { ...settings, together })) ok = false;
    }
  };
  await Promise.all(Array.from({ length: os.availableParallelism() }, worker));
  return ok;
}

main(process.argv.slice(2)).then(
  (code) => { process.exitCode = code; },
  (error) => {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
  },
);
