'use strict';

/** The longest duration of a call. A longer one is a defect of a clock. Milliseconds. */
const LONGEST_MS = 86_400_000;

/** @returns {number|undefined} milliseconds from arrival to the last event, else those of `elapsed`, a text in seconds */
function latencyOf({ receivedAt, elapsed }, events) {
  const times = (events ?? []).map(({ at }) => at).filter((at) => typeof at === 'number');
  if (times.length > 0 && typeof receivedAt === 'number') {
    const latency = Math.max(...times) - receivedAt;
    if (isDuration(latency)) return latency;
  }
  const milliseconds = elapsed === null || elapsed === '' ? Number.NaN : Number(elapsed) * 1000;
  return isDuration(milliseconds) ? milliseconds : undefined;
}

/** @returns {number|undefined} milliseconds from arrival to the first piece of the response */
function firstTokenOf({ receivedAt }, events) {
  const first = events?.find(({ type }) => type === 'content_block_delta' || type === 'response.output_text.delta');
  if (typeof first?.at !== 'number' || typeof receivedAt !== 'number') return undefined;
  return isDuration(first.at - receivedAt) ? first.at - receivedAt : undefined;
}

/** @returns {boolean} false if a duration is longer than any call. A negative one is a difference between two clocks */
function areTimesInBounds({ receivedAt, elapsed }, events = []) {
  const times = events.map(({ at }) => at).filter((at) => typeof at === 'number');
  const spans = [Math.max(...times) - receivedAt, elapsed === null || elapsed === '' ? Number.NaN : Number(elapsed) * 1000];
  return !spans.some((span) => span > LONGEST_MS);
}

function isDuration(milliseconds) {
  return milliseconds >= 0 && milliseconds <= LONGEST_MS;
}

module.exports = { latencyOf, firstTokenOf, areTimesInBounds };
