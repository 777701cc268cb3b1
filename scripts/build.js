'use strict';
// `npm run build`: the addon as it is packaged, beside `native.js` and `index.d.ts`. `npm run build:debug` (`--debug`):
// the addon without optimisation, which builds in a fraction of the time. Further arguments go to `napi build`.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { stripInternals } = require('./strip-internals');
const { findBinary, noteProfile } = require('../testkit/binary');

const isWindows = process.platform === 'win32';

function build(argv) {
  const further = argv.filter((argument) => argument !== '--debug');
  const isDebug = further.length < argv.length;
  // What stands in for cargo is a script, which Windows does not start; the addon is larger there.
  const env = isWindows ? process.env : { ...process.env, CARGO: path.join(__dirname, 'cargo-cdylib.js') };
  const napi = path.join(__dirname, '..', 'node_modules', '.bin', isWindows ? 'napi.cmd' : 'napi');
  const args = ['build', '--platform', ...(isDebug ? [] : ['--release']), '--js', 'native.js', ...further];
  const { status, error } = spawnSync(napi, args, { stdio: 'inherit', env, shell: isWindows });
  if (error) process.stderr.write(`napi cannot be started (${error.code}); run npm ci first\n`);
  if (status !== 0) return status ?? 1;
  const declarations = path.join(__dirname, '..', 'index.d.ts');
  fs.writeFileSync(declarations, stripInternals(fs.readFileSync(declarations, 'utf8')));
  const binary = findBinary();
  if (binary) noteProfile(binary, isDebug ? 'debug' : 'release');
  return 0;
}

process.exitCode = build(process.argv.slice(2));
