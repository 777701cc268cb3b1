'use strict';

// Values at their ends, through the whole addon: what is beyond its bound is not sent, and the turn is marked.

const addon = require('../..');
const { startReceiver } = require('../../testkit/receiver/receiver');
const { projects } = require('../../testkit/scratch/projects');
const { sumOf, turn, TURNS } = require('../../testkit/entries/turn');

const { switchedOn } = projects();
const DAY_SECONDS = 86_400;
const YEAR_2026_MS = 1_787_205_801_000;

const usage = (input) => ({ input_tokens: input, output_tokens: 1, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 });
const calls = (names, count) => Object.fromEntries(Array.from({ length: names }, (_, at) => [`tool_${at}`, count]));
const events = (at) => ({
  response: JSON.stringify([
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'x' }, _ts: at },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 }, _ts: at },
    { type: 'message_stop', _ts: at },
  ]),
});
/** An entry with a text in place of the string `"RAW"`, for what `JSON.stringify` cannot write. */
const raw = (fields, text) => turn(fields).replace('"RAW"', text);

/** Each value that is refused: the metric that does not get it, and what it still gets. */
const REFUSED = [
  ['too many calls of one tool', 'ccxray.tool.invocations_total', 0, turn({ turnToolCalls: { Bash: 9e15 } })],
  ['too many calls of many tools', 'ccxray.tool.invocations_total', 0, turn({ turnToolCalls: calls(10_000, 10_000) })],
  ['one call more than the bound', 'ccxray.tool.invocations_total', 0, turn({ turnToolCalls: { Bash: 10_000, Read: 1 } })],
  ['a negative number of calls', 'ccxray.tool.invocations_total', 2, turn({ turnToolCalls: { Bash: -1, Read: 2 } })],
  ['a name of 100 KB', 'ccxray.tool.invocations_total', 2, turn({ turnToolCalls: { ['n'.repeat(100_000)]: 2 } })],
  ['a duration of a million years', 'ccxray.request.duration', 0, turn({ elapsed: '1e18' })],
  ['a negative duration', 'ccxray.request.duration', 0, turn({ elapsed: '-1' })],
  ['an arrival in 1970', 'ccxray.request.duration', 0, turn({ receivedAt: 5000 }), events(YEAR_2026_MS)],
  ['an event at the end of all counts', 'ccxray.request.duration', 0, turn(), events(9e15)],
  ['an event before the arrival', 'ccxray.request.time_to_first_token', 0, turn(), events(1)],
  ['a window of one token', 'ccxray.context.utilization_pct', 0, turn({ maxContext: 1, usage: usage(1e9) })],
  ['a window beyond a billion', 'ccxray.context.utilization_pct', 0, turn({ maxContext: 1e12 })],
  ['tokens beyond a double', 'ccxray.tokens.input_total', 0, raw({ usage: usage('RAW') }, '1e400')],
  ['a duration given twice', 'ccxray.request.duration', 0, raw({ elapsed: 'RAW' }, '"1.0","elapsed":"2.0"')],
];

/** Values at their bounds. */
const RECORDED = [
  ['as many calls as there can be', 'ccxray.tool.invocations_total', 10_000, turn({ turnToolCalls: { Bash: 9_999, Read: 1 } })],
  ['a duration of a day', 'ccxray.request.duration', DAY_SECONDS, turn({ elapsed: String(DAY_SECONDS) })],
  ['a window that is filled ten times', 'ccxray.context.utilization_pct', 1000, turn({ maxContext: 100, usage: usage(1000) })],
];

describe('an entry', () => {
  let receiver;
  beforeEach(async () => {
    await addon.shutdown(1);
    receiver = await startReceiver();
    addon.init(switchedOn(receiver.endpoint));
  });
  afterEach(async () => {
    await addon.shutdown();
    await receiver.close();
  });

  /** The sum of a metric, or of a histogram's values, after one entry; and the numbers of turns and marked turns. */
  async function recorded(metric, entry, parts) {
    expect(addon.record(entry, parts)).toBe(true);
    expect(await addon.flush()).toBe(true);
    const series = receiver.series();
    const sums = series.filter((one) => one.metric === metric).map((one) => one.sum ?? one.value);
    const marked = sumOf(series, TURNS, { 'ccxray.parser.degraded': true });
    return { sum: sums.reduce((sum, value) => sum + value, 0), turns: sumOf(series, TURNS), marked };
  }

  test.each(REFUSED.map(([name, ...row]) => [name, row]))('with %s counts without it and is marked', async (_, [metric, sum, entry, parts]) => {
    expect(await recorded(metric, entry, parts)).toEqual({ sum, turns: 1, marked: 1 });
  });

  test.each(RECORDED.map(([name, ...row]) => [name, row]))('with %s is recorded in full', async (_, [metric, sum, entry]) => {
    expect(await recorded(metric, entry)).toEqual({ sum, turns: 1, marked: 0 });
  });

  test('with 64 KB of counts costs no memory', async () => {
    const entry = turn({ turnToolCalls: calls(3_000, 10_000) });
    const before = process.memoryUsage.rss();
    for (let at = 0; at < 20; at += 1) expect(addon.record(entry)).toBe(true);
    expect(await addon.flush()).toBe(true);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024);
  });
});
