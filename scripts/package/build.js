'use strict';
// `node scripts/package/build.js TARGET [--quick] [-- CARGO_ARGUMENT…]`: the addon as it is published, in npm/TARGET. `--quick`
// leaves the optimisation out.
//
// The same sources give the same bytes, whatever the directory: no path of this machine is inside. On Linux, Zig links,
// so that the addon runs with older C libraries than this machine's; the variables that `.ci/toolchain.sh` prints name
// Zig and, for a target that rustup has not installed, a Rust with the source of its standard library.

const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { ROOT, findTarget } = require('./targets');

/** Node 18 needs 2.28; a system that is older than that cannot run it at all. Zig's oldest one costs nothing. */
const OLDEST_GLIBC = '2.17';

/** The dev profile without what only a debugger or the next build needs. */
const QUICK = { CARGO_INCREMENTAL: '0', CARGO_PROFILE_DEV_DEBUG: 'false', CARGO_PROFILE_DEV_STRIP: 'symbols' };

/** @param {string[]} argv @param {NodeJS.ProcessEnv} env */
function build([name, ...further], env) {
  const target = findTarget(name);
  const separator = further.includes('--') ? further.indexOf('--') : further.length;
  const options = new Set(further.slice(0, separator));
  const isQuick = options.has('--quick');
  const { command, variables, options: toolOptions } = target.os === 'linux' && env.ZIG_TOOLS ? withZig(target, env) : withCargo(target);
  const all = { ...env, ...variables, ...(isQuick && QUICK) };
  const rustc = all.RUSTC ?? 'rustc';
  const prefixes = pathPrefixes(rustc, all);
  all.CFLAGS = [cFlags(), ...(target.os === 'win32' ? [] : prefixes.map(([from, to]) => `-ffile-prefix-map=${from}=${to}`))].join(' ');
  const flags = prefixes.map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
  const args = [
    'rustc', '--lib', '--crate-type', 'cdylib', '--profile', isQuick ? 'dev' : 'release', '--locked', ...toolOptions,
    '--config', `target.${target.triple}.rustflags=${JSON.stringify(flags)}`,
    ...further.slice(separator + 1),
  ];
  const status = run(command, args, all);
  if (status !== 0) return status;
  const made = path.join(env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target'), target.triple, isQuick ? 'debug' : 'release', libraryName(target));
  fs.copyFileSync(made, path.join(target.folder, target.binary));
  return 0;
}

/** @returns {number} the exit code */
function run(command, args, env) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, env, stdio: 'inherit' });
  if (error) throw new Error(`${command} cannot be started (${error.code}); ${command === 'cargo' ? 'install Rust from https://rustup.rs' : 'run .ci/toolchain.sh'}`);
  return status ?? 1;
}

/** Cargo as it is installed, for a target whose standard library rustup has. */
function withCargo({ triple }) {
  return { command: 'cargo', variables: {}, options: ['--target', triple] };
}

/** Cargo with Zig as compiler and linker of C, for a target whose standard library may have to be compiled, too. */
function withZig({ triple, libc }, { ZIG_TOOLS, RUSTC_WITH_SOURCE, PATH }) {
  const variables = { CARGO_ZIGBUILD_ZIG_PATH: path.join(ZIG_TOOLS, 'ziglang', 'zig'), PATH: `${path.join(ZIG_TOOLS, 'bin')}${path.delimiter}${PATH}` };
  const options = ['--target', libc === 'glibc' ? `${triple}.${OLDEST_GLIBC}` : triple];
  const isPrebuilt = fs.existsSync(path.join(sysroot('rustc'), 'lib', 'rustlib', triple, 'lib'));
  if (!isPrebuilt) {
    if (!RUSTC_WITH_SOURCE) throw new Error(`Rust's standard library for ${triple} is not installed. Run rustup target add ${triple}, or .ci/toolchain.sh.`);
    variables.RUSTC = RUSTC_WITH_SOURCE;
    variables.RUSTC_BOOTSTRAP = '1'; // build-std is not stable
    options.push('-Z', 'build-std=std,panic_unwind');
  }
  return { command: path.join(ZIG_TOOLS, 'bin', 'cargo-zigbuild'), variables, options };
}

/** Each directory of this machine that could be inside, and what stands there instead. The last match counts. */
function pathPrefixes(rustc, env) {
  const cargoHome = env.CARGO_HOME ?? path.join(os.homedir(), '.cargo');
  return [
    [os.homedir(), '/builder'],
    [cargoHome, '/cargo'],
    [fs.realpathSync(path.join(sysroot(rustc, env), 'lib', 'rustlib')), '/rustlib'],
    [rustSource(rustc, env), '/rustc'],
    [env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target'), '/target'],
    [ROOT, '/otel-native'],
  ].filter(([from]) => from);
}

/** What every build of this repository passes to the C compiler. The variable that is set here would hide it. */
function cFlags() {
  const config = fs.readFileSync(path.join(ROOT, '.cargo', 'config.toml'), 'utf8');
  return /^CFLAGS = "(.*)"$/m.exec(config)[1];
}

function sysroot(rustc, env = process.env) {
  return execFileSync(rustc, ['--print', 'sysroot'], { cwd: ROOT, env, encoding: 'utf8' }).trim();
}

function rustSource(rustc, env) {
  const source = path.join(sysroot(rustc, env), 'lib', 'rustlib', 'src', 'rust');
  return fs.existsSync(source) ? fs.realpathSync(source) : undefined;
}

function libraryName({ os: system }) {
  return { darwin: 'libotel_native.dylib', linux: 'libotel_native.so', win32: 'otel_native.dll' }[system];
}

if (require.main === module) process.exitCode = build(process.argv.slice(2), process.env);

module.exports = { OLDEST_GLIBC, build, run, withZig };
