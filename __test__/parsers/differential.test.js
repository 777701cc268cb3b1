'use strict';

const fc = require('fast-check');

const { FAMILIES } = require('../../demo/otlp/families');
const { read } = require('../../testkit/reference/catalog');
const { Addon } = require('../../testkit/differential/addon');
const { kindsOf, KINDS } = require('../../testkit/differential/kinds');
const { recordsOf } = require('../../testkit/differential/records');
const { reportOf } = require('../../testkit/differential/report');
const { smallest } = require('../../testkit/differential/shrink');
const { Reference, referenceTotals } = require('../../testkit/reference');

/** How many entries each seed gives, on all wires and in parallel sessions. */
const COUNT = 6000;
/** The seeds, from 1 on. */
const SEEDS = Array.from({ length: Number(process.env.DIFFERENTIAL_SEEDS ?? 1) }, (_, i) => i + 1);

describe('the addon and the reference implementation', () => {
  let addon;
  beforeAll(() => {
    addon = new Addon();
  });
  afterAll(() => addon.stop());

  test.each(SEEDS)(`agree on all series of the ${COUNT} entries of seed %d`, async (seed) => {
    expectNothing(await reportOf(recordsOf({ seed, count: COUNT }), addon));
  }, 300_000);

  test.each(SEEDS)('agree on each session of seed %d alone', async (seed) => {
    for (const records of bySession(recordsOf({ seed, count: COUNT }))) expectNothing(await reportOf(records, addon));
  }, 300_000);

  test('show the one entry on which they disagree', async () => {
    const records = recordsOf({ seed: 7, count: 400 });
    const report = await reportOf(records, addon, (part) => referenceTotals(part.map(misread)));
    expect(report).toMatch(/^ccxray\.max_tokens_hit_total \{"model":"[^"]+"\}: reference \d+, addon \d+$/m);
    expect(report).toMatch(/^smallest case of ccxray\.max_tokens_hit_total .*: 1 of 400 entries$/m);
    expect(report).toMatch(/"stopReason":"max_tokens"/);
  }, 60_000);
});

describe('the generated entries', () => {
  const records = recordsOf({ seed: 1, count: COUNT });
  const reference = new Reference();
  for (const record of records) reference.add(record);
  const { counters, histograms, gauges } = reference.totals;
  const counts = kindsOf(records);

  test('depend on the seed only', () => {
    expect(textOf(3)).toBe(textOf(3));
    expect(textOf(3)).not.toBe(textOf(4));
  });

  test('feed every metric of turns', () => {
    const fed = new Set([...positive(counters), ...positive(gauges), ...positive(histograms, ({ count }) => count)]);
    const metrics = FAMILIES.filter(({ family }) => family !== 'health').flatMap((family) => family.metrics);
    expect(metrics.filter((metric) => !fed.has(metric))).toEqual([]);
  });

  test.each([
    ['ccxray.parser.fallback_used_total', 'parser', [
      'agent_type', 'error_type', 'model', 'permission_mode', 'provider', 'response', 'stop_reason', 'time', 'tool_input', 'tools',
      'usage', 'websocket',
    ]],
    ['ccxray.parser.fallback_used_total', 'reason', ['no_response', 'not_reported', 'opaque_response', 'out_of_bounds', 'unknown_kind', 'unknown_value']],
    ['ccxray.parser.error_total', 'parser', ['entry', 'request', 'response']],
    ['ccxray.parser.reconciliation_mismatch_total', 'type', ['cost', 'token_sum', 'tool_count']],
    ['ccxray.invariants.parser_mismatch_total', 'type', ['cost', 'token_sum', 'tool_count']],
    ['ccxray.parser.unknown_tool_total', 'provider', ['anthropic', 'openai', 'xai']],
    ['ccxray.parser.unknown_skill_marker_total', 'provider', ['anthropic']],
    ['ccxray.invariants.sse_truncated_total', 'provider', ['anthropic', 'openai', 'xai']],
    ['ccxray.provider.distribution_total', 'ccxray.parser.degraded', ['true', undefined]],
    ['ccxray.auto_compact.triggered_total', 'trigger', ['auto', 'manual', 'unknown']],
    ['ccxray.tokens.cache_creation_total', 'ttl', ['1h', '5m', 'unknown']],
    ['ccxray.dangerous_tool.invocations_total', 'pattern', sorted(new Set(read('dangerous-patterns').patterns.map(({ is }) => is)))],
  ])('have in %s every %s', (metric, attribute, values) => {
    const seen = Array.from(counters.get(metric).keys(), (labels) => JSON.parse(labels)[attribute]);
    expect(sorted(new Set(seen))).toEqual(values);
  });

  test.each(KINDS)('have %s several times', (kind) => {
    expect(counts.get(kind)).toBeGreaterThan(4);
  });

  test('have unknown names of every kind on every wire', () => {
    const seen = new Set(reference.drift.map(({ category, provider }) => `${category} ${provider}`));
    const everywhere = ['error_type', 'mcp_format', 'model', 'stop_reason', 'tool', 'wire'].flatMap((category) => [
      `${category} anthropic`, `${category} openai`, `${category} xai`,
    ]);
    expect(sorted(seen)).toEqual(sorted([
      ...everywhere, 'agent_type anthropic', 'agent_type openai', 'permission_mode openai', 'provider xai', 'skill_marker anthropic',
      'tool_input anthropic', 'tool_input openai',
    ]));
  });

  test('are whole entries or lines with parts', () => {
    const whole = records.filter(({ line, parts }) => parts.response === undefined && line.includes('"res"'));
    const inParts = records.filter(({ parts }) => parts.response !== undefined && parts.request !== undefined);
    expect(whole.length).toBeGreaterThan(COUNT / 4);
    expect(inParts.length).toBeGreaterThan(COUNT / 4);
  });
});

describe('the smallest case', () => {
  const records = Array.from({ length: 40 }, (_, number) => ({ number, session: number % 4 }));
  const found = async (wanted) => {
    const holds = async (part) => wanted.every((number) => part.some((record) => record.number === number));
    return (await smallest(records, holds)).map(({ number }) => number);
  };

  test.each([
    ['one entry', [17]],
    ['two entries of a session', [5, 33]],
    ['three entries of several sessions', [2, 3, 36]],
  ])('is found if it needs %s', async (_, wanted) => {
    expect(await found(wanted)).toEqual(wanted);
  });

  test('is exactly the necessary entries', async () => {
    const anyEntries = fc.subarray(records.map(({ number }) => number), { minLength: 1 });
    await fc.assert(fc.asyncProperty(anyEntries, async (wanted) => {
      expect(await found(wanted)).toEqual(wanted);
    }));
  });

  test('has no superfluous entry', async () => {
    expect(await smallest(records, async (part) => part.length >= 30)).toHaveLength(30);
  });
});

/** The entry as a faulty reference reads it: with another stop reason. */
function misread({ line, parts }) {
  return { line: line.replace('"stopReason":"max_tokens"', '"stopReason":"end_turn"'), parts };
}

function textOf(seed) {
  return JSON.stringify(recordsOf({ seed, count: 100 }));
}

/** Fails with the report alone. */
function expectNothing(report) {
  if (report !== '') throw new Error(report);
}

function bySession(records) {
  return Array.from(new Set(records.map(({ session }) => session)), (number) => records.filter(({ session }) => session === number));
}

function positive(family, value = Number) {
  return Array.from(family).filter(([, series]) => Array.from(series.values(), value).some((one) => one > 0)).map(([metric]) => metric);
}

function sorted(values) {
  const copy = Array.from(values);
  copy.sort();
  return copy;
}
