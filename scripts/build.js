'use strict';
// `npm run build`: the addon, optimised, beside `native.js` and `index.d.ts`. Further arguments go to `napi build`.

const { spawnSync } = require('node:child_process');
const path = require('node:path');

const isWindows = process.platform === 'win32';
// What stands in for cargo is a script, which Windows does not start; the addon is larger there.
const env = isWindows ? process.env : { ...process.env, CARGO: path.join(__dirname, 'cargo-cdylib.js') };
const napi = path.join(__dirname, '..', 'node_modules', '.bin', isWindows ? 'napi.cmd' : 'napi');
const args = ['build', '--platform', '--release', '--js', 'native.js', ...process.argv.slice(2)];
const { status, error } = spawnSync(napi, args, { stdio: 'inherit', env, shell: isWindows });
if (error) process.stderr.write(`napi cannot be started (${error.code}); run npm ci first\n`);
process.exitCode = status ?? 1;
