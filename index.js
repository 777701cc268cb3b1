'use strict';
// The package's entry: loads the binary for this platform, and throws a helpful error if there is none.

const path = require('node:path');

/** The name of this platform, as in the names of the packages with binaries. */
function platform() {
  const libc = process.platform === 'linux' ? (process.report?.getReport().header.glibcVersionRuntime ? '-gnu' : '-musl') : '';
  return `${process.platform}-${process.arch}${libc}`;
}

/** Why no binary was loaded: the first cause that is not a missing file. */
function reason(error) {
  for (let cause = error; cause; cause = cause.cause) {
    if (!/^Cannot find (module|native binding)/.test(cause.message)) return cause.message.split('\n', 1)[0];
  }
  return 'it is not installed';
}

/** The error to throw. Its `cause` is the error of the generated loader. */
function noBinary(cause) {
  const error = new Error(
    `@ccxray/otel-native has no usable binary for ${platform()}: ${reason(cause)}. Install the package again on this ` +
      'platform, or run "npm run build" in its repository (needs Rust: https://rustup.rs).',
    { cause },
  );
  error.code = 'CCXRAY_OTEL_NO_BINARY';
  return error;
}

let native;
try {
  native = require('./native.js');
} catch (error) {
  throw noBinary(error);
}

/** One word of a shell's command. */
function quoted(word) {
  if (process.platform === 'win32') return /^[\w.:\\/-]*$/.test(word) ? word : `"${word}"`;
  return /^[\p{Alphabetic}\p{N}\-_./]*$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

// Messages name this program with its path. A name alone, with or without npx, can find a stranger's program in the
// project that the message is about.
native.setProgram([process.execPath, path.join(__dirname, 'cli.js')].map(quoted).join(' '));

/** The addon returns a status or a report as JSON, like the status file. */
const parsed = (call) => (...args) => JSON.parse(call(...args));

// One assignment for each name, so that `import { record } from '@ccxray/otel-native'` works.
module.exports.init = parsed(native.init);
module.exports.record = native.record;
module.exports.status = parsed(native.status);
module.exports.preview = native.preview;
module.exports.flush = native.flush;
module.exports.shutdown = native.shutdown;
module.exports.shutdownSync = native.shutdownSync;
module.exports.trust = native.trust;
module.exports.untrust = native.untrust;
module.exports.initConfig = native.initConfig;
module.exports.inspect = parsed(native.inspect);
module.exports.report = parsed(native.report);
