'use strict';

const fc = require('fast-check');

const { pageModule } = require('../../testkit/browser/page-modules');

const { PRESETS, midnight, midnightAfter, rangeOf } = pageModule('range.js');
const { fragmentOf, parseChoices } = pageModule('address.js');
const { Clock } = pageModule('clock.js');

const NOW = new Date(2026, 10, 15, 13, 37, 42).getTime();

describe('range', () => {
  test.each(Object.keys(PRESETS))('%s ends with the step of now, and has whole steps', (preset) => {
    const { fromMs, toMs, stepMs, times } = rangeOf({ preset }, NOW);
    expect(toMs).toBeGreaterThan(NOW);
    expect(toMs - NOW).toBeLessThanOrEqual(stepMs);
    expect([times[0], times.length]).toEqual([fromMs, Math.ceil((toMs - fromMs) / stepMs)]);
    if (preset !== 'today') expect(Math.abs(toMs - fromMs - PRESETS[preset].durationMs)).toBeLessThanOrEqual(3_600_000);
  });

  test('today begins at midnight', () => {
    expect(rangeOf({ preset: 'today' }, NOW).fromMs).toBe(new Date(2026, 10, 15).getTime());
  });

  test('steps of days begin at midnight', () => {
    const { fromMs, toMs } = rangeOf({ preset: '30d' }, NOW);
    expect([midnight(fromMs), midnight(toMs)]).toEqual([fromMs, toMs]);
  });

  test('an unknown preset is a day', () => {
    expect(rangeOf({ preset: 'x' }, NOW)).toEqual(rangeOf({ preset: '24h' }, NOW));
  });

  test('any two times are covered by at most 101 steps', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 80 * 86_400_000 }), fc.nat(86_400_000), (length, offset) => {
      const from = NOW - offset;
      const { fromMs, toMs, times } = rangeOf({ preset: 'custom', fromMs: from, toMs: from + length }, NOW);
      expect(fromMs).toBeLessThanOrEqual(from);
      expect(toMs).toBeGreaterThanOrEqual(from + length);
      expect(times.length).toBeLessThanOrEqual(102);
    }));
  });

  test('days before today begin at midnight', () => {
    expect(midnightAfter(NOW, -7)).toBe(new Date(2026, 10, 8).getTime());
  });
});

describe('choices', () => {
  const defaults = { language: 'en', theme: 'system', range: { preset: '24h' }, filter: {}, split: { cost: 'model', tokens: 'model' } };

  test('an empty address has the defaults', () => {
    expect(parseChoices('', 'en-GB')).toEqual(defaults);
  });

  test.each([['zh-TW', 'zh-TW'], ['zh-Hant-HK', 'zh-TW'], ['zh-CN', 'en'], ['zh-Hans', 'en'], ['de', 'en']])('a browser in %s gets %s', (preferred, language) => {
    expect(parseChoices('', preferred).language).toBe(language);
  });

  test('unknown values are replaced by defaults', () => {
    expect(parseChoices('#lang=xx&theme=pink&range=constructor', 'en')).toEqual(defaults);
    expect(parseChoices('#range=custom&from=9&to=3', 'en').range).toEqual({ preset: '24h' });
  });

  test('an address restores what was chosen', () => {
    const choices = { language: 'zh-TW', theme: 'dark', range: { preset: 'custom', fromMs: 1000, toMs: 2000 }, filter: { project: '購物車 & co', model: 'a#b' }, split: { cost: 'project', tokens: 'kind' } };
    expect(parseChoices(fragmentOf(choices), 'en')).toEqual(choices);
  });
});

describe('clock', () => {
  test('it runs at its rate between two messages', () => {
    let time = 100;
    const clock = new Clock(() => time);
    clock.set({ nowMs: 5000, rate: 60 });
    time += 500;
    expect(clock.nowMs).toBe(5000 + 30_000);
  });

  test('it stops two seconds after the last message', () => {
    let time = 0;
    const clock = new Clock(() => time);
    clock.set({ nowMs: 0, rate: 1 });
    time = 60_000;
    expect(clock.nowMs).toBe(2000);
  });
});
