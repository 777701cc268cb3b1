'use strict';

/**
 * Whether everything arrived. The user's logs may have broken lines, and a real backend may fail once: that is allowed
 * unless the outcome is strict.
 * @param {{delivered: boolean, status: object}} outcome
 * @param {{isStrict: boolean}} options
 */
function isComplete({ delivered, status: { entries, exports } }, { isStrict }) {
  const isClean = droppedOf(entries) === 0 && exports.failed === 0;
  return delivered && entries.queued === 0 && (isClean || !isStrict);
}

/** @returns {string} what has become of all entries */
function entriesLine({ entries }) {
  const reasons = Object.entries(entries.dropped).filter(([, amount]) => amount > 0).map(([reason, amount]) => `${reason} ${amount}`);
  const why = reasons.length > 0 ? ` (${reasons.join(', ')})` : '';
  return `entries: ${entries.accepted} accepted, ${entries.processed} processed, ${droppedOf(entries)} dropped${why}`;
}

function droppedOf(entries) {
  return Object.values(entries.dropped).reduce((total, amount) => total + amount, 0);
}

module.exports = { entriesLine, isComplete };
