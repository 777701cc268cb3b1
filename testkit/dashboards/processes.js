'use strict';

const { BEGIN, DAY, HOUR, INCIDENTS, INTERVAL, MINUTE, NOW } = require('./calendar');

/** Teams and projects, and how many processes each has on a working day and on a day of the weekend. `labs` never has two at once, and `data` never three. */
const PROJECTS = [
  { project: 'shop', team: 'payments', perDay: 3, onWeekends: 1, agents: ['claude', 'claude', 'codex'] },
  { project: 'web', team: 'frontend', perDay: 3, onWeekends: 0, agents: ['claude', 'grok'] },
  { project: 'api', team: 'platform', perDay: 3, onWeekends: 0, agents: ['claude', 'codex'] },
  { project: 'data', team: 'platform', perDay: 1, onWeekends: 0, agents: ['codex'] },
  { project: 'labs', team: 'research', perDay: 1, onWeekends: 1, agents: ['claude'] },
];

const SHORT_PROCESSES = 2;

/**
 * One run of ccxray.
 * @typedef {object} Process
 * @property {number} index
 * @property {string} instance value of `service.instance.id`
 * @property {string} project
 * @property {string} team
 * @property {string} agent
 * @property {boolean} isCountedTwice whether the agent sends telemetry of its own, too
 * @property {number[]} exports times of its exports, in seconds
 */

/**
 * The processes of the fortnight, which start and end at different times.
 * @param {import('../../demo/traffic/random').Random} random
 * @returns {Process[]}
 */
function plannedProcesses(random) {
  const processes = [];
  for (let midnight = BEGIN - (BEGIN % DAY); midnight < NOW; midnight += DAY) {
    const isWeekend = [0, 6].includes(new Date(midnight * 1000).getUTCDay());
    for (const place of PROJECTS) {
      for (let n = 0; n < (isWeekend ? place.onWeekends : place.perDay); n += 1) {
        const start = midnight + random.int(8 * HOUR, 9.5 * HOUR);
        // The first of each project ends at noon.
        const end = n === 0 ? random.int(12 * HOUR, 14 * HOUR) : random.int(16.75 * HOUR, 18.5 * HOUR);
        processes.push(planned(processes.length, place, start, midnight + end, random));
      }
    }
    for (let n = 0; n < (isWeekend ? 0 : SHORT_PROCESSES); n += 1) {
      const start = midnight + random.int(10 * HOUR, 15 * HOUR);
      processes.push(planned(processes.length, PROJECTS[n], start, start + random.int(1, 12 * MINUTE), random));
    }
  }
  return processes.filter(({ exports }) => exports.length > 0);
}

function planned(index, { project, team, agents }, start, end, random) {
  const agent = agents[index % agents.length];
  return { index, instance: random.uuid4(), project, team, agent, isCountedTwice: index % 40 === 7 || end > NOW && project === 'web', exports: exportsOf(start, end) };
}

/** One at each interval and one at the end. During the outage none arrives; cumulative numbers catch up afterwards. */
function exportsOf(start, end) {
  const times = [];
  for (let time = start + INTERVAL; time < end; time += INTERVAL) times.push(time);
  times.push(end);
  const [from, to] = INCIDENTS.outage;
  return times.filter((time) => time >= BEGIN && time < NOW && !(time >= from && time < to));
}

module.exports = { PROJECTS, plannedProcesses };
