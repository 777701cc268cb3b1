'use strict';

const fs = require('node:fs');
const path = require('node:path');

/** Where the memory of a control group is limited, in version 2 and in version 1. */
const PLACES = [
  { root: '/sys/fs/cgroup', shownBy: 'cgroup.subtree_control', limit: 'memory.max' },
  { root: '/sys/fs/cgroup/memory', shownBy: 'memory.usage_in_bytes', limit: 'memory.limit_in_bytes' },
];

/**
 * Makes a control group whose processes together may use that much memory.
 * @param {number} bytes
 * @returns {{under: string[], remove: () => void}|undefined} `under` is a command that joins the group and then runs
 *   another command; undefined if that is not permitted
 */
function memoryLimit(bytes) {
  for (const { root, shownBy, limit } of PLACES) {
    if (!fs.existsSync(path.join(root, shownBy))) continue;
    const group = path.join(root, `ccxray-test-${process.pid}`);
    try {
      fs.mkdirSync(group);
    } catch {
      continue;
    }
    const remove = () => fs.rmdirSync(group);
    try {
      fs.writeFileSync(path.join(group, limit), String(bytes));
      return { under: ['sh', '-c', `echo $$ > ${group}/cgroup.procs && exec "$@"`, 'sh'], remove };
    } catch {
      remove();
    }
  }
  return undefined;
}

module.exports = { memoryLimit };
