'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const SOURCE = path.join(__dirname, 'hanging-disk.c');

/**
 * Makes a disk that can hang, for one process: opening a file takes until it no longer does. Takes what a shifted clock
 * takes; see `isAvailable` in clock-shift.js.
 * @param {string} below a part of the paths of the files, such as `/otel/pending/`
 * @returns {{env: Record<string, string>, set: (isHanging: boolean) => void, remove: () => void}} the environment that the
 *   process needs, and a function that lets its disk hang. It does not hang at first
 */
function hangingDisk(below) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-hang-'));
  const [library, file] = [path.join(directory, 'hanging-disk.so'), path.join(directory, 'flag')];
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, SOURCE, '-ldl'], { stdio: 'pipe' });
  // The process has mapped this file, so it must not be replaced.
  const set = (isHanging) => fs.writeFileSync(file, Buffer.from([isHanging ? 1 : 0]), { flag: fs.existsSync(file) ? 'r+' : 'w' });
  set(false);
  return {
    env: { LD_PRELOAD: library, HANGING_DISK_FILE: file, HANGING_DISK_BELOW: below },
    set,
    remove: () => fs.rmSync(directory, { recursive: true, force: true }),
  };
}

module.exports = { hangingDisk };
