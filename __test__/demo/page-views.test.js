'use strict';

const fc = require('fast-check');

const { MetricStore } = require('../../demo/store');
const { pageModule } = require('../../testkit/browser/page-modules');

const { rangeOf } = pageModule('range.js');
const { translator } = pageModule('text/index.js');
const { cacheRatio, costOverTime, costToday, todayAgainstWeek, tokensOverTime, allTokens, cacheShare } = pageModule('views/cost.js');
const { cards } = pageModule('views/cards.js');
const { errorsOverTime, latency, quota, stopReasons } = pageModule('views/quality.js');
const { contextFill, counts, ranked, unpricedAndDegraded } = pageModule('views/usage.js');
const { otherMetrics, otherOverTime, otherTable } = pageModule('views/other.js');
const { csvOf, isEmpty, tableOf } = pageModule('views/table.js');
const { valuesOf } = pageModule('filters.js');

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = new Date(2026, 10, 15, 13, 30).getTime();
const COST = 'ccxray.cost.usd_total';
const t = translator('en');

describe('cost and tokens', () => {
  const points = fc.array(fc.record({ minutesAgo: fc.integer({ min: 1, max: 7 * 1440 - 120 }), model: fc.constantFrom(...'abcdefghijkl'), provider: fc.constantFrom('p', 'q'), project: fc.constantFrom('x', 'y', 'z'), value: fc.nat(1000) }), { maxLength: 120 });

  test('the series of every split add up to the same total', () => {
    fc.assert(fc.property(points, (all) => {
      const store = storeWith(COST, all);
      const expected = sum(all.map(({ value }) => value));
      for (const by of ['model', 'project']) {
        const view = costOverTime(context(store, { preset: '7d' }), { by });
        expect(sum(view.series.map(({ total }) => total))).toBe(expected);
        expect(sum(view.series.flatMap(({ values }) => Array.from(values)))).toBe(expected);
        expect(view.series.length).toBeLessThanOrEqual(8);
      }
    }));
  });

  test('the values of a filter add up to the value without it', () => {
    fc.assert(fc.property(points, fc.constantFrom('project', 'provider', 'model'), (all, name) => {
      const store = storeWith(COST, all);
      const total = (filter) => sum(costOverTime(context(store, { preset: '7d' }, filter), { by: 'model' }).series.map((series) => series.total));
      expect(sum(valuesOf(store)[name].map((value) => total({ [name]: value })))).toBe(total({}));
    }));
  });

  test('ranges that follow each other add up to the whole range', () => {
    fc.assert(fc.property(points, fc.integer({ min: 1, max: 160 }), (all, hours) => {
      const store = storeWith(COST, all);
      const start = Math.floor((NOW - 7 * DAY) / HOUR) * HOUR;
      const [cut, end] = [start + hours * HOUR, start + 7 * DAY + HOUR];
      const within = (fromMs, toMs) => sum(costOverTime({ ...context(store), range: { fromMs, toMs, stepMs: HOUR, times: [] } }, { by: 'model' }).series.map(({ total }) => total));
      expect(within(start, cut) + within(cut, end)).toBe(within(start, end));
    }));
  });

  test('tokens by kind and by model have the same total', () => {
    const store = new MetricStore();
    for (const [index, kind] of ['input', 'output', 'cache_read', 'cache_creation'].entries()) {
      for (const model of ['a', 'b']) add(store, `ccxray.tokens.${kind}_total`, { model, provider: 'p' }, NOW - HOUR, 10 ** index);
    }
    const at = context(store);
    const totals = ['model', 'project', 'kind'].map((by) => sum(tokensOverTime(at, { by }).series.map(({ total }) => total)));
    expect([...totals, allTokens(at)]).toEqual([2222, 2222, 2222, 2222]);
  });

  test('the cache ratio is the share of reads in all input', () => {
    const store = new MetricStore();
    for (const [kind, value] of [['input', 10], ['cache_read', 70], ['cache_creation', 20], ['output', 500]]) add(store, `ccxray.tokens.${kind}_total`, { model: 'a' }, NOW - 1000, value);
    const { series: [total] } = cacheRatio(context(store));
    expect([total.values.at(-2), total.values[0], cacheShare(context(store))]).toEqual([0.7, Number.NaN, 0.7]);
  });

  test('small series share one', () => {
    const store = new MetricStore();
    for (let index = 0; index < 20; index += 1) add(store, COST, { model: `m${index}` }, NOW - 1000, 100 - index);
    const { series } = costOverTime(context(store), { by: 'model' });
    expect(series.map(({ name }) => name)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'Others']);
  });
});

describe('today against the last days', () => {
  test('the mean counts each day up to the same time', () => {
    const store = new MetricStore();
    for (let day = 7; day >= 1; day -= 1) {
      add(store, COST, { model: 'a' }, NOW - day * DAY - 2 * HOUR, 10);
      add(store, COST, { model: 'a' }, NOW - day * DAY + 2 * HOUR, 1000);
    }
    add(store, COST, { model: 'a' }, NOW - HOUR, 4);
    expect(costToday(context(store))).toEqual({ today: 4, mean: 10, days: 7 });
  });

  test('an hour that has begun counts in proportion', () => {
    const store = new MetricStore();
    add(store, COST, { model: 'a' }, NOW - 2 * DAY + 60_000, 10);
    add(store, COST, { model: 'a' }, NOW, 1);
    // The store has the whole hour from 13:00 to 14:00 of that day, and now it is 13:30.
    expect(costToday(context(store))).toEqual({ today: 0, mean: 2.5, days: 2 });
  });

  test('days before the first value do not count', () => {
    const store = new MetricStore();
    add(store, COST, { model: 'a' }, NOW - DAY - 2 * HOUR, 6);
    expect(costToday(context(store))).toEqual({ today: 0, mean: 6, days: 1 });
  });

  test('the lines are running sums, and today ends now', () => {
    const store = new MetricStore();
    add(store, COST, { model: 'a' }, NOW - DAY - 2 * HOUR, 6);
    add(store, COST, { model: 'a' }, NOW - 2 * HOUR, 3);
    const { times, series: [today, mean] } = todayAgainstWeek(context(store));
    expect([times.length, today.values[11], today.values[12], today.values[14], today.values[15]]).toEqual([25, 0, 3, 3, Number.NaN]);
    expect([mean.name, mean.values[11], mean.values[24]]).toEqual(['Mean of earlier days (1)', 0, 6]);
  });
});

describe('quality and usage', () => {
  test('percentiles come from all series together', () => {
    const store = new MetricStore();
    const bounds = [1, 2, 4];
    for (const [model, buckets] of [['a', [0, 98, 0, 0]], ['b', [0, 0, 2, 0]]]) store.add(store.define({ metric: 'ccxray.request.duration', kind: 'histogram', unit: 's', attributes: { model }, bounds }), NOW - 1000, { count: 100, sum: 1, buckets });
    const { series: [p50, p95] } = latency(context(store));
    expect([p50.values.at(-2), p95.values.at(-2)]).toEqual([1 + 50 / 98, 1 + 95 / 98].map((value) => expect.closeTo(value, 10)));
    expect(latency(context(store, {}, { model: 'b' })).series[0].values.at(-2)).toBe(3);
  });

  test('a quota that several projects report is one line with the highest value', () => {
    const store = new MetricStore();
    for (const [project, value] of [['x', 0.2], ['y', 0.6]]) store.add(store.define({ metric: 'ccxray.quota.utilization_ratio', kind: 'gauge', unit: '1', attributes: { window: '5h', provider: 'anthropic' }, resource: { project } }), NOW - 1000, value);
    const { series } = quota(context(store));
    expect(series.map(({ name, values }) => [name, values.at(-2), values[0]])).toEqual([['anthropic · 5 hours', 0.6, Number.NaN]]);
  });

  test('a filter that a metric has no attribute for is reported', () => {
    const store = new MetricStore();
    add(store, 'ccxray.stop_reason_total', { reason: 'end_turn' }, NOW - 1000, 5);
    const view = stopReasons(context(store, {}, { model: 'a', provider: 'p' }));
    expect([view.rows, view.ignored]).toEqual([[{ name: 'end_turn', value: 5 }], ['provider', 'model']]);
  });

  test('bars are ranked by their total', () => {
    const store = new MetricStore();
    for (const [tool, value] of [['Read', 3], ['Bash', 9], ['Edit', 3], ['Read', 4]]) add(store, 'ccxray.tool.invocations_total', { tool, provider: 'p' }, NOW - 1000, value);
    expect(ranked('tools')(context(store)).rows).toEqual([{ name: 'Bash', value: 9 }, { name: 'Read', value: 7 }, { name: 'Edit', value: 3 }]);
  });

  test('degraded turns count as turns', () => {
    const store = new MetricStore();
    add(store, 'ccxray.provider.distribution_total', { provider: 'p' }, NOW - 1000, 7);
    add(store, 'ccxray.provider.distribution_total', { provider: 'p', 'ccxray.parser.degraded': 'true' }, NOW - 1000, 2);
    add(store, 'ccxray.cost.unpriced_total', { provider: 'p', model: 'a' }, NOW - 1000, 1);
    expect(counts(context(store))).toEqual({ turns: 9, degraded: 2, sessions: 0 });
    expect(unpricedAndDegraded(context(store)).series.map(({ name, total }) => [name, total])).toEqual([['Unpriced', 1], ['Degraded', 2]]);
  });

  test('the distribution of context fill has all buckets', () => {
    const store = new MetricStore();
    store.add(store.define({ metric: 'ccxray.context.utilization_pct', kind: 'histogram', bounds: [50, 100] }), NOW - 1000, { count: 3, sum: 1, buckets: [1, 2, 0] });
    const { bars, marks } = contextFill(context(store));
    expect(bars).toEqual([{ from: 0, to: 50, value: 1 }, { from: 50, to: 100, value: 2 }, { from: 100, to: Infinity, value: 0 }]);
    expect(marks.map(({ name }) => name)).toEqual(['p50', 'p90']);
  });

  test('the error share counts errors beside turns', () => {
    const store = new MetricStore();
    add(store, 'ccxray.errors_total', { type: 'x', provider: 'p' }, NOW - 1000, 1);
    add(store, 'ccxray.provider.distribution_total', { provider: 'p' }, NOW - 1000, 3);
    expect(cards(context(store)).find(({ id }) => id === 'errors').value).toBe(0.25);
    expect(errorsOverTime(context(store)).series[0].total).toBe(1);
  });
});

describe('other metrics', () => {
  test('only metrics of other tools are listed, with their series and values', () => {
    const store = new MetricStore();
    add(store, COST, { model: 'a' }, NOW - 1000, 1);
    add(store, 'http.server.requests', { route: '/a' }, NOW - 1000, 2);
    add(store, 'http.server.requests', { route: '/b' }, NOW - 1000, 3);
    expect(otherMetrics({ store })).toEqual(['http.server.requests']);
    expect(otherTable(context(store))).toEqual([{ metric: 'http.server.requests', kind: 'counter', unit: '', series: 2, value: 5 }]);
    expect(otherOverTime(context(store), { metric: 'http.server.requests' }).series.map(({ name, total }) => [name, total])).toEqual([['/b', 3], ['/a', 2]]);
  });

  test('a gauge is shown with its last values', () => {
    const store = new MetricStore();
    store.add(store.define({ metric: 'queue.size', kind: 'updown', resource: { service: 's' } }), NOW - 1000, -4);
    const view = otherOverTime(context(store), { metric: 'queue.size' });
    expect([view.series[0].name, view.series[0].values.at(-2), isEmpty(view)]).toEqual(['s', -4, false]);
  });
});

describe('tables', () => {
  test('the rows of a table add up to its total', () => {
    const store = new MetricStore();
    for (let hour = 1; hour < 20; hour += 1) add(store, COST, { model: hour % 2 === 0 ? 'a' : 'b' }, NOW - hour * HOUR, hour);
    const { columns, rows, total } = tableOf(costOverTime(context(store), { by: 'model' }), t);
    expect(columns.map(({ label }) => label)).toEqual(['Time', 'b', 'a']);
    expect(rows.length).toBe(19);
    expect(rows[0][0]).toBeGreaterThan(rows[1][0]);
    expect([1, 2].map((column) => sum(rows.map((row) => row[column])))).toEqual(total.slice(1));
  });

  test('a view without values is empty', () => {
    const at = context(new MetricStore());
    expect([costOverTime(at, { by: 'model' }), latency(at), ranked('tools')(at), contextFill(at), quota(at)].map(isEmpty)).toEqual(Array(5).fill(true));
  });

  test('CSV has ISO times, and no formulas', () => {
    const table = { columns: [{ label: 'Time', isTime: true }, { label: 'a,"b"' }, { label: '=1+1' }], rows: [[0, 1.5, '@x'], [1000, Number.NaN, '–']] };
    expect(csvOf(table).split('\r\n')).toEqual(['Time,"a,""b""",\'=1+1', '1970-01-01T00:00:00.000Z,1.5,\'@x', '1970-01-01T00:00:01.000Z,,–']);
  });
});

function context(store, range = {}, filter = {}) {
  return { store, range: rangeOf({ preset: '24h', ...range }, NOW), filter, nowMs: NOW, t };
}

function storeWith(metric, points) {
  const store = new MetricStore();
  for (const { minutesAgo, value, project, ...attributes } of points) add(store, metric, attributes, NOW - minutesAgo * 60_000, value, { project });
  return store;
}

function add(store, metric, attributes, timeMs, value, resource = {}) {
  store.add(store.define({ metric, kind: 'counter', attributes, resource }), timeMs, value);
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
