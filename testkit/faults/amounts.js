'use strict';

const { METRICS } = require('./turns');

/** What a collector has of a host's truth; amounts of money are multiples of a power of two, so that their order does not matter. */
function amountsAt(collector) {
  return Object.fromEntries(Object.entries(METRICS).map(([name, metric]) => [name, collector.sum(metric)]));
}

/** What it should have. */
function amountsOf({ turns, input, output, cacheRead, cost }) {
  return { turns, input, output, cacheRead, cost };
}

module.exports = { amountsAt, amountsOf };
