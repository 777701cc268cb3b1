'use strict';
// `node scripts/package/binary.js TARGET…`: what the binaries in npm/TARGET need and contain. Fails if one needs a newer C
// library than it may, contains a path of this machine, or is too large.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { OLDEST_GLIBC } = require('./build');
const { ROOT, findTarget } = require('./targets');

const MAX_BYTES = 6e6;

/** Directories of whoever builds: the usual ones of other machines, too. Texts follow each other without a gap, so `/root` alone proves nothing. */
const BUILDING_PATHS = [
  ...[ROOT, os.homedir(), process.env.CARGO_TARGET_DIR].filter((folder) => folder?.length > 1).map((folder) => folder + path.sep),
  '/home/', '/root/', '/Users/', 'C:\\Users\\', '.cargo/registry',
];

/** The printable texts in a file, as `strings` finds them. */
function textsIn(bytes) {
  return bytes.toString('latin1').match(/[\x20-\x7e]{6,}/g) ?? [];
}

/** The newest version of glibc that a file names, such as `2.17`. */
function glibcOf(bytes) {
  const versions = [...new Set(bytes.toString('latin1').match(/(?<=\0GLIBC_)\d+(?:\.\d+)+(?=\0)/g) ?? [])];
  return versions.toSorted(compareVersions).at(-1);
}

function compareVersions(a, b) {
  const [first, second] = [a, b].map((version) => version.split('.').map(Number));
  const i = first.findIndex((part, at) => part !== second[at]);
  return i < 0 ? first.length - second.length : first[i] - (second[i] ?? 0);
}

/**
 * @param {Buffer} bytes of the binary
 * @param {import('./targets').Target} target
 * @returns {{glibc?: string, size: number, wrong: string[]}} the size in bytes
 */
function inspect(bytes, { id, libc }, { isSizeLimited = true } = {}) {
  const wrong = [];
  const glibc = glibcOf(bytes);
  if (libc === 'glibc' && (glibc === undefined || compareVersions(glibc, OLDEST_GLIBC) > 0)) wrong.push(`${id} needs glibc ${glibc}, and not ${OLDEST_GLIBC} at most`);
  if (libc === 'musl' && glibc !== undefined) wrong.push(`${id} needs glibc ${glibc}, but should need musl`);
  for (const part of BUILDING_PATHS) {
    const found = textsIn(bytes).find((text) => text.includes(part));
    if (found) wrong.push(`${id} contains a path of the building machine: ${found.slice(0, 200)}`);
  }
  if (isSizeLimited && bytes.length > MAX_BYTES) wrong.push(`${id} has ${bytes.length} bytes, and not ${MAX_BYTES} at most`);
  return { glibc, size: bytes.length, wrong };
}

function main(argv) {
  const isSizeLimited = !argv.includes('--any-size');
  const wrong = [];
  for (const target of argv.filter((argument) => !argument.startsWith('--')).map(findTarget)) {
    const found = inspect(fs.readFileSync(path.join(target.folder, target.binary)), target, { isSizeLimited });
    wrong.push(...found.wrong);
    process.stdout.write(`${target.id}: ${found.size} bytes, ${found.glibc ? `glibc ${found.glibc}` : 'no glibc'}\n`);
  }
  for (const line of wrong) process.stderr.write(`${line}\n`);
  return wrong.length === 0 ? 0 : 1;
}

if (require.main === module) process.exitCode = main(process.argv.slice(2));

module.exports = { MAX_BYTES, compareVersions, glibcOf, inspect };
