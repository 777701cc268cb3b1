'use strict';

const { stage } = require('../../testkit/faults/stage');
const { trial } = require('../../testkit/faults/trial');
const { METRICS } = require('../../testkit/faults/turns');

const on = stage();
const { collector, beside } = on;

const MIB = 1024 * 1024;
/** For minutes: `LOAD_SECONDS=180 npx jest reliability/load`. The circuit opens, tries and opens again meanwhile. */
const LONG_MS = Number(process.env.LOAD_SECONDS ?? 0) * 1000;
/** What may wait, and what may be taken out of the queue or put into it at the moment of a look. */
const QUEUE = { entries: 2048 + 1, bytes: (64 + 2) * MIB };
/** Memory that grew to that while Node and the worker were at it. */
const GROWTH = (64 + 64) * MIB;

describe('with a collector that hangs the queue holds its bounds, memory stays, and every drop is counted', () => {
  /** Each with the least that a slow machine must have made of it. */
  const loads = [
    ['200 turns of half a megabyte a second', { perSecond: 200, bytes: 500_000, forMs: 8000 }, 800],
    ['10,000 small turns a second', { perSecond: 10_000, bytes: 600, forMs: 5000 }, 10_000],
    ['5000 small turns at once, again and again', { perSecond: 10_000, bytes: 600, forMs: 5000, atOnce: 5000 }, 10_000],
  ];

  test.each(loads)('under %s', async (_, usual, least) => {
    const load = LONG_MS ? { ...usual, forMs: LONG_MS } : usual;
    const backend = await collector();
    let book;
    const { status, ending } = await trial(on, {
      endpoint: backend.endpoint,
      expected: LONG_MS
        ? { state: expect.stringMatching(/^(circuit_open|half_open)$/), exports: { lastError: 'no answer in time' } }
        : { state: 'circuit_open', exports: { failed: 5, lastError: 'no answer in time' } },
      transitions: LONG_MS ? null : ['disabled', 'active', 'circuit_open'],
      classes: ['timeout'],
      growth: GROWTH,
      // While it makes up thousands of turns at once a host answers nobody, and the two do so at different moments.
      slackMs: load.atOnce ? 500 : 100,
      loses: true,
      async usual(running) {
        const { made } = await running.ask('drive', { ...load, forMs: 1500 });
        expect(await running.flush(5000)).toEqual([true]);
        return made;
      },
      async trouble(running) {
        await backend.become('hangs');
        const beginning = running.ask('drive', load);
        const [driven] = await Promise.all([beginning, beside.off.ask('drive', load), running.flush(250, 7)]);
        book = driven;
        return driven.made;
      },
      after: () => backend.become('well'),
    });
    expect(book.made).toBeGreaterThan(least);
    if (LONG_MS) process.stderr.write(`${JSON.stringify(book)} ${JSON.stringify(status.entries)}\n`);
    expect(book.looks).toBeGreaterThan(100);
    expect(book.wrong).toEqual([]);
    expect(book.maxQueued).toBeLessThanOrEqual(QUEUE.entries);
    expect(book.maxQueuedBytes).toBeLessThanOrEqual(QUEUE.bytes);

    const { entries } = ending.final.status;
    const { queue_full, queue_bytes, ...others } = entries.dropped;
    expect(Object.entries(others).filter(([, count]) => count > 0)).toEqual([]);
    // So much at once does not fit.
    if (load.atOnce) expect(queue_full).toBeGreaterThan(0);
    expect(status.lastHour.lost).toBe(status.entries.dropped.queue_full + status.entries.dropped.queue_bytes);
    expect(backend.sum(METRICS.turns)).toBe(entries.processed);
    for (const [reason, count] of Object.entries({ queue_full, queue_bytes })) {
      expect({ reason, count: backend.sum('ccxray.otel.entries_dropped_total', { reason }) }).toEqual({ reason, count });
    }
  }, 30_000 + 2 * LONG_MS);
});
