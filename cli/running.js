'use strict';

const fs = require('node:fs');
const path = require('node:path');

/**
 * What the processes that run now say of themselves, from the files that they keep.
 * @param {string | undefined} directory ccxray's own directory
 * @returns {object[]} snapshots, the oldest process first
 */
function runningIn(directory) {
  if (directory === undefined) return [];
  const place = path.join(directory, 'otel');
  let names;
  try {
    names = fs.readdirSync(place);
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
  const files = names.filter((name) => /^status-\d+\.json$/.test(name));
  const snapshots = files.map((name) => snapshotOf(path.join(place, name))).filter((snapshot) => snapshot !== undefined && isAlive(snapshot.pid));
  return [...snapshots].sort((one, other) => one.startedAtMs - other.startedAtMs);
}

/** A process that ends takes its file with it, perhaps at this very moment. */
function snapshotOf(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
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
  return snapshots.flatMap(({ pid, projects, updatedAtMs }) => projects.map((project) => [
    `  ${pid}`,
    project.project ?? '-',
    project.state + (project.reason ? ` (${project.reason})` : ''),
    `${project.exports.delivered} delivered, ${project.exports.failed} failed`,
    `as of ${Math.max(0, Math.round((nowMs - updatedAtMs) / 1000))} s ago`,
  ]));
}

module.exports = { rowsOf, runningIn };
