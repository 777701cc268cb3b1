'use strict';

const { queriesOf, runQuery } = require('./grafana');

/** About how many points a graph has in each of the 24 columns of the grid. */
const POINTS_IN_COLUMN = 7;
const COLOURS = 8;
/** A panel of the live page has room for no more lines. */
const MOST_SERIES = 8;

/**
 * A dashboard as the picture's page draws it.
 * @param {object} store see `stores.js`
 * @param {object} dashboard as Grafana imports it
 * @param {object} view see `runQuery`
 * @returns {Promise<{title: string, about: string, rows: object[], panels: object[]}>}
 */
async function drawing(store, dashboard, view) {
  const panels = [];
  for (const panel of dashboard.panels.filter(({ type }) => type !== 'row')) {
    const results = [];
    for (const query of queriesOf({ panels: [panel] })) results.push(...named(await runQuery(store, query, { ...view, points: pointsOf(panel) }), query, results.length));
    panels.push({ title: panel.title, place: placeOf(panel.gridPos), ...contentOf(panel, results, view) });
  }
  const rows = dashboard.panels.filter(({ type }) => type === 'row').map(({ title, gridPos }) => ({ title, place: placeOf({ ...gridPos, w: 24, h: 1 }) }));
  return { title: dashboard.title, about: dashboard.description, rows, panels };
}

/** The series of a result with the names that Grafana gives them. */
function named(result, { legend, expr }) {
  return result.map(({ metric, value, values }) => ({ name: legend?.replace(/\{\{(.+?)\}\}/g, (_, label) => metric[label] ?? '') ?? '', metric, value: value && Number(value[1]), values, expr }));
}

function pointsOf({ gridPos: { w } }) {
  return w * POINTS_IN_COLUMN;
}

function placeOf({ x, y, w, h }) {
  return `grid-column: ${x + 1} / span ${w}; grid-row: ${y + 1} / span ${h}`;
}

function contentOf(panel, results, view) {
  const { unit = panel.options?.yAxis?.unit, noValue, thresholds } = panel.fieldConfig.defaults;
  if (results.length === 0) return noValue === '0' && panel.type === 'stat' ? { kind: 'number', data: { value: 0, unit, color: colorOf(0, thresholds) } } : { kind: 'empty', data: { text: noValue } };
  switch (panel.type) {
    case 'stat': return { kind: 'number', data: { value: results[0].value, unit, color: colorOf(results[0].value, thresholds) } };
    case 'bargauge': return { kind: 'rank', data: { unit, rows: results.map(({ name, value }) => ({ name, value })).toSorted((a, b) => b.value - a.value) } };
    case 'table': return { kind: 'table', data: tableOf(panel, results) };
    case 'heatmap': return { kind: 'distribution', data: distributionOf(results, unit) };
    default: return { kind: 'time', data: timeOf(panel, results, unit, view) };
  }
}

function colorOf(value, { steps }) {
  return steps.length < 2 ? 'plain' : steps.findLast((step) => step.value === null || step.value === undefined || value >= step.value).color;
}

function tableOf({ targets, transformations, fieldConfig }, results) {
  const { renameByName } = transformations.find(({ id }) => id === 'organize').options;
  const labels = Object.entries(renameByName).filter(([key]) => !key.startsWith('Value'));
  const titles = targets.map(({ refId }) => renameByName[`Value #${refId}`] ?? renameByName.Value);
  const units = titles.map((title) => fieldConfig.overrides.find(({ matcher }) => matcher.options === title).properties[0].value);
  const rows = new Map();
  for (const { metric, value, expr } of results) {
    const key = JSON.stringify(labels.map(([label]) => metric[label] ?? ''));
    if (!rows.has(key)) rows.set(key, labels.map(([label]) => metric[label] ?? ''));
    rows.get(key)[labels.length + targets.findIndex((target) => target.expr === expr)] = value;
  }
  const columns = [...labels.map(([, title]) => ({ label: title, unit: '' })), ...titles.map((title, at) => ({ label: title, unit: units[at] }))];
  const complete = [...rows.values()].map((row) => columns.map((_, at) => row[at] ?? '–'));
  return { columns, rows: complete.toSorted((a, b) => b[labels.length] - a[labels.length]).slice(0, 9) };
}

/** A heatmap as one distribution of the whole range: the live page has no heatmap. */
function distributionOf(results, unit) {
  const totals = results.map(({ metric, values }) => ({ bound: Number(metric.le.replace('+Inf', 'Infinity')), total: values.reduce((sum, [, text]) => sum + Number(text), 0) })).toSorted((a, b) => a.bound - b.bound);
  const bars = totals.map(({ bound, total }, at) => ({ from: totals[at - 1]?.bound ?? 0, to: bound, value: total - (totals[at - 1]?.total ?? 0) }));
  return { bars, unit: 'short', boundUnit: unit, marks: [] };
}

function timeOf({ fieldConfig, gridPos, interval }, results, unit, { from, to }) {
  const { custom, max } = fieldConfig.defaults;
  const isStacked = custom.stacking?.mode === 'normal' || custom.drawStyle === 'bars';
  const step = Math.max(Math.round((to - from) / pointsOf({ gridPos })), interval === '1d' ? 86_400 : 300);
  const times = [];
  for (let time = from - (from % step); time <= to; time += step) times.push(time);
  const sizes = results.map((series) => ({ series, size: series.values.reduce((sum, [, text]) => sum + Number(text), 0) })).toSorted((a, b) => b.size - a.size);
  const series = sizes.slice(0, MOST_SERIES).map(({ series: { name, values } }, colour) => {
    const byTime = new Map(values.map(([time, text]) => [time, Number(text)]));
    const numbers = times.map((time) => byTime.get(time) ?? (isStacked ? 0 : null));
    const total = custom.drawStyle === 'bars' ? numbers.reduce((sum, value) => sum + value, 0) : numbers.at(-1);
    return { name, values: numbers, colour: colour % COLOURS, total };
  });
  // Grafana draws a column before its time, because it is the time at which its sum ends.
  const shift = custom.drawStyle === 'bars' ? step : 0;
  return { times: times.map((time) => (time - shift) * 1000), stepMs: step * 1000, style: isStacked ? 'stacked' : 'lines', unit, max, series };
}

module.exports = { drawing };
