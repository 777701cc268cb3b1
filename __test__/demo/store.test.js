'use strict';

const fc = require('fast-check');

const { MetricStore, mergeHistograms, quantile } = require('../../demo/store');

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 10, 1);
/** Small, so that values are dropped soon: fine slots of 10 s for 3 hours, then 12 hours. */
const SMALL = { fineMs: 10_000, fineSlots: 1080, coarseMs: HOUR, coarseSlots: 12, maxSeries: 20 };

function counter(store, attributes = {}, resource = {}) {
  return store.define({ metric: 'ccxray.cost.usd_total', kind: 'counter', unit: '{USD}', description: 'Cost.', attributes, resource });
}

function gauge(store) {
  return store.define({ metric: 'ccxray.cache.hit_ratio', kind: 'gauge', unit: '1', description: 'Share.' });
}

function histogram(store, bounds = [1, 2, 4]) {
  return store.define({ metric: 'ccxray.request.duration', kind: 'histogram', unit: 's', description: 'Time.', bounds });
}

describe('series', () => {
  test('an equal series gets the same id', () => {
    const store = new MetricStore();
    const first = counter(store, { model: 'a', provider: 'b' }, { project: 'p' });
    expect(counter(store, { provider: 'b', model: 'a' }, { project: 'p', team: undefined })).toBe(first);
    expect(counter(store, { provider: 'b', model: 'a' }, { project: 'q' })).not.toBe(first);
    expect(store.series().map(({ resource }) => resource.project)).toEqual(['p', 'q']);
  });

  test('a series beyond the limit is refused and counted once', () => {
    const store = new MetricStore({ maxSeries: 1 });
    counter(store, { model: 'a' });
    expect([counter(store, { model: 'b' }), counter(store, { model: 'b' })]).toEqual([undefined, undefined]);
    expect(store.add(undefined, START, 1)).toBe(false);
    expect(store.dropped).toEqual({ series: 1, points: 1 });
  });

  test('an unknown kind is an error', () => {
    expect(() => new MetricStore().define({ metric: 'x', kind: 'summary' })).toThrow('"summary" is not a kind of metric');
  });

  test('coarse slots consist of whole fine slots', () => {
    expect(() => new MetricStore({ fineMs: 7000 })).toThrow(RangeError);
  });
});

describe('select', () => {
  test('filters use attributes and the resource', () => {
    const store = new MetricStore();
    const ids = [['a', 'p'], ['b', 'p'], ['a', 'q']].map(([model, project]) => counter(store, { model }, { project }));
    const { series, applied, ignored } = store.select('ccxray.cost.usd_total', { model: 'a', project: 'p' });
    expect(series.map(({ id }) => id)).toEqual([ids[0]]);
    expect([applied, ignored]).toEqual([['project', 'model'], []]);
  });

  test('a filter on an attribute that the metric lacks is ignored', () => {
    const store = new MetricStore();
    gauge(store);
    const { series, applied, ignored } = store.select('ccxray.cache.hit_ratio', { model: 'a' });
    expect([series.length, applied, ignored]).toEqual([1, [], ['model']]);
  });

  test('an unknown metric has no series', () => {
    expect(new MetricStore().select('x', { model: 'a' })).toEqual({ series: [], applied: [], ignored: ['model'] });
  });
});

describe('counters', () => {
  test('increases of one slot add up', () => {
    const store = new MetricStore();
    const id = counter(store);
    for (const value of [1, 2, 3]) store.add(id, START + 1000 * value, value);
    store.add(id, START + 10_000, 4);
    expect(Array.from(store.grid(id, START, START + 30_000, 10_000))).toEqual([6, 4, 0]);
    expect(store.sum(id, START, START + DAY)).toBe(10);
  });

  test('a decrease and a value that is not a number are dropped', () => {
    const store = new MetricStore();
    const id = counter(store);
    expect([-1, Number.NaN, Infinity, '1', undefined].map((value) => store.add(id, START, value))).toEqual(Array(5).fill(false));
    expect([store.add(id, Number.NaN, 1), store.dropped.points, store.sum(id, 0, START + DAY)]).toEqual([false, 6, 0]);
  });

  test('a value that left the fine slots still counts', () => {
    const store = new MetricStore(SMALL);
    const id = counter(store);
    store.add(id, START + 70_000, 5);
    store.add(id, START + 6 * HOUR, 1);
    expect(store.sum(id, START, START + HOUR)).toBe(5);
    expect(Array.from(store.grid(id, START, START + 7 * HOUR, HOUR))).toEqual([5, 0, 0, 0, 0, 0, 1]);
  });

  test('a point that comes late is added to its own slot', () => {
    const store = new MetricStore(SMALL);
    const id = counter(store);
    store.add(id, START + 6 * HOUR, 1);
    store.add(id, START + 6 * HOUR - 300_000, 2);
    store.add(id, START + HOUR, 4);
    expect(store.sum(id, START + 6 * HOUR - 300_000, START + 6 * HOUR)).toBe(2);
    expect(store.sum(id, START, START + 2 * HOUR)).toBe(4);
  });

  test('the oldest values are dropped when the slots are used up', () => {
    const store = new MetricStore(SMALL);
    const id = counter(store);
    for (let hour = 0; hour < 40; hour += 1) store.add(id, START + hour * HOUR, 1);
    expect(store.sum(id, 0, START + 2 * DAY)).toBe(SMALL.coarseSlots);
    expect(store.add(id, START, 1)).toBe(false);
    expect(store.dropped.points).toBe(1);
  });
});

describe('gauges', () => {
  test('a step has the last value in it, or none', () => {
    const store = new MetricStore();
    const id = gauge(store);
    store.add(id, START, 0.5);
    store.add(id, START + 15_000, 0);
    store.add(id, START + 12_000, 0.9);
    expect(Array.from(store.grid(id, START, START + 60_000, 20_000))).toEqual([0, Number.NaN, Number.NaN]);
    expect(store.latest(id)).toEqual({ timeMs: START + 15_000, value: 0 });
  });

  test('an old hour keeps its last value', () => {
    const store = new MetricStore(SMALL);
    const id = gauge(store);
    for (let minute = 0; minute < 60; minute += 1) store.add(id, START + minute * 60_000, minute);
    store.add(id, START + 8 * HOUR, 100);
    expect(Array.from(store.grid(id, START, START + 2 * HOUR, HOUR))).toEqual([59, Number.NaN]);
  });
});

describe('histograms', () => {
  test('counts, sums and buckets add up', () => {
    const store = new MetricStore();
    const id = histogram(store);
    store.add(id, START, { count: 2, sum: 3, buckets: [1, 1, 0, 0] });
    store.add(id, START + 60_000, { count: 1, sum: 9, buckets: [0, 0, 0, 1] });
    expect(store.histogram(id, START, START + HOUR)).toEqual({ count: 3, sum: 12, buckets: Float64Array.of(1, 1, 0, 1), bounds: [1, 2, 4] });
    const grid = store.histogramGrid(id, START, START + 180_000, 60_000);
    expect(grid.map((each) => each?.count)).toEqual([2, 1, undefined]);
  });

  test('a range without values is an empty histogram', () => {
    const store = new MetricStore();
    expect(store.histogram(histogram(store), START, START)).toEqual({ count: 0, sum: 0, buckets: Float64Array.of(0, 0, 0, 0), bounds: [1, 2, 4] });
  });

  test('a point with another number of buckets is dropped', () => {
    const store = new MetricStore();
    expect(store.add(histogram(store), START, { count: 1, sum: 1, buckets: [1] })).toBe(false);
    expect(store.dropped.points).toBe(1);
  });

  test('the point that was added stays as it was', () => {
    const store = new MetricStore();
    const id = histogram(store);
    const point = { count: 1, sum: 1, buckets: [1, 0, 0, 0] };
    store.add(id, START, point);
    store.add(id, START, point);
    expect(point).toEqual({ count: 1, sum: 1, buckets: [1, 0, 0, 0] });
    expect(store.histogram(id, START, START + 1).count).toBe(2);
  });
});

describe('quantile', () => {
  test.each([
    ['the middle of a bucket', [0, 4, 0, 0], 0.5, 1.5],
    ['the first bucket begins at zero', [4, 0, 0, 0], 0.5, 0.5],
    ['the last bucket has no upper bound', [0, 0, 0, 4], 0.5, 4],
    ['several buckets', [2, 2, 4, 2], 0.95, 4],
    ['all values', [1, 1, 0, 0], 1, 2],
  ])('%s', (name, buckets, q, expected) => {
    expect(quantile({ count: 1, sum: 0, buckets, bounds: [1, 2, 4] }, q)).toBeCloseTo(expected, 12);
  });

  test('there is none without values or bounds', () => {
    expect([quantile(undefined, 0.5), quantile({ buckets: [0, 0], bounds: [1] }, 0.5), quantile({ buckets: [3], bounds: [] }, 0.5)]).toEqual(Array(3).fill(Number.NaN));
  });

  test('a first bucket below zero has its bound', () => {
    expect(quantile({ buckets: [2, 0], bounds: [-5] }, 0.5)).toBe(-5);
  });

  test('it rises with the share, and lies within the bounds', () => {
    fc.assert(fc.property(fc.array(fc.nat(50), { minLength: 4, maxLength: 4 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (buckets, one, other) => {
      fc.pre(buckets.some((amount) => amount > 0));
      const [low, high] = [Math.min(one, other), Math.max(one, other)].map((q) => quantile({ buckets, bounds: [1, 2, 4] }, q));
      expect(low).toBeGreaterThanOrEqual(0);
      expect(low).toBeLessThanOrEqual(high + 1e-9);
      expect(high).toBeLessThanOrEqual(4 + 1e-9);
    }));
  });

  test('merged histograms leave out other bounds', () => {
    const one = { count: 1, sum: 2, buckets: [1, 0], bounds: [1] };
    expect(mergeHistograms([undefined, one, { ...one, bounds: [2] }, one])).toEqual({ count: 2, sum: 4, buckets: Float64Array.of(2, 0), bounds: [1] });
    expect(mergeHistograms([undefined])).toBeUndefined();
  });
});

describe('for any points', () => {
  const points = fc.array(fc.record({ series: fc.nat(4), minute: fc.nat(18 * 60), second: fc.nat(59), value: fc.nat(1_000_000) }), { maxLength: 150 });

  test('the sums of any parts of a range are the sum of the range', () => {
    fc.assert(fc.property(points, fc.array(fc.nat(20 * HOUR), { maxLength: 12 }), (all, cuts) => {
      const store = filled(all);
      const times = [0, ...cuts, 20 * HOUR].map((offset) => START + offset);
      times.sort((one, other) => one - other);
      for (const { id, kind } of store.series()) {
        const sum = kind === 'counter' ? (from, to) => store.sum(id, from, to) : (from, to) => (kind === 'histogram' ? store.histogram(id, from, to).sum : 0);
        const parts = times.slice(1).map((to, index) => sum(times[index], to));
        expect(parts.reduce((total, part) => total + part, 0)).toBe(sum(START, START + 20 * HOUR));
      }
    }));
  });

  test('a grid adds up to its range', () => {
    fc.assert(fc.property(points, fc.integer({ min: 1000, max: 5 * HOUR }), (all, step) => {
      const store = filled(all);
      for (const { id } of store.series().filter(({ kind }) => kind === 'counter')) {
        const grid = store.grid(id, START, START + 20 * HOUR, step);
        expect(grid.reduce((total, part) => total + part, 0)).toBe(store.sum(id, START, START + 20 * HOUR));
      }
    }));
  });

  test('points that come after a look count like those before', () => {
    fc.assert(fc.property(points, points, (before, after) => {
      const [from, to] = [START, START + 20 * HOUR];
      const looked = filled(before);
      for (const { id, kind } of looked.series()) {
        if (kind === 'histogram') looked.histogramGrid(id, from, to, 600_000);
        else looked.grid(id, from, to, 600_000);
      }
      fill(looked, after);
      const other = filled([...before, ...after]);
      for (const { id, kind } of looked.series()) {
        if (kind === 'histogram') expect(looked.histogramGrid(id, from, to, 600_000)).toEqual(other.histogramGrid(id, from, to, 600_000));
        else expect(looked.grid(id, from, to, 600_000)).toEqual(other.grid(id, from, to, 600_000));
      }
    }));
  });

  test('every point is kept or counted as dropped', () => {
    fc.assert(fc.property(points, (all) => {
      const store = filled(all.map((point) => ({ ...point, series: 0, value: 1 })));
      const oldest = Math.max(0, ...all.map(({ minute }) => Math.floor(minute / 60))) - SMALL.coarseSlots;
      expect(store.sum(0, START, START + 20 * HOUR) + store.dropped.points).toBeLessThanOrEqual(all.length);
      expect(store.sum(0, START, START + 20 * HOUR)).toBe(all.filter(({ minute }) => Math.floor(minute / 60) > oldest).length);
    }));
  });

  test('a replay into an empty store gives the same values', () => {
    fc.assert(fc.property(points, fc.nat(20 * HOUR), fc.nat(20 * HOUR), (all, one, other) => {
      const store = filled(all);
      const copy = replayed(store);
      const [from, to] = [START + Math.min(one, other), START + Math.max(one, other)];
      for (const { id, kind } of store.series()) {
        if (kind === 'histogram') expect(copy.histogram(id, from, to)).toEqual(store.histogram(id, from, to));
        else expect(copy.grid(id, from, to, 1_000_000)).toEqual(store.grid(id, from, to, 1_000_000));
      }
      expect(copy.dropped).toEqual({ series: 0, points: 0 });
    }));
  });
});

test('fractions survive a replay exactly', () => {
  const store = new MetricStore(SMALL);
  const id = counter(store);
  for (let index = 0; index < 5000; index += 1) store.add(id, START + index * 7919, 0.1 + index / 3);
  expect(replayed(store).sum(id, START, START + DAY)).toBe(store.sum(id, START, START + DAY));
});

test('entries come in the order of time', () => {
  const store = filled([{ series: 0, minute: 900, second: 3, value: 1 }, { series: 1, minute: 5, second: 0, value: 2 }, { series: 4, minute: 899, second: 0, value: 3 }]);
  const times = Array.from(store.entries(), ({ timeMs }) => timeMs);
  expect(times).toEqual([5, 899, 900].map((minute) => START + minute * 60_000));
  expect([...new MetricStore().entries()]).toEqual([]);
});

test('a series with a wrong time does not slow down the entries', () => {
  const store = new MetricStore();
  for (let index = 0; index < 1000; index += 1) store.add(counter(store, { index: String(index) }), index === 0 ? 0 : START, 1);
  const startMs = performance.now();
  expect(Array.from(store.entries(), ({ timeMs, values }) => [timeMs, values.length])).toEqual([[0, 1], [START, 999]]);
  // Visiting every hour since 1970 for each series takes about 20 s.
  expect(performance.now() - startMs).toBeLessThan(2000);
});

test('memory does not grow with the number of points', () => {
  const store = new MetricStore(SMALL);
  const ids = [counter(store), gauge(store)];
  for (let slot = 0; slot < 200_000; slot += 1) for (const id of ids) store.add(id, START + slot * 10_000, 1);
  const kept = Array.from(store.entries()).length;
  expect(kept).toBeLessThanOrEqual(SMALL.fineSlots + 360 + SMALL.coarseSlots);
});

/** A store with counters, a gauge and a histogram. */
function filled(points) {
  const store = new MetricStore(SMALL);
  for (const model of ['a', 'b', 'c']) counter(store, { model });
  gauge(store);
  histogram(store);
  fill(store, points);
  return store;
}

function fill(store, points) {
  for (const { series, minute, second, value } of points) {
    const point = series === 4 ? { count: 1, sum: value, buckets: [0, 1, 0, 0] } : value;
    store.add(series, START + minute * 60_000 + second * 1000, point);
  }
}

function replayed(store) {
  const copy = new MetricStore(store.options);
  for (const descriptor of store.series()) copy.define(descriptor);
  for (const { timeMs, values } of store.entries()) for (const [id, value] of values) copy.add(id, timeMs, value);
  return copy;
}
