'use strict';

const { table } = require('../cli/table');
const { FAMILIES } = require('./otlp/families');

/** How many attribute values are shown per metric. */
const TOP = 3;

/**
 * The series of a receiver as a table: one block per family, one row per metric.
 * @param {object[]} series see `SeriesStore.all`
 * @returns {string} lines with aligned columns, no line end after the last
 */
function renderTable(series) {
  const known = new Set(FAMILIES.flatMap(({ metrics }) => metrics));
  const unlisted = [...new Set(series.map(({ metric }) => metric))].filter((metric) => !known.has(metric));
  const families = unlisted.length > 0 ? [...FAMILIES, { family: 'other', metrics: unlisted }] : FAMILIES;
  const blocks = families.map(({ family, metrics }) => ({
    family,
    rows: metrics.map((metric) => row(metric, series.filter((candidate) => candidate.metric === metric))),
  }));
  const lines = table(blocks.flatMap(({ rows }) => rows), { align: ['left', 'right'] });
  return blocks
    .map(({ family, rows }) => [family, ...lines.splice(0, rows.length).map((line) => `  ${line}`)].join('\n'))
    .join('\n\n');
}

/**
 * The first lines of a document, indented by two.
 * @param {object} json
 * @param {number} count how many lines
 * @returns {string}
 */
function head(json, count) {
  const lines = JSON.stringify(json, null, 2).split('\n');
  return lines.length <= count ? lines.join('\n') : [...lines.slice(0, count), `… ${lines.length - count} more lines`].join('\n');
}

function row(metric, series) {
  if (series.length === 0) return [metric, '–', ''];
  const [{ kind, unit }] = series;
  if (kind === 'gauge') return [metric, '', gauges(series, metric)];
  if (kind === 'histogram') {
    const count = series.reduce((total, point) => total + point.count, 0);
    const sum = series.reduce((total, point) => total + point.sum, 0);
    const mean = count === 0 ? '' : `mean ${number(sum / count)}${suffix(metric, unit)}`;
    return [metric, number(count), [mean, top(series, (point) => point.count)].filter(Boolean).join('; ')];
  }
  return [metric, number(series.reduce((total, point) => total + point.value, 0)), top(series, (point) => point.value)];
}

/** The attribute values with the largest amounts. */
function top(series, amountOf) {
  const amounts = series.map((point) => [valuesOf(point), amountOf(point)]).filter(([name, amount]) => name !== '' && amount > 0);
  amounts.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const rest = amounts.length - TOP;
  return amounts.slice(0, TOP).map(([name, amount]) => `${name} ${number(amount)}`).join(', ') + (rest > 0 ? `, ${rest} more` : '');
}

function gauges(series, metric) {
  const shown = metric === 'ccxray.otel.state' ? series.filter(({ value }) => value === 1) : series;
  const values = shown.map((point) => (metric === 'ccxray.otel.state' ? valuesOf(point) : `${valuesOf(point)} ${number(point.value)}`.trim()));
  values.sort();
  return values.slice(0, TOP).join(', ') + (values.length > TOP ? `, ${values.length - TOP} more` : '');
}

function valuesOf({ attributes }) {
  return Object.values(attributes).join('/');
}

function suffix(metric, unit) {
  if (metric.endsWith('_ms')) return ' ms';
  if (metric.endsWith('_pct')) return ' %';
  return unit === 's' ? ' s' : '';
}

/** Thousands are separated, and small fractions have two significant digits. */
function number(value) {
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  const digits = Math.abs(value) >= 1 ? 2 : Math.min(9, 1 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

module.exports = { renderTable, head };
