'use strict';

/** @returns {number|undefined} milliseconds from arrival to the last event, else those of `elapsed`, a text in seconds */
function latencyOf({ receivedAt, elapsed }, events) {
  const times = (events ?? []).map(({ at }) => at).filter((at) => typeof at === 'number');
  if (times.length > 0 && typeof receivedAt === 'number') {
    const latency = Math.max(...times) - receivedAt;
    if (latency >= 0) return latency;
  }
  const seconds = elapsed === null || elapsed === '' ? Number.NaN : Number(elapsed);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

/** @returns {number|undefined} milliseconds from arrival to the first piece of the response */
function firstTokenOf({ receivedAt }, events) {
  const first = events?.find(({ type }) => type === 'content_block_delta' || type === 'response.output_text.delta');
  if (typeof first?.at !== 'number' || typeof receivedAt !== 'number' || first.at < receivedAt) return undefined;
  return first.at - receivedAt;
}

module.exports = { latencyOf, firstTokenOf };
