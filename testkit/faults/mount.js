'use strict';

const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

/** @returns {boolean} whether this process may mount a file system */
function isPermitted() {
  if (process.platform !== 'linux') return false;
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-mount-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory], { stdio: 'ignore' });
  if (status === 0) spawnSync('umount', [directory]);
  fs.rmdirSync(directory);
  return status === 0;
}

/**
 * Mounts a disk in memory.
 * @param {string} options for `mount`, such as `size=64k`
 * @returns {{directory: string, fill: () => void, free: () => void, unmount: () => void}}
 */
function mount(options) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', directory]);
  const filler = path.join(directory, 'filler');
  return {
    directory,
    fill() {
      const file = fs.openSync(filler, 'a');
      try {
        for (;;) fs.writeSync(file, Buffer.alloc(1024));
      } catch (error) {
        if (error.code !== 'ENOSPC') throw error;
      } finally {
        fs.closeSync(file);
      }
    },
    free: () => fs.rmSync(filler),
    unmount() {
      execFileSync('umount', ['-l', directory]);
      fs.rmdirSync(directory);
    },
  };
}

module.exports = { isPermitted, mount };
