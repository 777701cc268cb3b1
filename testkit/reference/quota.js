'use strict';

/** Lengths of Codex's windows, in minutes. Servers round them differently. */
const WINDOWS = [['5h', 300], ['7d', 10_080]];
const TOLERANCE = 0.01;
/** The largest used share. Beyond it, the value is a defect of its source. */
const LARGEST = 10;

/**
 * The used share of each rate limit, from the headers of a response and from its events.
 * @param {Record<string, string|string[]>} headers
 * @param {object[]} [events]
 * @returns {[string, number][]} a window, or a kind of limit, and the share
 */
function quotasOf(headers, events = []) {
  return reported(headers, events).filter(([, used]) => isShare(used));
}

/** @returns {boolean} whether all reported shares are possible */
function areQuotasInBounds(headers, events = []) {
  return reported(headers, events).every(([, used]) => isShare(used));
}

function reported(headers, events) {
  const found = [...headerQuotas(headers), ...events.flatMap(eventQuotas)];
  return found.filter(([window, used]) => window !== undefined && Number.isFinite(used));
}

function isShare(used) {
  return used >= 0 && used <= LARGEST;
}

function headerQuotas(given) {
  const headers = lowered(given);
  const share = ['5h', '7d'].map((window) => [window, headers[`anthropic-ratelimit-unified-${window}-utilization`]]);
  const allowances = ['requests', 'tokens'].map((kind) => {
    const limit = headers[`anthropic-ratelimit-${kind}-limit`] ?? headers[`x-ratelimit-limit-${kind}`];
    const remaining = headers[`anthropic-ratelimit-${kind}-remaining`] ?? headers[`x-ratelimit-remaining-${kind}`];
    return [kind, limit > 0 ? Math.max(0, 1 - remaining / limit) : undefined];
  });
  const codex = ['primary', 'secondary'].map((rank) => (
    windowQuota(headers[`x-codex-${rank}-window-minutes`], headers[`x-codex-${rank}-used-percent`])
  ));
  return [...share, ...allowances, ...codex];
}

/** Limits stand in an event of their own, or among the headers that an error repeats. */
function eventQuotas({ type, headers, rate_limits: limits }) {
  if (type === 'error' && isObject(headers)) return headerQuotas(headers);
  if (type !== 'codex.rate_limits' || !isObject(limits)) return [];
  return [limits.primary, limits.secondary].filter(isObject).map((limit) => (
    windowQuota(numberIn(limit.window_minutes), numberIn(limit.used_percent))
  ));
}

/** A window is known by its length, not by its place. */
function windowQuota(minutes, percent) {
  const [window] = WINDOWS.find(([, length]) => Math.abs(minutes - length) <= TOLERANCE * length) ?? [];
  return [window, percent === undefined ? undefined : percent / 100];
}

/** Headers by lower-case name, as numbers. Of several values the first counts. */
function lowered(headers) {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), numberIn([value].flat()[0])]));
}

function numberIn(value) {
  const number = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '') ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

function isObject(value) {
  return value !== null && typeof value === 'object';
}

module.exports = { quotasOf, areQuotasInBounds };
