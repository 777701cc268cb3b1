'use strict';

const dashboard = require('@grafana/grafana-foundation-sdk/dashboard');

const { DATASOURCE } = require('./panels');

/** US dollars in a calendar month. */
const BUDGET = '5000';
const MIN_GROUPS = ['1', '2', '3', '5', '10'];
const DEFAULT_MIN_GROUP = '3';

/**
 * The variables of each dashboard, in their order.
 * @param {import('./names').Names} names
 * @returns {object[]} builders of the foundation SDK
 */
function variables(names) {
  return [
    new dashboard.DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    values(names, 'project', 'Project', 'ccxray.otel.state', 'project.name'),
    values(names, 'team', 'Team', 'ccxray.otel.state', 'team'),
    values(names, 'provider', 'Provider', 'ccxray.provider.distribution_total', 'provider'),
    values(names, 'model', 'Model', 'ccxray.cost.usd_total', 'model'),
    new dashboard.TextBoxVariableBuilder('budget').label('Budget of a month (USD)').defaultValue(BUDGET).current({ text: BUDGET, value: BUDGET }),
    new dashboard.CustomVariableBuilder('min_group')
      .label('Smallest group')
      .description('Panels by team or project hide groups in which fewer processes ran at the same time.')
      .values(MIN_GROUPS.join(','))
      .options(MIN_GROUPS.map((value) => ({ text: value, value, selected: value === DEFAULT_MIN_GROUP })))
      .current({ text: DEFAULT_MIN_GROUP, value: DEFAULT_MIN_GROUP }),
  ];
}

/** The values of a label. `.*` for all also takes series without the label. */
function values(names, name, label, metric, key) {
  const builder = new dashboard.QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query({ qryType: names.id === 'dots' ? QUERY_RESULT : LABEL_VALUES, query: queryOf(names, metric, key), refId: `variable-${name}` })
    .regex(names.id === 'dots' ? `/"?${key.replaceAll('.', String.raw`\.`)}"?="([^"]+)"/` : '')
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: ['All'], value: ['$__all'] });
  // oxlint-disable-next-line unicorn/no-array-sort -- it is a builder's method.
  return builder.sort(dashboard.VariableSort.AlphabeticalAsc);
}

/** How Grafana's query editor numbers the kinds of variable queries. */
const LABEL_VALUES = 1;
const QUERY_RESULT = 3;

/** `label_values` takes no label with a dot in all versions of Grafana. */
function queryOf(names, metric, key) {
  const series = names.series(metric);
  if (names.id !== 'dots') return `label_values(${series}, ${names.label(key)})`;
  return `query_result(count by (${names.label(key)}) (last_over_time(${names.selector(series, [])}[$__range])))`;
}

module.exports = { variables };
