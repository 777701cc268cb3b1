'use strict';
// The error if there is no binary that this process can load: the reason and the cure in one line.

const { name } = require('./package.json');

/** What there are packages for. */
const SYSTEMS = new Set(['darwin', 'linux', 'win32']);
const PROCESSORS = new Set(['arm64', 'x64']);

/** The C library, for Linux: glibc's version, or `undefined` for musl. */
function glibcVersion() {
  return process.report?.getReport().header.glibcVersionRuntime;
}

/** The name of this platform, as in the names of the packages with binaries. */
function platform() {
  const { platform: system, arch } = process;
  if (system === 'linux') return `linux-${arch}-${glibcVersion() ? 'gnu' : 'musl'}`;
  return system === 'win32' ? `win32-${arch}-msvc` : `${system}-${arch}`;
}

/** The error and everything that caused it. */
function causes(error) {
  const all = [];
  for (let cause = error; cause && !all.includes(cause); cause = cause.cause) all.push(cause);
  return all;
}

/** Each kind of failure: how the loader's errors show it, and what is wrong and what to do. */
const KINDS = [
  {
    shows: /loading addons is disabled/,
    advice: () => (process.permission
      ? 'cannot be loaded: the permission model of Node forbids addons. Start node with --allow-addons.'
      : 'cannot be loaded: Node was started with --no-addons. Start it without that flag.'),
  },
  {
    shows: /version [`'](GLIBC_[\d.]+)' not found/,
    advice: ([, needed]) => `cannot be loaded: this build needs ${needed.replace('_', ' ').replace('GLIBC', 'glibc')}, and this system has ${glibcVersion()}. ` +
      'Use a published package, which needs 2.17, or build it on this system: npm run build in its repository.',
  },
  {
    shows: /^(?!Cannot find (?:module|native binding)|Unsupported )(.+)/,
    advice: ([, reason]) => `has a binary for ${platform()} that cannot be loaded: ${reason.replace(/\.$/, '')}. ` +
      'The file is damaged or was made for another platform. Delete node_modules, then install again: npm ci.',
  },
];

/** What to do if no file was found at all. */
function notFound() {
  const here = platform();
  if (!SYSTEMS.has(process.platform) || !PROCESSORS.has(process.arch)) {
    return `has no binary for ${here}: there are packages for Linux, macOS and Windows, on x64 and arm64. ` +
      'Build it from its repository (needs Rust: https://rustup.rs): npm run build.';
  }
  return `has no usable binary for ${here}: the package ${name}-${here} is not installed. ` +
    'Install again on this platform with npm install --include=optional, or build it from its repository (needs Rust: https://rustup.rs): npm run build.';
}

/** What is wrong, and what to do. */
function advice(error) {
  const messages = causes(error).map(({ message }) => String(message).split('\n', 1)[0]);
  for (const kind of KINDS) {
    for (const message of messages) {
      const shown = kind.shows.exec(message);
      if (shown) return kind.advice(shown);
    }
  }
  return notFound();
}

/**
 * @param {Error} cause the error of the generated loader
 * @returns {Error & {code: 'CCXRAY_OTEL_NO_BINARY'}}
 */
function noBinary(cause) {
  const error = new Error(`${name} ${advice(cause)}`, { cause });
  error.code = 'CCXRAY_OTEL_NO_BINARY';
  return error;
}

module.exports = { noBinary };
