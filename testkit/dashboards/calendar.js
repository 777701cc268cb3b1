'use strict';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The end of the fortnight, a Friday afternoon, in seconds. The dashboards are looked at then. */
const NOW = Date.UTC(2026, 10, 13, 16) / 1000;
const BEGIN = NOW - 14 * DAY;

/** How often a process exports. */
const INTERVAL = 5 * MINUTE;

/** Things that happen once, so that each alert fires and no panel is empty. Times are `[from, to)`. */
const INCIDENTS = {
  exporterDegraded: during(3, 12, 40),
  exportsDropped: during(3, 13, 20),
  entriesDropped: during(4, 10, 20),
  toolsFail: during(4, 14, 120),
  overflow: during(5, 10, 30),
  slow: during(5, 14, 60),
  contextFull: during(6, 10, 120),
  unpriced: during(6, 14, 60),
  outage: during(9, 11, 45),
  agentChanged: during(9, 15, 120),
  cacheLost: during(10, 13, 120),
  overloaded: during(11, 10, 40),
  quotaAlmostFull: during(12, 8, 330),
  fullAccess: during(12, 9, 120),
  burn: during(12, 14, 90),
};

function during(day, hour, minutes) {
  const from = Date.UTC(2026, 10, day, hour) / 1000;
  return [from, from + minutes * MINUTE];
}

/** @returns {boolean} whether that incident is going on */
function isDuring(incident, time) {
  const [from, to] = INCIDENTS[incident];
  return time >= from && time < to;
}

module.exports = { BEGIN, DAY, HOUR, INCIDENTS, INTERVAL, MINUTE, NOW, isDuring };
