'use strict';

/**
 * What the page gets every second beside the points.
 * @param {object} parts
 * @param {import('../clock').DataClock} parts.clock
 * @param {import('../receiver/feed').Feed} parts.feed
 * @param {import('../store').MetricStore} parts.store
 * @param {boolean} parts.isDone whether the source has ended
 * @param {object[]} [parts.statuses] of the projects that this process exports; absent if it exports none
 */
function stateOf({ clock, feed, store, isDone, statuses }) {
  const { requests, points, bytes, misdated } = feed;
  const { series, points: late } = store.dropped;
  return {
    clock: { nowMs: clock.nowMs, rate: clock.rate },
    isDone,
    exporter: statuses === undefined ? null : exporterOf(statuses),
    receiver: { requests, points, bytes: bytes.received },
    dropped: { series, points: late + misdated },
  };
}

/** All projects of a process as one exporter. Its queue and what it drops belong to the process. */
function exporterOf(statuses) {
  const [{ entries }] = statuses;
  const sum = (field) => statuses.reduce((total, { exports }) => total + (exports?.[field] ?? 0), 0);
  const worst = statuses.find(({ state }) => state !== 'active') ?? statuses[0];
  return {
    state: worst.state,
    tier: worst.tier,
    exports: { attempted: sum('attempted'), delivered: sum('delivered'), failed: sum('failed'), lastError: statuses.find(({ exports }) => exports?.lastError)?.exports.lastError },
    entries,
  };
}

module.exports = { stateOf };
