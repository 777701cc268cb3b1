'use strict';

/** The longest duration of a call. A longer one is a defect of a clock. Milliseconds. */
const LONGEST_MS = 86_400_000;

/** @returns {number|undefined} milliseconds from arrival to the last event, else those of `elapsed`, a text in seconds */
function latencyOf({ receivedAt, elapsed }, events) {
  const times = (events ?? []).map(({ at }) => at).filter((at) => typeof at === 'number');
  if (times.length > 0 && typeof receivedAt === 'number') {
    const latency = Math.max(...times) - receivedAt;
    if (isDuration(latency)) return latency;
    // The arrival is wrong, and ccxray measures from there.
    if (latency > 0) return undefined;
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

/** @returns {boolean} false if a time is no time, or further from another one than any call is long. Clocks may differ by less */
function areTimesInBounds({ receivedAt, elapsed }, events = []) {
  const times = events.map(({ at }) => at).filter((at) => typeof at === 'number');
  const last = Math.max(...times) - receivedAt;
  if (times.length > 0 && Math.abs(last) > LONGEST_MS) return false;
  return isMissing(elapsed) || isDuration(Number(elapsed) * 1000);
}

function isMissing(value) {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

function isDuration(milliseconds) {
  return milliseconds >= 0 && milliseconds <= LONGEST_MS;
}

module.exports = { latencyOf, firstTokenOf, areTimesInBounds };
