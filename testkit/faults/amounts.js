'use strict';

const { METRICS } = require('./turns');

/** The sums that a collector has. Costs are multiples of a power of two, so that their sum does not depend on their order. */
function amountsAt(collector) {
  return Object.fromEntries(Object.entries(METRICS).map(([name, metric]) => [name, collector.sum(metric)]));
}

/** The sums that it should have, from the `recorded` of a host. */
function amountsOf({ turns, input, output, cacheRead, cost }) {
  return { turns, input, output, cacheRead, cost };
}

module.exports = { amountsAt, amountsOf };
