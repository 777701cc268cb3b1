'use strict';

const { startReceiver } = require('../../testkit/receiver/receiver');
const addon = require('../..');
const { run } = require('../../testkit/process/run');
const { on } = require('../../testkit/notice');
const { ENTRIES, GIANTS } = require('../../testkit/entries/every-kind');
const { projects } = require('../../testkit/scratch/projects');
const { sumOf, TURNS } = require('../../testkit/entries/turn');
const { eventually } = require('../../testkit/waiting');

jest.setTimeout(60_000);

const ENTRY_COUNT = 20_000;
/** The queue's 64 MiB, a giant of 50 MB with what it takes to read it, and Node's own heaps of three threads. */
const RSS_LIMIT = 600 * 1024 * 1024;

const { home, switchedOn } = projects();

describe('each kind of entry has one fate', () => {
  let receiver;

  beforeAll(async () => {
    receiver = await startReceiver();
    await addon.shutdown(1);
    addon.init(switchedOn(receiver.endpoint));
  });

  afterAll(async () => {
    await addon.shutdown();
    await receiver.close();
  });

  test.each(ENTRIES.map(({ name, fate, make, parts }) => [name, fate, make, parts]))('%s is %s', async (_, fate, make, parts) => {
    const before = addon.status().entries;
    expect(addon.record(make(), parts?.())).toBe(true);
    const after = await eventually(() => addon.status().entries, ({ queued }) => queued === 0);
    const dropped = { ...before.dropped, ...(fate === 'processed' ? {} : { [fate]: before.dropped[fate] + 1 }) };
    const processed = before.processed + (fate === 'processed' ? 1 : 0);
    expect(after).toEqual({ ...before, accepted: before.accepted + 1, processed, dropped, queued: 0, queuedBytes: 0 });
  });

  test('and the backend hears of all of them', async () => {
    expect(await addon.flush()).toBe(true);
    const { processed, dropped } = addon.status().entries;
    const series = receiver.series();
    expect(sumOf(series, TURNS)).toBe(processed);
    expect(sumOf(series, 'ccxray.otel.entries_dropped_total', { reason: 'malformed' })).toBe(dropped.malformed);
    expect(series.filter((one) => !Number.isFinite(one.value ?? one.sum))).toEqual([]);
    expect(series.filter(({ kind, value }) => kind === 'counter' && value < 0)).toEqual([]);
  });
});

describe(`${ENTRY_COUNT} entries from three threads at once`, () => {
  let receiver;
  let seen;

  beforeAll(async () => {
    receiver = await startReceiver();
    const { code, stdout, stderr } = await run('children/conservation.js', [receiver.endpoint, home, String(ENTRY_COUNT)], { withinMs: 50_000 });
    expect({ code, stderr }).toEqual({ code: 0, stderr: on(receiver.endpoint) });
    seen = JSON.parse(stdout);
  });

  afterAll(() => receiver.close());

  test('are accounted for at every look', () => {
    expect(seen.producers.flatMap(({ wrong }) => wrong)).toEqual([]);
    expect(sum(seen.producers, 'checks')).toBeGreaterThanOrEqual(ENTRY_COUNT);
  });

  test('are all counted in the end, and nothing waits', () => {
    const { final, producers, flushed } = seen;
    expect(flushed).toBe(true);
    expect(final).toMatchObject({ queued: 0, queuedBytes: 0, accepted: sum(producers, 'recorded') + GIANTS.length, rejected: sum(producers, 'garbage') });
    expect(final.processed + Object.values(final.dropped).reduce((all, one) => all + one, 0)).toBe(final.accepted);
    expect(final.dropped).toMatchObject({ panic: 0, shutdown: 0, project_off: 0, project_limit: 0 });
    expect(final.dropped.malformed).toBeGreaterThan(0);
  });

  test('are as many turns at the backend as were processed', () => {
    expect(sumOf(receiver.series(), TURNS)).toBe(seen.final.processed);
    for (const [reason, count] of Object.entries(seen.final.dropped)) {
      expect({ reason, count: sumOf(receiver.series(), 'ccxray.otel.entries_dropped_total', { reason }) }).toEqual({ reason, count });
    }
  });

  test('and giants have one fate each', () => {
    expect(seen.giants.map(({ name, fate }) => [name, fate])).toEqual(GIANTS.map(({ name, fate }) => [name, fate]));
  });

  test('keep the memory of the process within bounds', () => {
    const most = Math.max(...seen.producers.map(({ maxRss }) => maxRss), ...seen.giants.map(({ rss }) => rss));
    expect(most - seen.startRss).toBeLessThan(RSS_LIMIT);
  });
});

function sum(producers, field) {
  return producers.reduce((all, producer) => all + producer[field], 0);
}
