'use strict';

const { amount, codex, degraded, entry, referenceOf } = require('../../testkit/entries/minimal');

const MODEL = { model: 'claude-opus-5', provider: 'anthropic' };
const RATES = { input: 5, output: 25, cache_create: 6.25, cache_read: 0.5 };
const stop = { type: 'message_stop' };

/** The tokens `[input, output, read, written]` that the reference implementation counts for a model. */
function tokensOf(reference, who) {
  const kinds = ['input', 'output', 'cache_read'].map((kind) => amount(reference, `ccxray.tokens.${kind}_total`, who));
  const written = ['5m', '1h', 'unknown'].map((ttl) => amount(reference, 'ccxray.tokens.cache_creation_total', { ...who, ttl }));
  return [...kinds, written.reduce((sum, count) => sum + count)];
}

function counts(input, output, read, written) {
  return { input_tokens: input, output_tokens: output, cache_read_input_tokens: read, cache_creation_input_tokens: written };
}

function stream(first, ...later) {
  return [{ type: 'message_start', message: { usage: first } }, ...later.map((usage) => ({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage })), stop];
}

function body(usage) {
  return { status: 'completed', output: [], usage };
}

function mismatches(reference, type) {
  return amount(reference, 'ccxray.parser.reconciliation_mismatch_total', { type });
}

describe('the exported tokens of a Messages stream', () => {
  const start = counts(1000, 3, 200, 100);
  const noted = counts(1000, 50, 200, 100);
  const rounds = (...iterations) => ({ ...counts(2, 50, 0, 0), iterations });

  test.each([
    ['are those at its beginning, with the last output', stream(start, { output_tokens: 50 }), [1000, 50, 200, 100]],
    ['grow while it runs', stream(start, { output_tokens: 20 }, counts(4000, 50, 300, 100)), [4000, 50, 300, 100]],
    ['are not taken back by zeros', stream(start, counts(0, 50, 0, 0)), [1000, 50, 200, 100]],
    ['may begin at zero', stream(counts(0, 0, 0, 0), counts(4000, 50, 300, 100)), [4000, 50, 300, 100]],
    ['may stand in the last event', [...stream(start, {}).slice(0, -1), { ...stop, usage: counts(4000, 50, 300, 100) }], [4000, 50, 300, 100]],
    ['are not nulls, texts, fractions or negative', stream(start, { ...counts(null, 50, -1, 1.5), total_tokens: 'x' }), [1000, 50, 200, 100]],
    ['are the placeholder without another output', stream(start), [1000, 3, 200, 100]],
    ['are ccxray\'s if the stream has no end', stream(start, counts(4000, 70, 300, 100)).slice(0, -1), [1000, 50, 200, 100]],
    ['are ccxray\'s without a response', undefined, [1000, 50, 200, 100]],
    ['are ccxray\'s where the response has none', stream({ input_tokens: 4000 }, { output_tokens: 50 }), [4000, 50, 200, 100]],
    ['are the sum of the rounds', stream(start, rounds({ type: 'compaction', ...counts(900, 30, 0, 5) }, { type: 'message', ...counts(2, 50, 7, 0) })), [902, 80, 7, 5]],
    ['are those beside rounds without counts', stream(start, { ...counts(900, 60, 0, 5), iterations: [null, 'x', { type: 'message' }, { input_tokens: '9' }] }), [900, 60, 200, 5]],
    ['are the sum of the own rounds', stream(start, rounds({ ...counts(5, 50, 0, 0) }, { model: 'claude-sonnet-5', ...counts(900, 30, 0, 0) })), [5, 50, 0, 0]],
  ])('%s', (_, res, expected) => {
    expect(tokensOf(referenceOf([entry({ usage: noted, isSSE: true, res })]), MODEL)).toEqual(expected);
  });

  test('of another model count under its name, without a price', () => {
    const res = stream(start, rounds(counts(5, 50, 0, 0), { model: 'claude-sonnet-5', ...counts(900, 30, 7, 2) }, { model: 'acme', ...counts(1, 0, 0, 0) }));
    const reference = referenceOf([entry({ usage: counts(5, 50, 0, 0), res })]);
    const other = { ...MODEL, model: 'claude-sonnet-5' };
    expect(tokensOf(reference, other)).toEqual([900, 30, 7, 2]);
    expect(amount(reference, 'ccxray.cost.unpriced_total', other)).toBe(1);
    expect(amount(reference, 'ccxray.parser.fallback_used_total', { parser: 'model', reason: 'unknown_value' })).toBe(1);
    expect(mismatches(reference, 'token_sum')).toBe(1);
  });

  test('of ten other models count for eight of them', () => {
    const iterations = Array.from({ length: 10 }, (_, i) => ({ model: `acme-${i}`, ...counts(1, 0, 0, 0) }));
    const reference = referenceOf([entry({ usage: noted, res: stream(start, { ...noted, iterations }) })]);
    expect(tokensOf(reference, { ...MODEL, model: 'other' })[0]).toBe(8);
  });

  test('fill the context by the last round', () => {
    const res = stream(start, rounds({ type: 'compaction', ...counts(90_000, 30, 0, 0) }, { type: 'message', ...counts(2000, 50, 18_000, 0) }));
    const { histograms } = referenceOf([entry({ usage: noted, maxContext: 200_000, res })]).totals;
    expect(histograms.get('ccxray.context.utilization_pct').get('{}')).toEqual({ count: 1, sum: 10 });
  });

  test('have a lifetime if a split adds up to them', () => {
    const split = { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 100 };
    const reference = referenceOf([entry({ usage: { ...noted, cache_creation: split }, res: stream(start, noted) })]);
    expect(amount(reference, 'ccxray.tokens.cache_creation_total', { ...MODEL, ttl: '1h' })).toBe(100);
  });
});

describe('the exported tokens of the Responses wire', () => {
  const model = { model: 'gpt-5.5', provider: 'openai' };

  test.each([
    ['are without the cached part', { res: body({ input_tokens: 100, output_tokens: 5, input_tokens_details: { cached_tokens: 60 } }) }, [40, 5, 60, 0]],
    ['are without cache writes', { res: body({ input_tokens: 100, output_tokens: 5, input_tokens_details: { cached_tokens: 10, cache_write_tokens: 60 } }) }, [30, 5, 10, 60]],
    ['are whole if the cached part is larger', { res: body({ input_tokens: 100, output_tokens: 5, input_tokens_details: { cached_tokens: 130 } }) }, [100, 5, 130, 0]],
    ['may have the names of chat completions', { res: body({ prompt_tokens: 100, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 60 } }) }, [40, 5, 60, 0]],
    ['are in the last event, whatever its name is', { res: [{ type: 'response.done', response: body({ input_tokens: 100, output_tokens: 5 }) }] }, [100, 5, 0, 0]],
    ['are ccxray\'s without a response', { usage: counts(40, 5, 60, 0) }, [40, 5, 60, 0]],
    ['are ccxray\'s without cache writes', { usage: { ...counts(90, 5, 10, 0), input_tokens_details: { cached_tokens: 10, cache_write_tokens: 60 } } }, [30, 5, 10, 60]],
    ['are those of an older ccxray without the cached part', { usage: { input_tokens: 100, output_tokens: 5, input_tokens_details: { cached_tokens: 60 } } }, [40, 5, 60, 0]],
    ['are ccxray\'s for a mark on a socket', { usage: counts(40, 5, 60, 0), res: [{ type: 'response.completed' }], responseMetadata: { transport: 'websocket' } }, [40, 5, 60, 0]],
    ['are not those of the turn before on a socket', { usage: counts(40, 5, 60, 0), res: [{ type: 'error', error: {} }], responseMetadata: { transport: 'websocket' } }, [0, 0, 0, 0]],
  ])('%s', (_, fields, expected) => {
    expect(tokensOf(referenceOf([entry(codex(fields))]), model)).toEqual(expected);
  });
});

describe('the cost', () => {
  const hour = { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 1000 };

  test.each([
    ['is ccxray\'s if the tokens are', { usage: counts(1000, 100, 0, 0), cost: { cost: 7, rates: RATES } }, 7, 0],
    ['follows the tokens of the response', { usage: counts(1000, 100, 0, 0), cost: { cost: 0.0075, rates: RATES }, res: stream(counts(1000, 3, 0, 0), counts(3000, 200, 0, 0)) }, 0.02, 1],
    ['is unknown for other tokens without rates', { usage: counts(1000, 100, 0, 0), cost: { cost: 0.0075, rates: null }, res: stream(counts(1000, 3, 0, 0), { output_tokens: 200 }) }, 0, 0],
    ['does not use rates that are no amounts', { usage: counts(1000, 100, 0, 0), cost: { cost: 0.0075, rates: { ...RATES, output: -1 } }, res: stream(counts(1000, 3, 0, 0), { output_tokens: 200 }) }, 0, 0],
    ['of writes for an hour is twice the input, if the tokens differ', { usage: { ...counts(0, 1, 0, 1000), cache_creation: hour }, cost: { cost: 0.00625, rates: RATES }, res: stream({ ...counts(0, 1, 0, 1000), cache_creation: hour }, { output_tokens: 2 }) }, 0.01005, 1],
    ['of writes for an hour is ccxray\'s, if the tokens do not', { usage: { ...counts(0, 0, 0, 1000), cache_creation: hour }, cost: { cost: 0.00625, rates: RATES } }, 0.00625, 0],
  ])('%s', (_, fields, usd, differing) => {
    const reference = referenceOf([entry(fields)]);
    expect(amount(reference, 'ccxray.cost.usd_total', MODEL)).toBeCloseTo(usd, 12);
    expect(amount(reference, 'ccxray.cost.unpriced_total', MODEL)).toBe(usd === 0 ? 1 : 0);
    expect(mismatches(reference, 'cost')).toBe(differing);
    expect(degraded(reference)).toBe(0);
  });
});

test.each([1e308, -1])('a cost of %d is beyond any call, so the call has no price', (cost) => {
  const reference = referenceOf([entry({ usage: counts(1000, 100, 0, 0), cost })]);
  expect(amount(reference, 'ccxray.cost.unpriced_total', MODEL)).toBe(1);
});

describe('the token sums differ', () => {
  test.each([
    ['if the response has more', { usage: counts(10, 5, 0, 0), res: stream(counts(10, 1, 0, 0), counts(30, 5, 0, 0)) }, 1],
    ['not for a zero beside nothing', { usage: counts(10, 5, 0, 0), res: stream({ input_tokens: 10 }, { output_tokens: 5 }) }, 0],
    ['not without a complete response', { usage: counts(10, 5, 0, 0), res: stream(counts(10, 1, 0, 0), counts(30, 5, 0, 0)).slice(0, -1) }, 0],
    ['if ccxray has not subtracted cache writes', codex({ usage: counts(100, 5, 0, 0), res: { output: [], usage: { input_tokens: 100, output_tokens: 5, input_tokens_details: { cache_write_tokens: 60 } } } }), 1],
  ])('%s', (_, fields, expected) => {
    expect(mismatches(referenceOf([entry(fields)]), 'token_sum')).toBe(expected);
  });
});
