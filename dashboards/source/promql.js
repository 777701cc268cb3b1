'use strict';

/** Attributes that a dashboard has a variable for. */
const PROVIDER_AND_MODEL = new Set([
  'ccxray.tokens.input_total', 'ccxray.tokens.output_total', 'ccxray.tokens.cache_read_total', 'ccxray.tokens.cache_creation_total',
  'ccxray.cost.usd_total', 'ccxray.cost.unpriced_total', 'ccxray.cache.hit_ratio', 'ccxray.latency_ms', 'ccxray.request.duration',
  'ccxray.request.time_to_first_token',
]);
const PROVIDER = new Set([
  'ccxray.tool.invocations_total', 'ccxray.skill.activations_total', 'ccxray.sessions_total', 'ccxray.provider.distribution_total',
  'ccxray.errors_total', 'ccxray.tool.failures_total', 'ccxray.quota.utilization_ratio', 'ccxray.parser.unknown_tool_total',
  'ccxray.parser.unknown_skill_marker_total', 'ccxray.invariants.sse_truncated_total',
]);
const MODEL = new Set(['ccxray.max_tokens_hit_total']);

/** The gauge that every running process sends, so its series are the processes. */
const STATE = 'ccxray.otel.state';
const TURNS = 'ccxray.provider.distribution_total';

/**
 * How far back the value before a range may be. After a longer time without data, a range that begins in that time also gets
 * what was added before it. Longer would be slower.
 */
const BEFORE = '2h';

/** A process whose data are older than this has ended. Two export intervals of 5 minutes. */
const RECENT = '10m';

/** At least four scrape intervals, as the data source has them. */
const RATE = '$__rate_interval';

/** All processes have one of these: Prometheus' own receiver gives `instance`, others the resource attribute. */
const PROCESS = ['instance', 'service.instance.id'];

/**
 * The functions that write PromQL with one spelling of names.
 * @param {import('./names').Names} names
 * @param {object} [options]
 * @param {boolean} [options.isFiltered] whether selectors have the variables of a dashboard. Default: true
 */
function promql(names, { isFiltered = true } = {}) {
  const list = (keys) => keys.map(names.label).join(', ');
  const by = (keys) => (keys.length === 0 ? '' : ` by (${list(keys)})`);

  function filters(metric) {
    if (!isFiltered) return [];
    const keys = [['project.name', 'project'], ['team', 'team']];
    if (PROVIDER.has(metric) || PROVIDER_AND_MODEL.has(metric)) keys.push(['provider', 'provider']);
    if (MODEL.has(metric) || PROVIDER_AND_MODEL.has(metric)) keys.push(['model', 'model']);
    return keys.map(([key, variable]) => `${names.label(key)}=~"$${variable}"`);
  }

  /**
   * @param {string} metric name in OTLP
   * @param {object} [options]
   * @param {string} [options.part] of a histogram
   * @param {string[]} [options.match] further matchers
   */
  function series(metric, { part, match = [] } = {}) {
    return names.selector(names.series(metric, part), [...filters(metric), ...match]);
  }

  /**
   * What a counter has gained in a range, exactly: its last value, less the one before the range. `increase()` of Prometheus
   * extrapolates, which adds up to half as much again for a process that lives for two exports.
   */
  function added(metric, { range = '$__range', groups = [], part, match } = {}) {
    const all = series(metric, { part, match });
    const last = `last_over_time(${all}[${range}])`;
    return `sum${by(groups)} (${last} - (last_over_time(${all}[${BEFORE}] offset ${range}) or ${last} * 0))`;
  }

  /**
   * Per second, for lines over time. `rate()` of VictoriaMetrics divides by the time between the first and the last sample. A
   * new series begins with a zero one second before its first value, which would show hundreds of times the rate.
   */
  function rate(metric, { groups = [], part, match } = {}) {
    return `${added(metric, { range: RATE, groups, part, match })} * 1000 / ${RATE}_ms`;
  }

  /** The sum of several counters. Not all of them have series: some providers report no cache writes. */
  function addedToAny(metrics, options) {
    const labelled = metrics.map((metric, at) => `label_replace(${added(metric, options)}, "part", "${at}", "", "")`);
    return `sum${by(options.groups ?? [])} (${labelled.join(' or ')})`;
  }

  /** The share of one counter in the sum of several. */
  function share(metric, metrics, options) {
    const sum = addedToAny(metrics, options);
    return `(${added(metric, options)} or ${sum} * 0) / (${sum} > 0)`;
  }

  /** A quantile of all measurements in a range. */
  function quantile(q, metric, { range, groups = [] } = {}) {
    return `histogram_quantile(${q}, ${added(metric, { range, groups: ['le', ...groups], part: '_bucket' })})`;
  }

  /** A quantile over time. */
  function quantileLine(q, metric, { groups = [] } = {}) {
    return quantile(q, metric, { range: RATE, groups });
  }

  /** The number of running processes. */
  function processes({ groups = [], offset = '' } = {}) {
    const state = series(STATE, { match: ['state="active"'] });
    const each = `count by (${list([...groups, ...PROCESS])}) (last_over_time(${state}[${RECENT}]${offset}))`;
    return `count${by(groups)} (${each})`;
  }

  /** Hides groups in which fewer processes than `$min_group` ever ran at the same time. */
  function guarded(expression, groups) {
    const most = `max_over_time((${processes({ groups })})[$__range:15m] @ end())`;
    return `(${expression}) and on (${list(groups)}) (${most} >= $min_group)`;
  }

  /**
   * A quota, as the processes report it that had a turn in the last quarter of an hour. An idle process repeats an old value.
   * @param {object} [options]
   * @param {string} [options.offset] such as ` offset 10m`
   * @param {(selector: string) => string} [options.of] function of the selector, with its range
   */
  function quota({ offset = '', of = (selector) => `last_over_time(${selector}[${RECENT}]${offset})` } = {}) {
    const process = list(PROCESS);
    const busy = `sum by (${process}) (rate(${series(TURNS)}[15m]${offset})) > 0`;
    return `max by (window, provider) (${of(series('ccxray.quota.utilization_ratio'))} and on (${process}) (${busy}))`;
  }

  return { added, addedToAny, guarded, label: names.label, list, names, processes, quantile, quantileLine, quota, raw: names.rawLabel, rate, series, share };
}

module.exports = { MODEL, PROVIDER, PROVIDER_AND_MODEL, promql };
