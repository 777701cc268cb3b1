'use strict';

const { Random } = require('../../demo/traffic/random');
const { AGENTS } = require('./agents');
const { INTERVAL, isDuring } = require('./calendar');
const { plannedProcesses } = require('./processes');
const { Recorder } = require('./recorder');
const { quotaUsed, turn } = require('./turn');

const SEED = 19;
const MOST_TURNS = 7;
const STATES = ['disabled', 'active', 'degraded', 'circuit_open', 'half_open'];

/**
 * A deterministic fortnight of all metrics, from processes of several projects, teams, providers and models.
 * @returns {{processes: object[], recorders: Recorder[]}} one recorder for each process
 */
function fortnight() {
  const random = new Random(SEED);
  const processes = plannedProcesses(random.fork(0));
  return { processes, recorders: processes.map((process) => recorded(process, random.fork(process.index + 1))) };
}

function recorded(process, random) {
  const recorder = new Recorder(process);
  let before = process.exports[0] - INTERVAL;
  recorder.add('ccxray.otel.tier_distribution', { tier: '1' }, 1);
  for (const time of process.exports) {
    // After an outage, an export has the turns of several intervals.
    for (let from = before; from < time; from += INTERVAL) interval(recorder, process, Math.min(from + INTERVAL, time), random);
    gauges(recorder, process, time);
    recorder.export(time);
    before = time;
  }
  return recorder;
}

function interval(recorder, process, time, random) {
  const turns = random.int(0, MOST_TURNS) + (isDuring('burn', time) ? 2 : 0);
  for (let n = 0; n < turns; n += 1) for (const [metric, attributes, amount] of turn(process, time, random)) recorder.add(metric, attributes, amount);
  if (isDuring('exportsDropped', time)) recorder.add('ccxray.otel.exports_dropped_total', { signal: 'metrics', reason: 'partial_success' }, 1);
  if (isDuring('entriesDropped', time)) recorder.add('ccxray.otel.entries_dropped_total', { reason: random.pick(['queue_full', 'malformed']) }, 3);
  if (isDuring('overflow', time)) recorder.add('ccxray.metrics.overflow_total', { metric: 'ccxray.tool.invocations_total', attribute: 'tool' }, 2);
}

function gauges(recorder, process, time) {
  const { provider, quotas } = AGENTS[process.agent];
  const state = isDuring('exporterDegraded', time) && process.index % 3 === 0 ? 'degraded' : 'active';
  for (const each of STATES) recorder.set('ccxray.otel.state', { state: each }, Number(each === state));
  for (const [window, peak] of quotas) recorder.set('ccxray.quota.utilization_ratio', { window, provider }, quotaUsed(window, peak, time));
  for (const [attributes, ratio] of recorder.cacheRatios()) recorder.set('ccxray.cache.hit_ratio', attributes, ratio);
}

module.exports = { fortnight };
