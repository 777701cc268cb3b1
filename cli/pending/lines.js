'use strict';

const { table } = require('../table');
const { count } = require('../preview/lines');

const UNITS = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'min'], [1000, 's']];

/**
 * @param {object[]} files as the addon lists them
 * @param {number} nowMs Unix milliseconds
 * @returns {string[]} one line for each project and endpoint with what waits for it, in lines for people
 */
function linesOfPending(files, nowMs) {
  const groups = new Map();
  for (const file of files) {
    // What belongs to an hour or a day that goes on is not sent with the rest.
    const isOpen = file.periodEndMs > nowMs;
    const key = JSON.stringify([file.directory, file.project, file.endpoint, file.tier, file.resolution, isOpen]);
    const group = groups.get(key) ?? { ...file, files: 0, bytes: 0, running: 0 };
    group.files += 1;
    group.bytes += file.bytes;
    group.running += Number(file.isRunning);
    group.sinceMs = Math.min(group.sinceMs, file.sinceMs);
    group.periodEndMs = Math.max(group.periodEndMs ?? 0, file.periodEndMs ?? 0);
    groups.set(key, group);
  }
  const rows = Array.from(groups.values(), ({ project, directory, endpoint, tier, files: amount, bytes, sinceMs, running, resolution, periodEndMs }) => [
    `  ${project ?? directory ?? 'your own settings'}`,
    `since ${ageText(nowMs - sinceMs)}, ${count(amount, 'process', 'es')}${running > 0 ? ` (${running} running)` : ''}, ${count(bytes, 'byte')}, tier ${tier}, for ${endpoint}${periodEndMs > 0 ? `, ${waitText(periodEndMs, resolution, nowMs)}` : ''}`,
  ]);
  return table(rows, { isWrapped: true });
}

/** Until when sums of an hour or a day wait. */
function waitText(periodEndMs, resolution, nowMs) {
  if (periodEndMs > nowMs) return `not sent before this ${resolution} ends, in ${ageText(periodEndMs - nowMs)}`;
  return `sent at the next time of the resolution "${resolution}"`;
}

/** @returns {string} such as `3 h` */
function ageText(ms) {
  const [unit, name] = UNITS.find(([each]) => ms >= each) ?? UNITS.at(-1);
  return `${Math.max(0, Math.floor(ms / unit))} ${name}`;
}

module.exports = { linesOfPending };
