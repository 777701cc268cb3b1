'use strict';

// The eight kinds of machine that have a package of their own, out of `napi.targets` in package.json.

const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..');
const PACKAGE = require('../../package.json');

const CPUS = { x86_64: 'x64', aarch64: 'arm64' };
const SYSTEMS = {
  'apple-darwin': { os: 'darwin', title: 'macOS' },
  'pc-windows-msvc': { os: 'win32', abi: 'msvc', title: 'Windows' },
  'unknown-linux-gnu': { os: 'linux', abi: 'gnu', libc: 'glibc', title: 'Linux with glibc' },
  'unknown-linux-musl': { os: 'linux', abi: 'musl', libc: 'musl', title: 'Linux with musl' },
};

/**
 * @typedef {object} Target
 * @property {string} triple Rust's name of it
 * @property {string} id npm's name of it, such as `linux-x64-gnu`
 * @property {string} packageName the package with its binary
 * @property {string} folder where that package is put together
 * @property {string} binary the binary's file name
 * @property {string} os as in `process.platform`
 * @property {string} cpu as in `process.arch`
 * @property {'glibc' | 'musl'} [libc]
 * @property {string} title for people
 */

/** @param {string} triple @returns {Target} */
function targetOf(triple) {
  const [machine, ...system] = triple.split('-');
  const { os, abi, libc, title } = SYSTEMS[system.join('-')];
  const cpu = CPUS[machine];
  const id = [os, cpu, abi].filter(Boolean).join('-');
  return {
    triple,
    id,
    packageName: `${PACKAGE.name}-${id}`,
    folder: path.join(ROOT, 'npm', id),
    binary: `${PACKAGE.napi.binaryName}.${id}.node`,
    os,
    cpu,
    ...(libc && { libc }),
    title: `${title} on ${cpu}`,
  };
}

const targets = PACKAGE.napi.targets.map(targetOf);

/** @param {string} name the id or the triple @returns {Target} */
function findTarget(name) {
  const target = targets.find(({ id, triple }) => id === name || triple === name);
  if (!target) throw new Error(`${name} is not a target. Use one of: ${targets.map(({ id }) => id).join(', ')}.`);
  return target;
}

module.exports = { ROOT, PACKAGE, findTarget, targets };
