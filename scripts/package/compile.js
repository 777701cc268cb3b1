'use strict';
// `node scripts/package/compile.js TARGET… [-- CARGO_ARGUMENT…]`: compiles the code for macOS or Windows on a Linux machine. It
// makes no binary: to link one takes the libraries of those systems. `.ci/toolchain.sh` prints the variables that it needs.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { run, withZig } = require('./build');
const { findTarget } = require('./targets');

/** Zig brings no headers of Microsoft's compiler, so Windows is compiled with those of MinGW. */
const triple = ({ triple: published }) => published.replace(/-msvc$/, '-gnullvm');

function compile(argv, env) {
  const separator = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const names = argv.slice(0, separator);
  if (names.length === 0) throw new Error('name a target, such as darwin-arm64');
  // The build for MinGW looks for Node's library, which only the linker would read.
  const libraries = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-libnode-'));
  for (const name of ['libnode.dll', 'libnode.a']) fs.writeFileSync(path.join(libraries, name), '');
  try {
    for (const name of names) {
      const { command, variables, options } = withZig({ triple: triple(findTarget(name)) }, env);
      const status = run(command, ['check', '--lib', '--locked', ...options, ...argv.slice(separator + 1)], { ...env, ...variables, LIBNODE_PATH: libraries });
      process.stdout.write(`${name}: ${status === 0 ? 'compiles' : `does not compile (exit ${status})`}\n`);
      if (status !== 0) return status;
    }
    return 0;
  } finally {
    fs.rmSync(libraries, { recursive: true });
  }
}

if (require.main === module) process.exitCode = compile(process.argv.slice(2), process.env);
