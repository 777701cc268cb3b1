'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { METRICS } = require('../../testkit/backends/prometheus-names');
const { BEGIN, NOW } = require('../../testkit/dashboards/calendar');
const { fortnight } = require('../../testkit/dashboards/fortnight');
const { interpolated } = require('../../testkit/dashboards/grafana');
const { BOUNDS } = require('../../testkit/dashboards/recorder');
const { openMetrics } = require('../../testkit/dashboards/samples');
const { UNDERSCORES } = require('../../dashboards/source/names');

let samples;

beforeAll(() => {
  samples = fortnight();
});

test('two fortnights are equal', () => {
  const [first, second] = [samples, fortnight()].map(({ recorders }) => recorders.slice(0, 5).map(({ process, series }) => ({ process, series })));
  expect(second).toEqual(first);
});

test('all metrics occur', () => {
  const names = new Set(samples.recorders.flatMap(({ series }) => series.map(({ metric }) => metric)));
  expect([...names].toSorted()).toEqual(METRICS.map(({ otlp }) => otlp).toSorted());
});

test('counters begin at zero and never fall', () => {
  const wrong = samples.recorders.flatMap(({ series }) => series.filter(({ isCounter, values }) => isCounter && (values[0] !== 0 || values.some((value, at) => at > 0 && value < values[at - 1]))));
  expect(wrong).toEqual([]);
});

test('processes start and end within the fortnight, and some still run at its end', () => {
  const exports = samples.processes.map((process) => process.exports);
  expect(exports.filter((times) => times.at(-1) < NOW - 3600 && times[0] > BEGIN + 3600).length).toBeGreaterThan(50);
  expect(exports.filter((times) => times.at(-1) > NOW - 600).length).toBeGreaterThan(5);
  expect(new Set(samples.processes.map(({ instance }) => instance)).size).toBe(samples.processes.length);
});

test('the buckets are those of the registry', () => {
  const text = fs.readFileSync(path.join(__dirname, '..', '..', 'src/metrics/registry.rs'), 'utf8');
  const bounds = (name) => new RegExp(`const ${name}: &\\[f64\\] =\\s*&\\[([^\\]]*)\\]`).exec(text)[1].split(',').map((number) => number.trim()).filter(Boolean).map(Number);
  expect(BOUNDS['ccxray.request.duration']).toEqual(bounds('SECONDS'));
  expect(BOUNDS['ccxray.latency_ms']).toEqual(bounds('MILLISECONDS'));
  expect(BOUNDS['ccxray.context.utilization_pct']).toEqual(bounds('PER_CENT'));
  expect(BOUNDS['ccxray.tools_per_turn']).toEqual(bounds('CALLS'));
});

test('OpenMetrics parts contain each sample once', () => {
  let lines = 0;
  const few = { recorders: samples.recorders.slice(0, 3) };
  for (const text of openMetrics(few, UNDERSCORES, 7200)) lines += text.split('\n').length - 2;
  expect(lines).toBe(few.recorders.flatMap(({ series }) => series.map(({ times }) => times.length)).reduce((sum, count) => sum + count, 0));
});

test('variables are replaced as Grafana does', () => {
  const values = { project: ['shop', 'a.b'], team: ['payments'], model: '.*' };
  const view = { range: 3600, step: 60, values };
  expect(interpolated('x{p=~"$project",t=~"$team",m=~"$model"}[$__range] $__range_s', view)).toBe(String.raw`x{p=~"(shop|a\\.b)",t=~"payments",m=~".*"}[3600s] 3600`);
  expect(interpolated('[$__rate_interval] $__rate_interval_ms [$__interval]', view)).toBe('[1200s] 1200000 [60s]');
  expect(() => interpolated('$nothing', view)).toThrow('no value for the variable $nothing');
});
