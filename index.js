'use strict';
// The package's entry: the generated loader, with an error that helps where it finds no binary.

/** The platform as the packages of prebuilt binaries name it. */
function platform() {
  const libc = process.platform === 'linux' ? (process.report?.getReport().header.glibcVersionRuntime ? '-gnu' : '-musl') : '';
  return `${process.platform}-${process.arch}${libc}`;
}

/** Why the loader's tries failed: the first that found something and could not use it. */
function reason(error) {
  for (let cause = error; cause; cause = cause.cause) {
    if (!/^Cannot find (module|native binding)/.test(cause.message)) return cause.message.split('\n', 1)[0];
  }
  return 'there is none';
}

/** The loader's error, with what to do. `cause` is the loader's own. */
function unavailable(cause) {
  const error = new Error(
    `@ccxray/otel-native has no usable binary for ${platform()} (${reason(cause)}); install the package again for this ` +
      'platform, or build it from a checkout with `npm run build` (needs Rust from https://rustup.rs)',
    { cause },
  );
  error.code = 'CCXRAY_OTEL_NO_BINARY';
  return error;
}

let native;
try {
  native = require('./native.js');
} catch (error) {
  throw unavailable(error);
}

/** The addon returns a status or a report as JSON, the same as in the status file. */
const parsed = (call) => (...args) => JSON.parse(call(...args));

// Each name stands alone, so that `import { record } from '@ccxray/otel-native'` finds it.
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
