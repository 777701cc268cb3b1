#!/usr/bin/env node
'use strict';
// Stands in for `cargo` where napi builds the addon. With `crate-type = ["cdylib", "lib"]` (the tests link the library)
// `cargo build` makes both at once, and skips link-time optimisation without a warning: the addon is a tenth larger then.

const { spawn } = require('node:child_process');

const args = process.argv.slice(2);
const addonOnly = args[0] === 'build' ? ['rustc', '--lib', '--crate-type', 'cdylib', ...args.slice(1)] : args;
const cargo = spawn('cargo', addonOnly, { stdio: 'inherit' });
cargo.on('error', (error) => {
  process.stderr.write(`cargo cannot be started (${error.code}); install Rust from https://rustup.rs\n`);
  process.exitCode = 1;
});
cargo.on('exit', (code) => { process.exitCode = code ?? 1; });
