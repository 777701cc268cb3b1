'use strict';
// `npm run fuzz [-- --seconds N] [-- TARGET…]`: the parsers under libFuzzer, on the ordinary toolchain. Coverage needs no
// nightly, and without a sanitizer there is nothing to install. `cargo fuzz run TARGET` finds the same targets.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { parseArguments, unknown } = require('../cli/arguments');
const { UsageError } = require('../cli/errors');
const { optionLines } = require('../cli/help');
const { seedsOf } = require('./seeds');

const folder = path.join(__dirname, '..', 'fuzz');
const targets = fs.readdirSync(path.join(folder, 'targets')).map((file) => path.basename(file, '.rs'));
/** A stream or a request with all that it can hold. */
const MAX_BYTES = 16384;
/** What `cargo fuzz` compiles with, but for the sanitizer. */
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

function run(command, args, env) {
  const { status, error } = spawnSync(command, args, { cwd: folder, stdio: 'inherit', env: { ...process.env, ...env } });
  if (error) process.stderr.write(`${command} cannot be started (${error.code}); install Rust from https://rustup.rs\n`);
  return status === 0;
}

/** Runs one target on its seeds and on what earlier runs have found. Its finds stay in `fuzz/corpus`. */
function fuzz(target, triple, seconds) {
  const corpus = path.join('corpus', target);
  const artifacts = path.join('artifacts', target) + path.sep;
  for (const made of [corpus, artifacts]) fs.mkdirSync(path.join(folder, made), { recursive: true });
  const seeds = path.join('seeds', target);
  const written = seedsOf(target);
  for (const [name, text] of Object.entries(written)) fs.writeFileSync(path.join(folder, corpus, name), text);
  process.stdout.write(`\n== fuzz ${target}, ${seconds} s, ${Object.keys(written).length} seeds from the fixtures\n`);
  const limits = [`-max_total_time=${seconds}`, `-max_len=${MAX_BYTES}`, '-timeout=10', '-rss_limit_mb=2048', '-verbosity=0', '-print_final_stats=1'];
  const binary = path.join('target', triple, 'release', target);
  const corpora = fs.existsSync(path.join(folder, seeds)) ? [corpus, seeds] : [corpus];
  return run(path.join(folder, binary), [...limits, `-artifact_prefix=${artifacts}`, ...corpora]);
}

const HELP = 'npm run fuzz -- --help';
const OPTIONS = {
  seconds: { type: 'string', value: 'N', upTo: Number.MAX_SAFE_INTEGER, text: 'how long each target runs (default: 60)' },
  help: { type: 'boolean', short: 'h', text: 'print this text' },
};

function main(argv) {
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
  if (!run('cargo', ['build', '--release', '--locked', '--target', triple], flags)) return 1;
  return wanted.every((target) => fuzz(target, triple, values.seconds ?? 60)) ? 0 : 1;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
