'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { isAlive } = require('../process-alive');

/** A snapshot of 64 projects is much smaller. */
const MAX_BYTES = 4 << 20;
const MAX_PROJECTS = 64;
const NOT_A_STATUS = 'it is not a status file';

/**
 * Reads the status files of the running processes.
 * @param {string|undefined} directory ccxray's own directory
 * @returns {object[]} snapshots, the oldest process first; `{file, problem}` if one cannot be read
 */
function snapshotsIn(directory) {
  if (directory === undefined) return [];
  const place = path.join(directory, 'otel');
  let names;
  try {
    names = fs.readdirSync(place);
  } catch (error) {
    // No process has written there yet.
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    return [{ file: place, problem: error.code }];
  }
  const pids = names.map((name) => /^status-(\d{1,10})\.json$/.exec(name)?.[1]).filter((pid) => pid !== undefined);
  const alive = pids.filter((pid) => isAlive(Number(pid)));
  const found = alive.flatMap((pid) => snapshotOf(path.join(place, `status-${pid}.json`), Number(pid)) ?? []);
  found.sort((one, other) => (one.startedAtMs ?? 0) - (other.startedAtMs ?? 0));
  return found;
}

/** Undefined if the process has just ended and removed its file. */
function snapshotOf(file, pid) {
  try {
    const found = fs.statSync(file);
    // Reading a pipe or a device could block.
    const isReadable = found.isFile() && found.size <= MAX_BYTES;
    const snapshot = isReadable ? JSON.parse(fs.readFileSync(file, 'utf8')) : undefined;
    return isSnapshot(snapshot) && snapshot.pid === pid ? snapshot : { file, problem: NOT_A_STATUS };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    return { file, problem: error.code ?? NOT_A_STATUS };
  }
}

function isSnapshot(value) {
  const { pid, startedAtMs, updatedAtMs, projects } = value ?? {};
  return [pid, startedAtMs, updatedAtMs].every(Number.isSafeInteger) && Array.isArray(projects) && projects.length <= MAX_PROJECTS + 1 && projects.every(isProject);
}

function isProject(value) {
  const { state, exports: { delivered, failed } = {} } = value ?? {};
  return typeof state === 'string' && [delivered, failed].every(Number.isInteger);
}

module.exports = { snapshotsIn };
