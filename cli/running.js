'use strict';

const fs = require('node:fs');
const path = require('node:path');

/** No snapshot of 64 projects is nearly as large. */
const MAX_BYTES = 4 << 20;
const MAX_PROJECTS = 64;

/**
 * What the processes that run now say of themselves, from the files that they keep.
 * @param {string | undefined} directory ccxray's own directory
 * @returns {object[]} snapshots, the oldest process first; `{file, problem}` where one cannot be read
 */
function runningIn(directory) {
  if (directory === undefined) return [];
  const place = path.join(directory, 'otel');
  let names;
  try {
    names = fs.readdirSync(place);
  } catch (error) {
    // Nobody has written there yet.
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    return [{ file: place, problem: error.code }];
  }
  const pids = names.map((name) => /^status-(\d{1,10})\.json$/.exec(name)?.[1]).filter((pid) => pid !== undefined);
  const alive = pids.filter((pid) => isAlive(Number(pid)));
  const found = alive.flatMap((pid) => snapshotOf(path.join(place, `status-${pid}.json`), Number(pid)) ?? []);
  found.sort((one, other) => (one.startedAtMs ?? 0) - (other.startedAtMs ?? 0));
  return found;
}

/** A process that ends takes its file with it, perhaps at this very moment. */
function snapshotOf(file, pid) {
  try {
    const found = fs.statSync(file);
    // A pipe or a device would have us wait.
    const isReadable = found.isFile() && found.size <= MAX_BYTES;
    const snapshot = isReadable ? JSON.parse(fs.readFileSync(file, 'utf8')) : undefined;
    return isSnapshot(snapshot) && snapshot.pid === pid ? snapshot : { file, problem: 'it is no status' };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    return { file, problem: error.code ?? 'it is no status' };
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

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process may not be signalled, and is alive.
    return error.code === 'EPERM';
  }
}

/** @returns {string[][]} a row for each project of each process */
function rowsOf(snapshots, nowMs) {
  return snapshots.flatMap(({ file, problem, pid, projects = [], updatedAtMs }) => {
    if (problem) return [['  ?', printable(file), `cannot be read: ${problem}`]];
    return projects.map(({ project = '-', state, reason, exports: { delivered, failed } }) => [
      `  ${pid}`,
      printable(String(project)),
      printable(reason ? `${state} (${reason})` : state),
      `${delivered} delivered, ${failed} failed`,
      `as of ${Math.max(0, Math.round((nowMs - updatedAtMs) / 1000))} s ago`,
    ]);
  });
}

/** On one line, and without what a terminal would take for an order. */
function printable(text) {
  return text.replace(/\p{C}/gu, '\u{FFFD}').slice(0, 200);
}

module.exports = { rowsOf, runningIn };
