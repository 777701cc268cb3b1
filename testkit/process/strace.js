'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');

/** Names of files that do not exist. A process looks for them to mark a place among its system calls. */
const [BEGIN, END] = ['/ccxray-test-begins', '/ccxray-test-ends'];

/** @returns {boolean} whether strace is installed and may be used */
function isTraceable() {
  const { status } = spawnSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' });
  return status === 0;
}

/**
 * @param {string} file to which strace writes the system calls
 * @returns {string[]} a command to run another one under
 */
function strace(file) {
  return ['strace', '-f', '-qq', '-y', '-s', '4096', '-o', file, '-e', `trace=%file,%network,%process,${OUTPUT.join()}`];
}

/**
 * @param {string} file as strace wrote it
 * @returns {{all: Calls, marked: Calls}} the calls of the whole run, and those between the marks;
 *   `Calls` is `{sockets: string[], writes: string[], threads: string[], output: string[]}`: whole lines; `writes` open a
 *   file for writing or move it; lines of `output` are without the process id
 */
function callsIn(file) {
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  const [from, to] = [BEGIN, END].map((mark) => lines.findIndex((line) => line.includes(`"${mark}"`)));
  if (from < 0 || to < from) throw new Error('the trace has no marks');
  return { all: sorted(lines), marked: sorted(lines.slice(from, to)) };
}

function sorted(lines) {
  return {
    sockets: lines.filter((line) => /\b(socket|socketpair|connect|bind|sendto|sendmsg|sendmmsg)\(/.test(line)),
    writes: lines.filter((line) => /\b(creat|mkdir|mkdirat|rename|renameat2?|unlink|unlinkat)\(|\bopen(at2?)?\(.*\bO_(WRONLY|RDWR|CREAT)\b/.test(line)),
    threads: lines.filter((line) => /\b(clone3?|v?fork)\(/.test(line)),
    // Node's threads wake each other through an eventfd.
    output: lines.filter((line) => IS_OUTPUT.test(line) && !line.includes('<anon_inode:[eventfd]>')).map((line) => line.replace(/^\d+ +/, '')),
  };
}

const OUTPUT = ['write', 'writev', 'pwrite64', 'pwritev', 'pwritev2', 'sendfile', 'splice', 'copy_file_range'];
const IS_OUTPUT = new RegExp(`^\\d+ +(${OUTPUT.join('|')})\\(`);

module.exports = { isTraceable, strace, callsIn, BEGIN, END };
