'use strict';

/** The states of a running project, the worst first. */
const STATES = ['degraded', 'circuit_open', 'half_open', 'active', 'disabled'];
const FAILING = new Set(['degraded', 'circuit_open', 'half_open']);

/** @returns {boolean} whether the exports of a running project do not arrive */
function isFailing({ state, exports }) {
  return FAILING.has(state) || exports.consecutiveFailures > 0;
}

/**
 * @param {object[]} snapshots of running processes
 * @returns {{pid: number, updatedAtMs: number, version?: string, project: object}[]} each project of each process, the worst first
 */
function projectsOf(snapshots) {
  const all = snapshots.filter(({ problem }) => problem === undefined)
    .flatMap(({ pid, updatedAtMs, version, projects }) => projects.map((project) => ({ pid, updatedAtMs, version, project })));
  all.sort((one, other) => rank(one) - rank(other));
  return all;
}

function rank({ project }) {
  const { state } = project;
  // Its circuit breaker is still closed, but nothing arrives.
  if (state === 'active' && isFailing(project)) return STATES.indexOf('active') - 0.5;
  return STATES.includes(state) ? STATES.indexOf(state) : STATES.length;
}

module.exports = { isFailing, projectsOf };
