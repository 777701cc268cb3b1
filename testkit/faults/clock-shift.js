'use strict';

const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const SOURCE = path.join(__dirname, 'clock-shift.c');

/** @returns {boolean} whether a clock can be shifted here, which takes a C compiler and `LD_PRELOAD` */
function isAvailable() {
  return process.platform === 'linux' && spawnSync('cc', ['--version'], { stdio: 'ignore' }).status === 0;
}

/**
 * Makes a clock that can be shifted, for one process.
 * @returns {{env: Record<string, string>, set: (seconds: number) => void, remove: () => void}} the environment that the
 *   process needs, and a function that shifts its clock. The shift is 0 at first
 */
function clockShift() {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-clock-'));
  const [library, file] = [path.join(directory, 'clock-shift.so'), path.join(directory, 'seconds')];
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, SOURCE, '-ldl'], { stdio: 'pipe' });
  const set = (seconds) => {
    const number = Buffer.alloc(8);
    if (os.endianness() === 'LE') number.writeBigInt64LE(BigInt(seconds));
    else number.writeBigInt64BE(BigInt(seconds));
    // The process has mapped this file, so it must not be replaced.
    fs.writeFileSync(file, number, { flag: fs.existsSync(file) ? 'r+' : 'w' });
  };
  set(0);
  return { env: { LD_PRELOAD: library, CLOCK_SHIFT_FILE: file }, set, remove: () => fs.rmSync(directory, { recursive: true, force: true }) };
}

module.exports = { isAvailable, clockShift };
