'use strict';

const { spawnSync } = require('node:child_process');

/** The major versions that the package supports. */
const MAJORS = [18, 20, 22, 24, 26];

/**
 * The Node versions that tests can run on: those in `CCXRAY_NODES`, separated by colons, and the running one.
 * @param {Record<string, string|undefined>} env
 * @returns {{nodes: {major: number, version: string, bin: string}[], missing: {major: number, reason: string}[]}} one for each
 *   major version, in order; and the supported versions that were not found, each with the reason
 */
function findNodes(env) {
  const found = new Map();
  const reasons = new Map();
  for (const bin of (env.CCXRAY_NODES ?? '').split(':').filter(Boolean)) {
    const { error, stdout } = spawnSync(bin, ['--version'], { encoding: 'utf8' });
    const version = /^v((\d+)\.\S+)/.exec(stdout ?? '');
    if (version) found.set(Number(version[2]), { major: Number(version[2]), version: version[1], bin });
    else reasons.set(bin, `${bin} does not run (${error?.code ?? 'it prints no version'})`);
  }
  const own = Number(process.versions.node.split('.')[0]);
  found.set(own, { major: own, version: process.versions.node, bin: process.execPath });
  const nodes = Array.from(found.values());
  nodes.sort((a, b) => a.major - b.major);
  const reason = [...reasons.values(), 'set CCXRAY_NODES to what .ci/nodes.sh prints'].join('; ');
  return { nodes, missing: MAJORS.filter((major) => !found.has(major)).map((major) => ({ major, reason })) };
}

module.exports = { findNodes };
