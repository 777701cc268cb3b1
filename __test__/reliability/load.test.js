'use strict';

const { faultLab } = require('../../testkit/faults/lab');
const { trial } = require('../../testkit/faults/trial');
const { METRICS } = require('../../testkit/faults/turns');

const lab = faultLab();
const { collector, baseline } = lab;

const MIB = 1024 * 1024;
/** For a longer run: `LOAD_SECONDS=180 npx jest reliability/load`. The circuit then opens several times. */
const LONG_MS = Number(process.env.LOAD_SECONDS ?? 0) * 1000;
/** The bounds of the queue, and an entry that may be on its way in or out during a check. */
const QUEUE = { entries: 2048 + 1, bytes: (64 + 2) * MIB };
/** The bounds of the queue, and memory of Node and of the worker. */
const GROWTH = (64 + 64) * MIB;

describe('while a collector hangs, queue and memory are bounded', () => {
  /** Each with the least number of turns that a slow machine must make. */
  const loads = [
    ['200 turns of half a megabyte a second', { perSecond: 200, bytes: 500_000, forMs: 8000 }, 800],
    ['10,000 small turns a second', { perSecond: 10_000, bytes: 600, forMs: 5000 }, 10_000],
    ['5000 small turns at once, again and again', { perSecond: 10_000, bytes: 600, forMs: 5000, atOnce: 5000 }, 10_000],
  ];

  test.each(loads)('under %s', async (_, short, least) => {
    const load = LONG_MS ? { ...short, forMs: LONG_MS } : short;
    const backend = await collector();
    let counts;
    const { status, ending } = await trial(lab, {
      endpoint: backend.endpoint,
      expected: LONG_MS
        ? { state: expect.stringMatching(/^(circuit_open|half_open)$/), exports: { lastError: 'no answer in time' } }
        : { state: 'circuit_open', exports: { failed: 5, lastError: 'no answer in time' } },
      transitions: LONG_MS ? null : ['disabled', 'active', 'circuit_open'],
      classes: ['timeout'],
      growth: GROWTH,
      // A host answers no request while it makes thousands of turns, and the two hosts do so at different times.
      slackMs: load.atOnce ? 500 : 100,
      loses: true,
      async before(running) {
        const { made } = await running.send('drive', { ...load, forMs: 1500 });
        expect(await running.flush(5000)).toEqual([true]);
        return made;
      },
      async trouble(running) {
        await backend.setFault('hangs');
        const driving = running.send('drive', load);
        const [driven] = await Promise.all([driving, baseline.off.send('drive', load), running.flush(250, 7)]);
        counts = driven;
        return driven.made;
      },
      after: () => backend.setFault('healthy'),
    });
    expect(counts.made).toBeGreaterThan(least);
    if (LONG_MS) process.stderr.write(`${JSON.stringify(counts)} ${JSON.stringify(status.entries)}\n`);
    expect(counts.checks).toBeGreaterThan(100);
    expect(counts.wrong).toEqual([]);
    expect(counts.maxQueued).toBeLessThanOrEqual(QUEUE.entries);
    expect(counts.maxQueuedBytes).toBeLessThanOrEqual(QUEUE.bytes);

    const { entries } = ending.final.status;
    const { queue_full, queue_bytes, ...others } = entries.dropped;
    expect(Object.entries(others).filter(([, count]) => count > 0)).toEqual([]);
    // A burst of 5000 entries does not fit into the queue.
    if (load.atOnce) expect(queue_full).toBeGreaterThan(0);
    expect(status.lastHour.lost).toBe(status.entries.dropped.queue_full + status.entries.dropped.queue_bytes);
    expect(backend.sum(METRICS.turns)).toBe(entries.processed);
    for (const [reason, count] of Object.entries({ queue_full, queue_bytes })) {
      expect({ reason, count: backend.sum('ccxray.otel.entries_dropped_total', { reason }) }).toEqual({ reason, count });
    }
  }, 30_000 + 2 * LONG_MS);
});
