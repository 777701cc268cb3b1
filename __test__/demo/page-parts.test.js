'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { build } = require('../../scripts/page');
const { pageModule } = require('../../testkit/browser/page-modules');

const { Filler } = pageModule('feed.js');
const { Schedule } = pageModule('schedule.js');
const { Palette, COLOURS } = pageModule('palette.js');
const { Format } = pageModule('format.js');
const { compare, variantOf } = pageModule('privacy/compare.js');
const { metricsOf, pretty } = pageModule('privacy/request.js');

const HELLO = { store: { maxSeries: 10 }, clock: { nowMs: 1, rate: 1 } };
const COUNTER = { id: 7, metric: 'a', kind: 'counter', unit: '', description: '', attributes: {}, resource: {} };

describe('feed', () => {
  test('the store appears when it has all earlier values', () => {
    const seen = [];
    const filler = new Filler(listenerOf(seen));
    filler.hello(HELLO);
    filler.series([COUNTER, { ...COUNTER, id: 9, metric: 'h', kind: 'histogram', bounds: [1] }]);
    filler.points({ timeMs: 1e12, values: [[7, 3], [9, [2, 5, 1, 1]]] });
    expect(seen.map(([event]) => event)).toEqual(['onHello']);
    filler.ready();
    const [, store] = seen.find(([event]) => event === 'onStore');
    expect(store.sum(0, 0, 2e12)).toBe(3);
    expect(store.histogram(1, 0, 2e12)).toMatchObject({ count: 2, sum: 5 });
    filler.points({ timeMs: 1e12, values: [[7, 4]] });
    expect(store.sum(0, 0, 2e12)).toBe(7);
    expect(seen.at(-1)[0]).toBe('onPoints');
  });

  test('another hello begins with an empty store, and the old one stays until then', () => {
    const seen = [];
    const filler = new Filler(listenerOf(seen));
    for (const value of [1, 20]) {
      filler.hello(HELLO);
      filler.series([COUNTER]);
      filler.points({ timeMs: 1e12, values: [[7, value]] });
      filler.ready();
    }
    expect(seen.filter(([event]) => event === 'onStore').map(([, store]) => store.sum(0, 0, 2e12))).toEqual([1, 20]);
  });

  test('points of a series that did not fit are counted as dropped', () => {
    const seen = [];
    const filler = new Filler(listenerOf(seen));
    filler.hello({ ...HELLO, store: { maxSeries: 1 } });
    filler.series([COUNTER, { ...COUNTER, id: 8, metric: 'b' }]);
    filler.points({ timeMs: 1e12, values: [[7, 1], [8, 1]] });
    filler.ready();
    expect(seen.at(-1)[1].dropped).toEqual({ series: 1, points: 1 });
  });
});

describe('schedule', () => {
  test('only visible parts are drawn', () => {
    const { parts, schedule, runFrames } = scheduleOf([true, false]);
    schedule.markAll();
    runFrames(5);
    expect(parts.map(({ drawn }) => drawn)).toEqual([1, 0]);
    parts[1].isVisible = true;
    schedule.request();
    runFrames(5);
    expect(parts.map(({ drawn }) => drawn)).toEqual([1, 1]);
  });

  test('slow parts are spread over several frames', () => {
    const { parts, schedule, runFrames } = scheduleOf([true, true, true], 10);
    schedule.markAll();
    runFrames(1);
    expect(parts.map(({ drawn }) => drawn)).toEqual([1, 0, 0]);
    runFrames(5);
    expect(parts.map(({ drawn }) => drawn)).toEqual([1, 1, 1]);
  });

  test('a slow machine draws each part in its turn', () => {
    const { parts, schedule, runFrames } = scheduleOf([true, true, true], 50);
    for (let second = 0; second < 9; second += 1) {
      schedule.markAll();
      runFrames(1);
    }
    expect(parts.map(({ drawn }) => drawn)).toEqual([3, 3, 3]);
  });

  test('while the user scrolls, only parts that were never drawn are drawn', () => {
    const { parts, schedule, runFrames, wait } = scheduleOf([true, true]);
    parts[1].isNew = false;
    schedule.scrolled();
    schedule.markAll();
    runFrames(3);
    expect(parts.map(({ drawn }) => drawn)).toEqual([1, 0]);
    wait(200);
    runFrames(3);
    expect(parts.map(({ drawn }) => drawn)).toEqual([1, 1]);
  });

  test('many marks ask for one frame', () => {
    const { schedule, frames } = scheduleOf([true]);
    for (let mark = 0; mark < 100; mark += 1) schedule.markAll();
    expect(frames.length).toBe(1);
  });
});

describe('colours and numbers', () => {
  test('a name keeps its colour, and groups do not disturb each other', () => {
    const palette = new Palette();
    const colours = ['a', 'b', 'a'].map((name) => palette.colour('model', name));
    expect([...colours, palette.colour('project', 'z'), palette.colour('model', 'a')]).toEqual([0, 1, 0, 0, 0]);
    for (let index = 0; index < 50; index += 1) expect(palette.colour('model', `m${index}`)).toBeLessThan(COLOURS);
  });

  test.each([
    ['en', 12.5, '{USD}', '$12.50'], ['en', 0.0123, '{USD}', '$0.0123'], ['zh-TW', 12.5, '{USD}', '$12.50'],
    ['en', 0.931, '1', '93.1%'], ['en', 42, '%', '42%'], ['en', 0.25, 's', '250 ms'], ['en', 12.34, 's', '12.3 s'],
    ['en', 1234567, '{token}', '1,234,567'], ['en', Number.NaN, '1', '–'],
  ])('in %s, %d %s is %s', (language, value, unit, expected) => {
    expect(new Format(language).value(value, unit)).toBe(expected);
  });

  test('large numbers are short on cards', () => {
    expect([new Format('en').short(73_512_345, '{token}'), new Format('zh-TW').short(73_512_345, '{token}'), new Format('en').short(999)]).toEqual(['73.5M', '7351萬', '999']);
  });

  test.each([[30_000, '30 seconds'], [900_000, '15 minutes'], [7_200_000, '2 hours'], [86_400_000, '1 day']])('%d ms is %s', (duration, expected) => {
    expect(new Format('en').duration(duration)).toBe(expected);
  });
});

describe('privacy', () => {
  const known = { tier: 1, names: 'known', resource: { team: 'a', 'service.name': 'ccxray' }, attributes: ['model'], metrics: ['m'], requests: [], limits: [], decisions: [{ kind: 'tool', name: 'Own', sent: 'custom', reason: 'not_in_catalog' }] };
  const named = { ...known, tier: 2, names: 'known', resource: { ...known.resource, team: 'b', 'enduser.id': 'me' }, attributes: ['model', 'user'], decisions: [{ kind: 'tool', name: 'Own', sent: 'Own', reason: 'tier' }] };
  const variants = [{ tier: 0, requests: [] }, known, { ...known, names: 'all' }, named];

  test('another tier shows what is added and changed', () => {
    const { resource, attributes, names, counts } = compare(known, variantOf(variants, { tier: 2, names: 'all' }));
    expect(resource).toEqual([{ key: 'team', value: 'b', before: 'a', mark: 'changed' }, { key: 'service.name', value: 'ccxray', mark: 'same' }, { key: 'enduser.id', value: 'me', mark: 'added' }]);
    expect(attributes).toEqual([{ value: 'model', mark: 'same' }, { value: 'user', mark: 'added' }]);
    expect(names).toEqual([{ kind: 'tool', name: 'Own', before: 'custom', after: 'Own' }]);
    expect(counts).toEqual({ added: 2, withheld: 0, replaced: 2 });
  });

  test('tier 0 withholds everything', () => {
    const { counts, names } = compare(known, variantOf(variants, { tier: 0, names: 'known' }));
    expect([counts, names]).toEqual([{ added: 0, withheld: 4, replaced: 0 }, []]);
  });

  test('the same setting has no marks', () => {
    expect(compare(known, variantOf(variants, { tier: 1, names: 'known' })).counts).toEqual({ added: 0, withheld: 0, replaced: 0 });
  });

  test('a request is readable by metric', () => {
    const attributes = [{ key: 'model', value: { stringValue: 'a' } }, { key: 'x', value: { boolValue: true } }];
    const request = JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', unit: 's', description: 'd', sum: { dataPoints: [{ attributes, asInt: '5' }] } }, { name: 'h', histogram: { dataPoints: [{ attributes: [], count: '2', sum: 1.5 }] } }] }] }] });
    expect(metricsOf([request])).toEqual([
      { name: 'm', unit: 's', description: 'd', points: [{ attributes: 'model=a, x=true', value: '5' }] },
      { name: 'h', unit: '', description: '', points: [{ attributes: '', value: 'count 2, sum 1.5' }] },
    ]);
    expect(JSON.parse(pretty(request))).toEqual(JSON.parse(request));
  });
});

describe('bundle', () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-page-'));
  let files;

  beforeAll(() => {
    build({ directory });
    files = Object.fromEntries(fs.readdirSync(directory).map((name) => [name, fs.readFileSync(path.join(directory, name), 'utf8')]));
  });

  afterAll(() => fs.rmSync(directory, { recursive: true }));

  test('it has three files, and the licence of uPlot', () => {
    expect(Object.keys(files).toSorted?.() ?? Object.keys(files)).toEqual(['app.css', 'app.js', 'index.html']);
    expect(files['app.js']).toMatch(/Leon Sorokin[\s\S]*MIT Licensed/);
  });

  test('it loads nothing from elsewhere, and has no inline script or style', () => {
    const addresses = Object.values(files).flatMap((text) => text.match(/https?:\/\/[^\s"'`)]+/g) ?? []);
    expect(addresses.filter((address) => !/^http:\/\/www\.w3\.org\/|^https:\/\/github\.com\/leeoniya\/uPlot/.test(address))).toEqual([]);
    expect(files['index.html']).not.toMatch(/style=|<style|<script(?![^>]*src=)|\son\w+=/);
    expect(files['app.js']).not.toMatch(/\beval\(|new Function\(/);
  });
});

function listenerOf(seen) {
  return Object.fromEntries(['onHello', 'onStore', 'onPoints', 'onState', 'onConnection'].map((name) => [name, (value) => seen.push([name, value])]));
}

function scheduleOf(visible, drawMs = 0) {
  let time = 1000;
  const frames = [];
  const parts = visible.map((isVisible) => ({
    isVisible, isStale: false, isNew: true, drawn: 0,
    draw() {
      this.drawn += 1;
      time += drawMs;
    },
  }));
  const schedule = new Schedule(parts, { requestFrame: (callback) => frames.push(callback), readMs: () => time });
  return {
    parts, schedule, frames,
    wait(milliseconds) { time += milliseconds; },
    runFrames(count) {
      for (let frame = 0; frame < count; frame += 1) {
        frames.shift()?.();
        time += 16;
      }
    },
  };
}
