'use strict';

const { OVERFLOW, contentsOf } = require('./contents');

/**
 * Where the names of each kind are: the attribute, and the metric if names of another kind are in an attribute with the same
 * key.
 */
const PLACES = {
  model: ['model'],
  tool: ['tool', 'ccxray.tool.invocations_total'],
  mcp_server: ['server'],
  mcp_tool: ['tool', 'ccxray.mcp.invocations_total'],
  skill: ['skill'],
  agent_type: ['type', 'ccxray.agent_type.invocations_total'],
  error_type: ['type', 'ccxray.errors_total'],
  stop_reason: ['reason', 'ccxray.stop_reason_total'],
  permission_mode: ['mode'],
};
const KINDS = Object.keys(PLACES);

/**
 * @typedef {object} Variant what the next export would send under one assumption: the addon's own summary, and
 * @property {Record<string, string>} resource the resource attributes
 * @property {number} points how many data points there are, each one of another series
 * @property {string[]} attributes of the data points
 * @property {string[]} metrics
 * @property {object[]} decisions those about names in the request, with the reason `limit` for those beyond a limit; the
 *   most frequent of each kind first
 * @property {{attribute: string, metrics: string[]}[]} limits the attributes that have more values than their limit
 */

/**
 * @param {object} dryRun as the addon returns it
 * @returns {{summary: object, variants: Variant[]}}
 */
function variantsOf(dryRun) {
  const summary = dryRun.summary();
  return { summary, variants: summary.variants.map((variant) => variantOf(variant, contentsOf(variant.requests))) };
}

function variantOf(variant, contents) {
  const decisions = variant.decisions.flatMap((decision) => inRequest(decision, contents));
  decisions.sort((one, other) => KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind) || other.times - one.times || order(one.name, other.name));
  const { resource, points, attributes, metrics, limits } = contents;
  return { ...variant, decisions, resource, points, attributes, metrics: [...metrics], limits };
}

/** A decision, if the request contains what it says. A line that is not counted can have names, too. */
function inRequest(decision, contents) {
  const [key, metric] = PLACES[decision.kind] ?? [];
  const isThere = (value) => {
    const metrics = contents.metricsWith(key, value);
    return metric === undefined ? metrics.length > 0 : metrics.includes(metric);
  };
  if (isThere(decision.sent)) return [decision];
  return isThere(OVERFLOW) ? [{ ...decision, sent: OVERFLOW, reason: 'limit' }] : [];
}

function order(one = '', other = '') {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

module.exports = { variantsOf };
