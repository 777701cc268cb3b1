'use strict';

const fs = require('node:fs');

const { METRICS } = require('./amounts');
const { readPending } = require('./file');
const { pendingFiles } = require('./project');

/**
 * How many turns are in the file of a process: with cumulative sums all since its start, with delta sums those of its intervals.
 * @param {object} init options of its `init`
 * @param {string} instance its instance id
 * @returns {number} 0 if it has no file
 */
function storedTurns(init, instance) {
  const file = pendingFiles(init).find((path) => path.endsWith(`-${instance}.otlp`));
  const content = file && contentOf(file);
  if (!content) return 0;
  const { header, requests } = readPending(content);
  const newest = header.sums.temporality === 'delta' ? requests : requests.slice(-1);
  return newest.reduce((sum, request) => sum + turnsIn(request), 0);
}

/** The file can be removed at any time. */
function contentOf(file) {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  }
}

function turnsIn({ resourceMetrics }) {
  const metrics = resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics).flatMap((scope) => scope.metrics);
  const points = metrics.filter(({ name }) => name === METRICS.turns).flatMap(({ sum }) => sum.dataPoints);
  return points.reduce((sum, { asInt }) => sum + Number(asInt), 0);
}

module.exports = { storedTurns };
