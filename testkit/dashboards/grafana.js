'use strict';

const { DAY, INTERVAL } = require('./calendar');

/** About how many points Grafana asks for. A screen has more; the values at each point are the same. */
const POINTS = 84;

/**
 * A query of a panel.
 * @typedef {object} PanelQuery
 * @property {string} panel title
 * @property {string} kind of the panel
 * @property {string} expr with variables
 * @property {boolean} isInstant
 * @property {string} [timeFrom] the panel's own range
 * @property {string} [minStep]
 */

/** @returns {PanelQuery[]} all queries of a dashboard */
function queriesOf({ panels }) {
  return panels.filter(({ type }) => type !== 'row').flatMap(({ title, type, targets, timeFrom, interval }) => targets.map(({ expr, instant, legendFormat }) => (
    { panel: title, kind: type, expr, legend: legendFormat, isInstant: instant === true, timeFrom, minStep: interval })));
}

/**
 * Runs a query as Grafana does: with its built-in variables, and the chosen values of the others.
 * @param {import('./stores')} store
 * @param {PanelQuery} query
 * @param {object} view
 * @param {number} view.from range of the dashboard, in seconds
 * @param {number} view.to
 * @param {Record<string, string|string[]>} view.values by variable
 * @param {number} [view.points] about how many points a graph has
 * @returns {Promise<object[]>} a vector or a matrix
 */
function runQuery(store, { expr, isInstant, timeFrom, minStep }, { from, to, values, points = POINTS }) {
  const start = timeFrom === undefined ? from : beginningOf(timeFrom, to);
  const step = stepOf(to - start, minStep, points);
  const text = interpolated(expr, { range: to - start, step, values });
  // Grafana aligns the steps of a graph.
  return isInstant ? store.instant(text, to) : store.range(text, { start: start - (start % step), end: to - (to % step), step });
}

/** When the range `now/d` and its like begin, in UTC. A week begins on Monday. */
function beginningOf(timeFrom, now) {
  const date = new Date(now * 1000);
  const midnight = now - (now % DAY);
  switch (timeFrom) {
    case 'now/d': return midnight;
    case 'now/w': return midnight - ((date.getUTCDay() + 6) % 7) * DAY;
    case 'now/M': return Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) / 1000;
    default: throw new RangeError(`unknown range ${timeFrom}`);
  }
}

function stepOf(seconds, minStep, points) {
  return Math.max(Math.round(seconds / points), secondsOf(minStep ?? '1m'));
}

function secondsOf(duration) {
  const [, count, unit] = /^(\d+)([mhd])$/.exec(duration);
  return Number(count) * { m: 60, h: 3600, d: DAY }[unit];
}

/**
 * @param {string} expr
 * @param {object} options
 * @param {number} options.range in seconds
 * @param {number} options.step in seconds
 * @param {Record<string, string|string[]>} options.values by variable; a list is a choice of several
 * @returns {string} without variables
 */
function interpolated(expr, { range, step, values }) {
  const rate = Math.max(step + INTERVAL, 4 * INTERVAL);
  const builtIn = {
    __range_s: String(range), __range: `${range}s`, __interval: `${step}s`, __rate_interval: `${rate}s`, __rate_interval_ms: String(rate * 1000),
  };
  return expr.replace(/\$(\w+)/g, (_, name) => {
    const value = builtIn[name] ?? values[name];
    if (value === undefined) throw new RangeError(`no value for the variable $${name} in ${expr}`);
    return Array.isArray(value) ? choice(value) : value;
  });
}

/** Several values become an alternative of a regular expression, within a PromQL string. */
function choice(values) {
  const escaped = values.map((value) => value.replaceAll(/[\\^$*+?.()|[\]{}]/g, String.raw`\\$&`));
  return escaped.length === 1 ? escaped[0] : `(${escaped.join('|')})`;
}

/**
 * The values that a variable offers.
 * @param {import('./stores')} store
 * @param {object} variable of the dashboard
 * @param {{from: number, to: number}} view
 * @returns {Promise<string[]>}
 */
async function variableValues(store, { query: { query }, regex }, { from, to }) {
  const [, series, label] = /^label_values\((.+), ([\w]+)\)$/.exec(query) ?? [];
  if (series !== undefined) return store.labelValues(label, series, { start: from, end: to });
  const [, expr] = /^query_result\((.+)\)$/.exec(query);
  const vector = await store.instant(interpolated(expr, { range: to - from, step: INTERVAL, values: {} }), to);
  const lines = vector.map(({ metric, value }) => `{${Object.entries(metric).map(([key, text]) => `${key}="${text}"`).join(', ')}} ${value[1]} ${value[0]}`);
  const pattern = new RegExp(/^\/(.*)\/$/.exec(regex)[1]);
  return lines.map((line) => pattern.exec(line)?.[1]).filter((value) => value !== undefined);
}

module.exports = { beginningOf, interpolated, queriesOf, runQuery, variableValues };
