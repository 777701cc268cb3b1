'use strict';

/*
 * `npm start` in a clean clone: gets what is missing, builds what is stale, then runs the main job. Uses nothing but
 * Node until the dependencies are there.
 */

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { UsageError } = require('../cli/errors');
const { helpLines, npmTookOptions, parseOptions } = require('../demo/options');
const { findBinary, profileOf } = require('../testkit/binary');

const ROOT = path.join(__dirname, '..');

/** `npm install` writes its note in node_modules shortly before the lock file. */
const INSTALL_SLACK_MS = 30_000;

/** What the addon is made of. */
const SOURCES = ['src', 'Cargo.toml', 'Cargo.lock', 'build.rs'];

/** What the page and the decoder of the demo are made of, and one of the files that they become. */
const DEMO_SOURCES = ['demo/page', 'demo/otlp', 'demo/store', 'package-lock.json'];
const DEMO_PRODUCT = path.join('demo', 'built', 'otlp.js');

/** Enough to try the addon out. `npm run build` takes several times as long. */
const BUILD = ['run', 'build:debug'];
const NOTICE = 'This addon is built without optimisation, to try it out. It is slower and larger than the packaged one, which npm run build builds.';

/**
 * Runs the steps that are due.
 * @param {string[]} argv arguments after the script's name
 * @param {object} io `{stdout, stderr, env}`
 * @returns {Promise<number>} exit code of the step that failed, else of the main job
 */
async function start(argv, io) {
  const misplaced = npmTookOptions(argv, io.env);
  if (misplaced !== undefined) return say(io.stderr, misplaced, 2);
  let options;
  try {
    options = parseOptions(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return say(io.stderr, error.message, error.exitCode);
  }
  if (options.help) return say(io.stdout, helpLines().join('\n'), 0);
  if (!isOnPath('cargo', io.env)) return say(io.stderr, 'cargo was not found on PATH: install Rust from https://rustup.rs, then run npm start again', 1);
  if (isStale(path.join(ROOT, 'node_modules', '.package-lock.json'), [path.join(ROOT, 'package-lock.json')], INSTALL_SLACK_MS)) {
    say(io.stderr, 'installing the development dependencies (npm ci) …');
    const code = npm(['ci'], io.env);
    if (code !== 0) return code;
  }
  const addon = findBinary();
  if (addon === undefined || isStale(addon, SOURCES.map((source) => path.join(ROOT, source)))) {
    say(io.stderr, addon === undefined
      ? `building the native addon (npm ${BUILD.join(' ')}); a first build takes about a minute on two cores …`
      : `the sources are newer than the native addon: building it again (npm ${BUILD.join(' ')}) …`);
    const code = npm(BUILD, io.env);
    if (code !== 0) return code;
  }
  if (isStale(path.join(ROOT, DEMO_PRODUCT), DEMO_SOURCES.map((source) => path.join(ROOT, source)))) {
    say(io.stderr, 'bundling the page of the demo (npm run build:demo) …');
    const code = npm(['run', 'build:demo'], io.env);
    if (code !== 0) return code;
  }
  if (profileOf(findBinary()) === 'debug') say(io.stderr, NOTICE);
  const { checkOf } = require('../testkit/reference/check');
  return require('../demo').main(argv, { ...io, checkOf });
}

/** @returns {boolean} whether a program of that name is in a directory of PATH */
function isOnPath(name, env) {
  const names = process.platform === 'win32' ? [`${name}.exe`, `${name}.cmd`] : [name];
  const directories = (env.PATH ?? env.Path ?? '').split(path.delimiter).filter((directory) => directory !== '');
  return directories.some((directory) => names.some((candidate) => isFile(path.join(directory, candidate))));
}

/** @returns {boolean} whether the product is missing or any of its sources is newer, by more than the slack */
function isStale(product, sources, slackMs = 0) {
  const madeAt = modified(product);
  return madeAt === undefined || sources.some((source) => newest(source) > madeAt + slackMs);
}

/** @returns {number} when the file, or the last changed file below the directory, was changed; 0 if there is none */
function newest(file) {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return fs.readdirSync(file).reduce((latest, name) => Math.max(latest, newest(path.join(file, name))), 0);
}

function modified(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

function isFile(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Runs npm with its output on our terminal; the npm that started us, if one did. */
function npm(args, env) {
  const script = env.npm_execpath;
  const { status, error } = script !== undefined && /npm-cli\.c?js$/.test(script)
    ? spawnSync(process.execPath, [script, ...args], { cwd: ROOT, env, stdio: 'inherit' })
    : spawnSync('npm', args, { cwd: ROOT, env, stdio: 'inherit', shell: process.platform === 'win32' });
  if (error !== undefined) return say(process.stderr, `npm could not be started: ${error.message}`, 1);
  return status ?? 1;
}

function say(stream, message, code) {
  stream.write(`${message}\n`);
  return code;
}

/** A reader that closes the pipe early, such as `head`, is not an error. */
function endQuietly(stream) {
  stream.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

async function run() {
  endQuietly(process.stdout);
  endQuietly(process.stderr);
  process.exitCode = await start(process.argv.slice(2), process);
}

if (require.main === module) void run();

module.exports = { start };
