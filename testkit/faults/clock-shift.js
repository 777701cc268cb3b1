'use strict';

const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const SOURCE = path.join(__dirname, 'clock-shift.c');

/** @returns {boolean} whether a clock can be shifted here: that takes a C compiler and a loader that loads something first */
function isAvailable() {
  return process.platform === 'linux' && spawnSync('cc', ['--version'], { stdio: 'ignore' }).status === 0;
}

/**
 * A clock that can be set, for one process.
 * @returns {{env: Record<string, string>, set: (seconds: number) => void, remove: () => void}} what the process needs in
 *   its environment; how far its clock is off, at first not at all
 */
function clockShift() {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-clock-'));
  const [library, file] = [path.join(directory, 'clock-shift.so'), path.join(directory, 'seconds')];
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, SOURCE, '-ldl'], { stdio: 'pipe' });
  const set = (seconds) => {
    const number = Buffer.alloc(8);
    if (os.endianness() === 'LE') number.writeBigInt64LE(BigInt(seconds));
    else number.writeBigInt64BE(BigInt(seconds));
    // Into the file that is there, for it is mapped.
    fs.writeFileSync(file, number, { flag: fs.existsSync(file) ? 'r+' : 'w' });
  };
  set(0);
  return { env: { LD_PRELOAD: library, CLOCK_SHIFT_FILE: file }, set, remove: () => fs.rmSync(directory, { recursive: true, force: true }) };
}

module.exports = { isAvailable, clockShift };
