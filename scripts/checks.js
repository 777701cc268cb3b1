'use strict';

// What `npm test` and `npm run test:long` run, and in which order.

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {string} command
 * @property {string[]} args
 * @property {Record<string, string>} [env] further variables
 */

/**
 * @typedef {object} Group checks that run one after another; the groups run side by side
 * @property {Check[]} checks
 * @property {boolean} isBackground whether it runs at a low priority, because the other group measures times
 */

/** What only tries more seeds, more processes and more time than `npm test`. */
const LONG_TESTS = 'parsers/differential|privacy/canary|backends/fleet|reliability/offline-(outage|kills)';
const LONG = { DIFFERENTIAL_SEEDS: '5', CANARY_NAMES: '24500', FLEET_PROCESSES: '1000', OFFLINE_RESTARTS: '50', OFFLINE_KILLS: '200' };

/** These suites compare times with and without the addon, so nothing runs beside them. */
const TIMED_TESTS = '__test__/(reliability|bench)/';

const INSTALL = { name: 'install', command: 'npm', args: ['ci'] };
const BUILD = { name: 'build', command: 'npm', args: ['run', 'build'] };
const BUILD_DEMO = { name: 'page of the demo', command: 'npm', args: ['run', 'build:demo'] };

/**
 * @param {object} given
 * @param {boolean} given.isLong whether this is `npm run test:long`
 * @param {boolean} given.isInstalled whether `node_modules` is newer than the lock file
 * @param {boolean} given.isLinux the fuzzer runs on Linux only
 * @param {boolean} given.isInGit whether git can compare the generated files
 * @param {number} [given.fuzzSeconds] how long `npm run test:long` runs each fuzz target
 * @returns {{first: Check[], groups: Group[], last: Check[]}} `first` runs before the groups, `last` after them
 */
function plan({ isLong, isInstalled, isLinux, isInGit, fuzzSeconds = 60 }) {
  const first = isInstalled ? [] : [INSTALL];
  const { groups, last } = isLong ? long(isLinux, fuzzSeconds) : short(isLinux, isInGit);
  return { first, groups, last };
}

function short(isLinux, isInGit) {
  const groups = [
    {
      isBackground: false,
      checks: [
        BUILD,
        BUILD_DEMO,
        isInGit && { name: 'generated files are committed', command: 'git', args: ['diff', '--exit-code', 'native.js', 'index.d.ts'] },
        { name: 'packages in step', command: 'node', args: ['scripts/package/check.js'] },
        { name: 'licences of other packages', command: 'node', args: ['scripts/package/notices.js', '--check'] },
        { name: 'oxlint', command: 'npx', args: ['oxlint', '--deny-warnings'] },
        { name: 'Jest', command: 'npx', args: ['jest', '--testPathIgnorePatterns', TIMED_TESTS] },
      ].filter(Boolean),
    },
    {
      isBackground: true,
      checks: [
        { name: 'format', command: 'cargo', args: ['fmt', '--check'] },
        { name: 'format of the model checks', command: 'cargo', args: ['fmt', '--check', '--all', '--manifest-path', 'loom/Cargo.toml'] },
        { name: 'format of the fuzz targets', command: 'cargo', args: ['fmt', '--check', '--manifest-path', 'fuzz/Cargo.toml'] },
        { name: 'clippy', command: 'cargo', args: ['clippy', '--all-targets', '--features', 'failpoints', '--', '-D', 'warnings'] },
        { name: 'Rust documents', command: 'cargo', args: ['doc', '--no-deps'], env: { RUSTDOCFLAGS: '-D warnings' } },
        // With the same features as clippy, and with the tests that inject panics. The build leaves the feature out.
        { name: 'Rust tests', command: 'cargo', args: ['test', '--features', 'failpoints'] },
        { name: 'model checks', command: 'cargo', args: ['test', '--locked', '--manifest-path', 'loom/Cargo.toml', '--target-dir', 'target/loom'] },
        isLinux && fuzz(10),
      ].filter(Boolean),
    },
  ];
  return { groups, last: [{ name: 'Jest on reliability', command: 'npx', args: ['jest', TIMED_TESTS] }] };
}

function long(isLinux, fuzzSeconds) {
  const checks = [BUILD, BUILD_DEMO, { name: 'Jest with more seeds', command: 'npx', args: ['jest', LONG_TESTS], env: LONG }];
  return { groups: [{ isBackground: false, checks }], last: isLinux ? [fuzz(fuzzSeconds)] : [] };
}

/** Each target for some seconds, to see that nothing turns up at once. */
function fuzz(seconds) {
  return { name: 'fuzz', command: 'node', args: ['scripts/fuzz.js', '--seconds', String(seconds)] };
}

module.exports = { plan };
