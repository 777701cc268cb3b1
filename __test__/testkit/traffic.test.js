'use strict';

const fs = require('node:fs');

const { FAMILIES } = require('../../demo/otlp/families');
const { syntheticDay } = require('../../demo/traffic/day');
const { indexLine } = require('../../demo/traffic/index-line');
const { capturedTurns } = require('../../testkit/fixtures/default-turns');
const { referenceTotals } = require('../../testkit/reference');
const { differences } = require('../../testkit/otlp/totals');

describe('the synthetic day', () => {
  const day = Array.from(syntheticDay());

  test('depends on the seed only', () => {
    expect(dayAsText(7)).toBe(dayAsText(7));
    expect(dayAsText(7)).not.toBe(dayAsText(8));
  });

  test.each([1, 7, 250, 1000])('has exactly %d turns', (turns) => {
    const { counters } = referenceTotals(syntheticDay({ turns, seed: 3 }));
    expect(sum(counters.get('ccxray.provider.distribution_total'))).toBe(turns);
  });

  test('gives equal totals in both forms', () => {
    const whole = day.map(({ entry, parts: { headers } }) => ({ line: JSON.stringify(entry), parts: { headers } }));
    expect(differences(referenceTotals(day), referenceTotals(whole))).toEqual([]);
  });

  test('writes index lines as the host does', () => {
    const examples = fs.readFileSync(require.resolve('../../testkit/fixtures/index-examples.ndjson'), 'utf8').trim().split('\n');
    expect(examples.map((line) => indexLine(JSON.parse(line)))).toEqual(examples);
  });

  test('has entries with the fields of captured ones', () => {
    const captured = fieldsByWire(capturedTurns().map(({ line }) => JSON.parse(line)));
    const made = fieldsByWire(day.filter(({ entry }) => entry.model !== null).map(({ entry }) => JSON.parse(JSON.stringify(entry))));
    expect(sorted(made.keys())).toEqual(sorted(captured.keys()));
    for (const [wire, fields] of captured) {
      const missing = [...fields].filter((field) => !made.get(wire).has(field) && !RARE_FIELDS.has(field));
      expect({ wire, missing }).toEqual({ wire, missing: [] });
    }
  });

  test('has latencies like recorded traffic', () => {
    const seconds = sorted(day.map(({ entry }) => Number(entry.elapsed)), (a, b) => a - b);
    expect(seconds[Math.floor(seconds.length * 0.5)]).toBeGreaterThan(5);
    expect(seconds[Math.floor(seconds.length * 0.5)]).toBeLessThan(10);
    expect(seconds[Math.floor(seconds.length * 0.9)]).toBeGreaterThan(25);
    expect(seconds[Math.floor(seconds.length * 0.9)]).toBeLessThan(50);
    expect(seconds.at(-1)).toBeLessThanOrEqual(648);
  });

  test('uses tools in the recorded proportions', () => {
    const tools = referenceTotals(day).counters.get('ccxray.tool.invocations_total');
    const of = (tool) => tools.get(JSON.stringify({ provider: 'anthropic', tool })) ?? 0;
    expect(of('Bash')).toBeGreaterThan(of('Read'));
    expect(of('Read')).toBeGreaterThan(of('Edit'));
    expect(of('Edit')).toBeGreaterThan(of('Write'));
  });

  test.each([
    ['a title cut inside an emoji', ({ line }) => /[^\\]\\ud83[c-e]"/.test(line)],
    ['a title in CJK', ({ entry }) => /[\u4e00-\u9fff]/.test(entry.title ?? '')],
    ['the time as text in seconds', ({ entry }) => /^\d+\.\d$/.test(entry.elapsed)],
    ['a rate limit', ({ entry }) => entry.status === 429],
    ['an overload', ({ entry }) => entry.status === 529],
    ['an error with status 200', ({ entry }) => entry.status === 200 && Array.isArray(entry.res) && entry.res.some(({ type }) => type === 'error')],
    ['a failed response', ({ entry }) => entry.stopReason === 'failed'],
    ['a cut stream', ({ entry }) => entry.isSSE && entry.stopReason === ''],
    ['a response at its output limit', ({ entry }) => entry.stopReason === 'max_tokens'],
    ['a side request', ({ entry }) => entry.agentKey === 'title-generator'],
    ['a sub-agent', ({ entry }) => entry.agentKey === 'explore'],
    ['a probe', ({ entry }) => entry.model === null && entry.status === 404],
    ['a line without parts', ({ parts }) => parts.response === undefined],
    ['rate-limit headers', ({ parts }) => parts.headers !== undefined],
    ['a skill called by the user', ({ parts }) => /<command-message>/.test(parts.request ?? '')],
    ['the permissions of Codex', ({ parts }) => /<permissions instructions>/.test(parts.request ?? '')],
    ['the usage of an earlier turn on a socket', ({ entry }) => isSocket(entry) && entry.usage !== null && Array.isArray(entry.res) && !entry.res.some(({ type }) => /^response\.(?:completed|done|incomplete|failed)$/.test(type))],
  ])('has %s', (_, matches) => {
    expect(day.some(matches)).toBe(true);
  });

  test('has turns that share an id', () => {
    expect(new Set(day.map(({ entry }) => entry.id)).size).toBeLessThan(day.length);
  });

  test('feeds every metric of turns', () => {
    const { counters, histograms, gauges } = referenceTotals(day);
    const fed = new Set([...counters.keys(), ...histograms.keys(), ...gauges.keys()]);
    const unfed = FAMILIES.flatMap(({ metrics }) => metrics).filter((metric) => !fed.has(metric));
    expect(unfed).toEqual(NOT_FED_BY_TURNS);
  });
});

/** Sentinels that need a broken entry, and metrics of the exporter itself. */
const NOT_FED_BY_TURNS = [
  'ccxray.metrics.overflow_total',
  'ccxray.parser.unknown_skill_marker_total',
  'ccxray.parser.error_total',
  'ccxray.otel.state',
  'ccxray.otel.exports_dropped_total',
  'ccxray.otel.entries_dropped_total',
];

/** Fields of only some turns of a wire. */
const RARE_FIELDS = new Set(['beta1m', 'ctxBeta', 'thinkingStripped', 'hasCredential']);

function dayAsText(seed) {
  return JSON.stringify(Array.from(syntheticDay({ turns: 120, seed })));
}

function sum(series) {
  return Array.from(series.values()).reduce((total, value) => total + value, 0);
}

function sorted(values, order) {
  const copy = Array.from(values);
  copy.sort(order);
  return copy;
}

function isSocket(entry) {
  return entry.responseMetadata?.transport === 'websocket';
}

function fieldsByWire(entries) {
  const fields = new Map();
  for (const entry of entries) {
    const wire = `${entry.provider} ${isSocket(entry) ? 'socket' : (entry.isSSE && 'stream') || 'body'}`;
    if (!fields.has(wire)) fields.set(wire, new Set());
    for (const field of Object.keys(entry)) fields.get(wire).add(field);
  }
  return fields;
}
