'use strict';

const { costOf } = require('./prices');

/*
 * The figures that are compared: what a scenario calls them, and which metric has them. Every figure of a run is compared,
 * so a figure that a scenario does not name must be zero.
 */

/** Figures that a scenario states: `[metric, attributes whose values are the keys]`. */
const STATED = {
  turns: ['ccxray.provider.distribution_total', []],
  degraded: ['ccxray.provider.distribution_total', ['ccxray.parser.degraded']],
  sessions: ['ccxray.sessions_total', []],
  tools: ['ccxray.tool.invocations_total', ['tool']],
  mcp: ['ccxray.mcp.invocations_total', ['server', 'tool']],
  skills: ['ccxray.skill.activations_total', ['skill']],
  types: ['ccxray.agent_type.invocations_total', ['type']],
  subagents: ['ccxray.subagent.invocations_total', []],
  errors: ['ccxray.errors_total', ['type']],
  stops: ['ccxray.stop_reason_total', ['reason']],
  maxTokens: ['ccxray.max_tokens_hit_total', []],
  toolFailures: ['ccxray.tool.failures_total', []],
  compactions: ['ccxray.auto_compact.triggered_total', ['trigger']],
  modes: ['ccxray.permission_mode.usage_total', ['mode']],
  dangerous: ['ccxray.dangerous_tool.invocations_total', ['pattern']],
  files: ['ccxray.file_writes_total', []],
  contexts: ['ccxray.context.utilization_pct', []],
  truncated: ['ccxray.invariants.sse_truncated_total', []],
  unknownTools: ['ccxray.parser.unknown_tool_total', []],
  unknownMcp: ['ccxray.parser.unknown_mcp_format_total', []],
  unknownMarkers: ['ccxray.parser.unknown_skill_marker_total', []],
  fallbacks: ['ccxray.parser.fallback_used_total', ['parser', 'reason']],
  parserErrors: ['ccxray.parser.error_total', ['parser', 'error_type']],
  mismatches: ['ccxray.parser.reconciliation_mismatch_total', ['type']],
};

/** Figures that follow from the ledger. */
const FROM_LEDGER = {
  calls: ['ccxray.latency_ms', []],
  input: ['ccxray.tokens.input_total', ['model']],
  output: ['ccxray.tokens.output_total', ['model']],
  cacheRead: ['ccxray.tokens.cache_read_total', ['model']],
  cacheWrite: ['ccxray.tokens.cache_creation_total', ['model']],
  cost: ['ccxray.cost.usd_total', ['model']],
  unpriced: ['ccxray.cost.unpriced_total', ['model']],
};
/** Costs are compared to a billionth of a dollar: beyond that, sums of doubles depend on their order. */
const DIGITS = 9;

/**
 * Reads all figures of a receiver.
 * @param {object[]} series see `SeriesStore.all`
 * @returns {Record<string, Record<string, number>>} by figure and by the values of its attributes, joined by `/`; a figure
 *   without attributes has the key `''`. Zeros are left out
 */
function measured(series) {
  return Object.fromEntries(Object.entries({ ...STATED, ...FROM_LEDGER }).map(([figure, [metric, attributes]]) => {
    const sums = {};
    for (const { metric: name, attributes: given, value, count } of series) {
      if (name !== metric || attributes.some((attribute) => given[attribute] === undefined)) continue;
      const key = attributes.map((attribute) => given[attribute]).join('/');
      sums[key] = (sums[key] ?? 0) + Number(value ?? count);
    }
    return [figure, withoutZeros(sums)];
  }));
}

/**
 * The figures of a scenario in the same form.
 * @param {Record<string, number|Record<string, number>>} expect as the scenario states them
 * @param {import('./upstream/ledger').LedgerLine[]} ledger
 * @param {(model: string) => string} family the name under which a model is counted
 * @returns {Record<string, Record<string, number>>}
 * @throws {Error} if the scenario states a figure that does not exist
 */
function expected(expect, ledger, family) {
  const unknown = Object.keys(expect).filter((figure) => !Object.hasOwn(STATED, figure));
  if (unknown.length > 0) throw new Error(`there is no figure ${unknown.join(', ')}`);
  const stated = Object.keys(STATED).map((figure) => {
    const value = expect[figure] ?? {};
    return [figure, withoutZeros(typeof value === 'number' ? { [STATED[figure][1].length === 0 ? '' : 'true']: value } : value)];
  });
  return { ...Object.fromEntries(stated), ...ledgerFigures(ledger, family) };
}

/** The fields of the ledger that are sums of their own. */
const FIELDS = { input: 'input', output: 'output', cacheRead: 'read', cacheWrite: 'write' };

/** Tokens, costs and calls: whatever a record exists of, wherever it belongs. */
function ledgerFigures(ledger, family) {
  const recorded = ledger.filter(({ isRecorded, wire, kind, status }) => isRecorded && wire !== 'count' && kind !== 'probe' && status !== 426);
  const sums = { calls: { '': recorded.length }, input: {}, output: {}, cacheRead: {}, cacheWrite: {}, cost: {}, unpriced: {} };
  const add = (figure, key, amount) => {
    sums[figure][key] = (sums[figure][key] ?? 0) + amount;
  };
  for (const { tokens, model } of recorded.filter((line) => line.tokens !== null)) {
    const name = family(model);
    for (const [figure, field] of Object.entries(FIELDS)) add(figure, name, tokens[field]);
    const cost = costOf(name, tokens);
    if (cost === undefined) add('unpriced', name, 1);
    else add('cost', name, cost);
  }
  return Object.fromEntries(Object.entries(sums).map(([figure, found]) => [figure, withoutZeros(found)]));
}

/**
 * Compares two sets of figures.
 * @returns {{figure: string, key: string, want: number, got: number}[]} a row for each value that either of them has, and one
 *   for each figure that is zero in both
 */
function compared(want, got) {
  return Object.keys(want).flatMap((figure) => {
    const keys = [...new Set([...Object.keys(want[figure]), ...Object.keys(got[figure] ?? {})])].toSorted();
    return (keys.length === 0 ? [''] : keys).map((key) => ({ figure, key, want: want[figure][key] ?? 0, got: got[figure]?.[key] ?? 0 }));
  });
}

module.exports = { measured, expected, compared, STATED, FROM_LEDGER };

function withoutZeros(sums) {
  return Object.fromEntries(Object.entries(sums).map(([key, value]) => [key, Number(value.toFixed(DIGITS))]).filter(([, value]) => value !== 0));
}
