'use strict';
// The package's entry: loads the binary for this platform, and throws a helpful error if there is none.

const path = require('node:path');

const { noBinary } = require('./no-binary');
const { quoted } = require('./shell');

let native;
try {
  native = require('./native.js');
} catch (error) {
  throw noBinary(error);
}

// Messages name this program with its path. A name alone, with or without npx, can find a stranger's program in the
// project that the message is about.
native.setProgram([process.execPath, path.join(__dirname, 'cli.js')].map(quoted).join(' '));

/**
 * Whether Node's permission model lets this process write a file. Node enforces it in JavaScript only, so the addon has to ask.
 * @param {string} file
 */
const mayWrite = (file) => !process.permission || process.permission.has('fs.write', file);

/** Whether the directory of the logs and the status file must not be written. */
function isReadOnly(options) {
  if (!process.permission) return false;
  const directory = native.ownDirectory(options, process.env);
  return !directory || !mayWrite(path.join(directory, 'otel.log')) || !mayWrite(path.join(directory, 'otel', 'status.json'));
}

/** An error that `OtelConfigError` in `index.d.ts` describes. */
function configError({ message, ...place }) {
  const error = Object.assign(new Error(message), { code: 'CCXRAY_OTEL_CONFIG' }, place);
  Error.captureStackTrace(error, configError);
  return error;
}

/** The addon's errors about a config contain their parts as JSON. */
const withConfigError = (call) => (...args) => {
  try {
    return call(...args);
  } catch (error) {
    throw error.code === 'CCXRAY_OTEL_CONFIG' ? configError(JSON.parse(error.message)) : error;
  }
};

/**
 * Passes `process.env` behind the declared parameters, for calls whose options contain no `env`. Only Node can read a
 * variable while another thread changes one, and only Node knows the variables of a worker thread.
 */
const withEnvironment = (call, parameters) => withConfigError((...args) => call(...Array.from({ length: parameters }, (_, i) => args[i]), process.env));

/** Throws if this process may not write any of these files. */
function requireRightToWrite(files) {
  const forbidden = files.find((file) => !mayWrite(file));
  if (forbidden === undefined) return;
  const directory = path.dirname(forbidden);
  throw configError({ message: `The permission model of Node forbids this process to write in ${directory}. Start node with --allow-fs-write=${directory}/*.` });
}

/** The same for a call that approves or revokes: its options are the second argument. */
const withRightToApprove = (call) => (...args) => {
  const directory = process.permission && native.ownDirectory(args[1], process.env);
  if (directory) requireRightToWrite([path.join(directory, 'otel-trust.json')]);
  return call(...args);
};

/** The same for a call that writes config files, too. */
const withRightToConfigure = (call) => (...args) => {
  const directory = process.permission && native.ownDirectory(args[0], process.env);
  if (directory) {
    const { cwd = process.cwd(), home = process.env.HOME ?? process.env.USERPROFILE, project, personal } = args[0] ?? {};
    const files = [path.join(directory, 'otel-trust.json')];
    if (project || personal?.place === 'project') files.push(path.join(cwd, '.ccxray.json'));
    if (personal && personal.place !== 'project' && home) files.push(path.join(home, '.ccxray.user.json'));
    requireRightToWrite(files);
  }
  return call(...args);
};

/** The addon returns a status or a report as JSON, like the status file. */
const parsed = (call) => (...args) => JSON.parse(call(...args));

/** The addon returns `null` for what is absent. */
const orUndefined = (call) => (...args) => call(...args) ?? undefined;

const openDryRun = withEnvironment(native.openDryRun, 1);
const assumeInDryRun = withConfigError(native.assumeInDryRun);

/** What an assumption of a dry run may be. */
const ASSUMPTIONS = { tier: [1, 2], names: ['known', 'all'] };

/** Throws if an assumption is none: a value that is ignored would show something else than the caller wants to see. */
function requireAssumption(assumption, index) {
  for (const [name, value] of Object.entries(assumption)) {
    const allowed = Object.hasOwn(ASSUMPTIONS, name) ? ASSUMPTIONS[name] : undefined;
    const field = `assumptions[${index}].${name}`;
    if (allowed === undefined) throw configError({ message: `${field}: There is no such option. Use one of ${Object.keys(ASSUMPTIONS).join(', ')}.`, field });
    if (value !== undefined && !allowed.includes(value)) throw configError({ message: `${field}: Use ${allowed.join(' or ')}.`, field });
  }
}

/** An object that `DryRun` in `index.d.ts` describes. */
function dryRun(options, assumptions) {
  const run = openDryRun(options);
  for (const [index, assumption] of (assumptions ?? [{}]).entries()) {
    requireAssumption(assumption, index);
    assumeInDryRun(run, assumption.tier ?? 0, assumption.names ?? '');
  }
  return {
    add: (entry, parts) => native.addToDryRun(run, entry, parts?.request, parts?.response),
    summary: () => JSON.parse(native.dryRunSummary(run)),
  };
}

// One assignment for each name, so that `import { record } from '@ccxray/otel-native'` works.
module.exports.init = parsed(withConfigError((options) => native.init(options, process.env, isReadOnly(options))));
module.exports.record = native.record;
module.exports.status = parsed(native.status);
module.exports.launch = orUndefined(withEnvironment(native.launch, 1));
module.exports.notice = orUndefined(withEnvironment(native.notice, 1));
module.exports.preview = native.preview;
module.exports.probe = withEnvironment((...args) => native.probe(...args).then(JSON.parse), 2);
module.exports.dryRun = dryRun;
module.exports.dateExports = native.dateExports;
module.exports.flush = native.flush;
module.exports.deliverPending = native.deliverPending;
module.exports.shutdown = native.shutdown;
module.exports.shutdownSync = native.shutdownSync;
module.exports.trust = withRightToApprove(withEnvironment(native.trust, 3));
module.exports.untrust = withRightToApprove(withEnvironment(native.untrust, 2));
module.exports.initConfig = withRightToConfigure(withEnvironment(native.initConfig, 1));
module.exports.inspect = parsed(withEnvironment(native.inspect, 1));
module.exports.pending = parsed(withEnvironment(native.pending, 1));
module.exports.clearPending = withEnvironment(native.clearPending, 1);
module.exports.report = parsed(withEnvironment(native.report, 1));
