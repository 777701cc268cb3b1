'use strict';

const fc = require('fast-check');

const { DataClock } = require('../../demo/clock');
const { explicitBuckets } = require('../../demo/receiver/exponential');
const { Feed } = require('../../demo/receiver/feed');
const { Increases } = require('../../demo/receiver/increases');
const { pointsOf } = require('../../demo/receiver/points');
const { MetricStore } = require('../../demo/store');

const START_MS = 1_000_000;

describe('increases', () => {
  const counter = (value, { startMs = START_MS, isCumulative = true, stream = 's', kind = 'counter' } = {}) => ({ stream, series: { kind }, value, isCumulative, startMs });

  test.each([
    ['of a new process count from zero', [counter(5), counter(8)], [5, 3]],
    ['of a process that ran before do not count what it had', [counter(5, { startMs: 1 }), counter(8, { startMs: 1 })], [0, 3]],
    ['after a restart count from zero', [counter(5), counter(2, { startMs: START_MS + 1 })], [5, 2]],
    ['after a reset without a new start time count from zero', [counter(5), counter(2)], [5, 2]],
    ['of two processes are separate', [counter(5), counter(7, { stream: 't' })], [5, 7]],
    ['of a delta stream are its values', [counter(5, { isCumulative: false }), counter(2, { isCumulative: false })], [5, 2]],
    ['of a gauge are its values', [counter(5, { kind: 'gauge' }), counter(2, { kind: 'gauge' })], [5, 2]],
    ['of a delta sum that can fall add up to its value', [counter(5, { kind: 'updown', isCumulative: false }), counter(-2, { kind: 'updown', isCumulative: false })], [5, 3]],
    ['of a cumulative sum that can fall are its values', [counter(5, { kind: 'updown' }), counter(3, { kind: 'updown' })], [5, 3]],
  ])('%s', (_, points, expected) => {
    const increases = new Increases({ sinceMs: START_MS });
    expect(points.map((point) => increases.take(point))).toEqual(expected);
  });

  test('of a histogram are those of each bucket', () => {
    const increases = new Increases({ sinceMs: START_MS });
    const point = (count, sum, buckets) => ({ stream: 's', series: { kind: 'histogram' }, value: { count, sum, buckets }, isCumulative: true, startMs: START_MS });
    increases.take(point(3, 10, [1, 2]));
    expect(increases.take(point(5, 19, [1, 4]))).toEqual({ count: 2, sum: 9, buckets: [0, 2] });
  });

  test('forget the stream that was not updated for longest', () => {
    const increases = new Increases({ sinceMs: START_MS, maxStreams: 2 });
    for (const stream of ['a', 'b', 'a', 'c']) increases.take(counter(5, { stream, startMs: 1 }));
    expect(increases.take(counter(9, { stream: 'a', startMs: 1 }))).toBe(4);
    expect(increases.take(counter(9, { stream: 'b', startMs: 1 }))).toBe(0);
  });

  test('add up to the last value of each life of a process', () => {
    const lives = fc.array(fc.array(fc.nat(1000), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 });
    fc.assert(fc.property(lives, (steps) => {
      const increases = new Increases({ sinceMs: START_MS });
      let total = 0;
      let expected = 0;
      steps.forEach((life, index) => {
        let value = 0;
        for (const step of life) {
          value += step;
          total += increases.take(counter(value, { startMs: START_MS + index }));
        }
        expected += value;
      });
      expect(total).toBe(expected);
    }));
  });
});

describe('the points of a request', () => {
  test('have the project, the team and the service of the resource', () => {
    const attributes = [['project.name', 'shop'], ['team', 'payments'], ['service.name', 'ccxray']].map(([key, stringValue]) => ({ key, value: { stringValue } }));
    const [{ series }] = only({ gauge: { dataPoints: [{ asDouble: 1 }] } }, attributes);
    expect(series.resource).toEqual({ project: 'shop', team: 'payments', service: 'ccxray' });
  });

  test.each([
    ['a counter', { sum: { isMonotonic: true, aggregationTemporality: 2, dataPoints: [{ asInt: '5' }] } }, 'counter', 5, true],
    ['a delta counter', { sum: { isMonotonic: true, aggregationTemporality: 1, dataPoints: [{ asInt: '5' }] } }, 'counter', 5, false],
    ['a sum that can fall', { sum: { aggregationTemporality: 2, dataPoints: [{ asDouble: -1.5 }] } }, 'updown', -1.5, true],
    ['a gauge', { gauge: { dataPoints: [{ asDouble: 0.5 }] } }, 'gauge', 0.5, true],
    ['a histogram', { histogram: { aggregationTemporality: 2, dataPoints: [{ count: '3', sum: 4, bucketCounts: ['1', '2'], explicitBounds: [1] }] } }, 'histogram', { count: 3, sum: 4, buckets: [1, 2] }, true],
    ['a histogram without buckets', { histogram: { aggregationTemporality: 1, dataPoints: [{ count: '3', sum: 4 }] } }, 'histogram', { count: 3, sum: 4, buckets: [3] }, false],
    ['a summary', { summary: { dataPoints: [{ count: '3', sum: 4 }] } }, 'histogram', { count: 3, sum: 4, buckets: [3] }, true],
  ])('of %s are read', (_, metric, kind, value, isCumulative) => {
    expect(only(metric)).toMatchObject([{ series: { metric: 'm', kind }, value, isCumulative }]);
  });

  test('have attributes without a value as empty texts', () => {
    const [{ series }] = only({ gauge: { dataPoints: [{ asDouble: 1, attributes: [{ key: 'a' }, { key: 'b', value: { intValue: '7' } }] }] } });
    expect(series.attributes).toEqual({ a: '', b: '7' });
  });

  test('of two scopes with metrics of the same name are apart', () => {
    const metrics = [{ name: 'm', sum: { isMonotonic: true, aggregationTemporality: 2, dataPoints: [{ asInt: '5' }] } }];
    const [one, other] = pointsOf({ resourceMetrics: [{ scopeMetrics: [{ scope: { name: 'http' }, metrics }, { scope: { name: 'undici' }, metrics }] }] });
    expect(one.stream).not.toBe(other.stream);
    expect(one.series).toEqual(other.series);
  });

  test('without a value are left out', () => {
    expect(only({ gauge: { dataPoints: [{ flags: 1 }] } })).toEqual([]);
    expect(only({})).toEqual([]);
  });

  test('of an exponential histogram are sorted into buckets that do not depend on its scale', () => {
    const { buckets, bounds, count } = explicitBuckets({ count: '7', sum: 70, scale: 0, zeroCount: '2', positive: { offset: 3, bucketCounts: ['4'] }, negative: { bucketCounts: ['1'] } });
    expect(count).toBe(7);
    expect(buckets[0]).toBe(3);
    expect(buckets[bounds.findIndex((bound) => bound >= 2 ** 3.5)]).toBe(4);
    expect(buckets).toHaveLength(bounds.length + 1);
  });
});

describe('the feed', () => {
  const BYTES = { received: 10, decompressed: 20 };

  test('puts points into the store and passes them on', () => {
    const { store, feed, seen } = feedAt(1_800_000_000_000);
    feed.take(gauge(1_800_000_000_000, 3), BYTES);
    feed.take(gauge(1_800_000_010_000, 4), BYTES);
    expect(seen).toMatchObject([['series', [{ id: 0, metric: 'g' }]], ['points', { timeMs: 1_800_000_000_000, values: [[0, 3]] }], ['points', { timeMs: 1_800_000_010_000, values: [[0, 4]] }]]);
    expect(store.latest(0)).toEqual({ timeMs: 1_800_000_010_000, value: 4 });
    expect(feed).toMatchObject({ points: 2, requests: { accepted: 2 }, bytes: { received: 20, decompressed: 40 } });
  });

  test('leaves out points of the future, which would push out everything else', () => {
    const { store, feed } = feedAt(1_800_000_000_000);
    feed.take(gauge(1_900_000_000_000, 3), BYTES);
    expect(feed.misdated).toBe(1);
    expect(store.series()).toEqual([]);
  });

  test('leaves out points without a usable time', () => {
    const { store, feed } = feedAt(1_800_000_000_000);
    feed.take(gauge(0, 3), BYTES);
    feed.take(gauge(1_800_000, 3), BYTES);
    expect(feed.misdated).toBe(2);
    expect(store.series()).toEqual([]);
  });

  test('dates points as it is told to', () => {
    const { store, feed } = feedAt(1_800_000_000_000);
    feed.take(gauge(1_700_000_000_000, 3), BYTES, 1_799_999_990_000);
    expect(store.latest(0).timeMs).toBe(1_799_999_990_000);
  });
});

function request(metric, resource = []) {
  return { resourceMetrics: [{ resource: { attributes: resource }, scopeMetrics: [{ metrics: [{ name: 'm', ...metric }] }] }] };
}

function only(metric, resource) {
  return [...pointsOf(request(metric, resource))];
}

function gauge(timeMs, value) {
  return request({ name: 'g', gauge: { dataPoints: [{ asDouble: value, timeUnixNano: String(BigInt(timeMs) * 1_000_000n) }] } });
}

function feedAt(nowMs) {
  const store = new MetricStore();
  const feed = new Feed({ store, clock: new DataClock(() => nowMs) });
  const seen = [];
  feed.watch((event, data) => seen.push([event, data]));
  return { store, feed, seen };
}
