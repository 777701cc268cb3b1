'use strict';

// The cost of the excerpt that the host makes of a request, on the JS thread, for requests as today's clients send them.

const { excerpt } = require('../host/excerpt');
const { requests } = require('./requests');
const { interleave } = require('../testkit/timing');
const { serve } = require('./child');

const CALLS = 200;
/**
 * @param {{rounds: number}} options batches per row
 * @returns {Promise<{rows: Record<string, object>}>} times in microseconds per call
 */
async function run({ rounds }) {
  const arms = Object.entries(requests()).map(([name, request]) => ({ name, calls: CALLS, call: () => excerpt(request) }));
  return { rows: await interleave(arms, { rounds }) };
}

serve(run);
