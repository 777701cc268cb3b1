'use strict';

const bargauge = require('@grafana/grafana-foundation-sdk/bargauge');
const common = require('@grafana/grafana-foundation-sdk/common');
const dashboard = require('@grafana/grafana-foundation-sdk/dashboard');
const heatmap = require('@grafana/grafana-foundation-sdk/heatmap');
const prometheus = require('@grafana/grafana-foundation-sdk/prometheus');
const stat = require('@grafana/grafana-foundation-sdk/stat');
const table = require('@grafana/grafana-foundation-sdk/table');
const timeseries = require('@grafana/grafana-foundation-sdk/timeseries');

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** The shortest step of a graph: a step without an export would be empty. */
const MIN_STEP = '5m';

/**
 * A panel as plain data.
 * @typedef {object} PanelSpec
 * @property {'stat'|'lines'|'columns'|'bars'|'table'|'heatmap'} kind `columns` are amounts over time, `bars` one amount for each name
 * @property {string} title
 * @property {string} description
 * @property {string} unit as Grafana names it
 * @property {number} [span] of 24
 * @property {number} [height]
 * @property {number} [decimals]
 * @property {number} [max]
 * @property {string} [timeFrom] the panel's own range, such as `now/d`
 * @property {string} [step] the shortest step, if it is not the usual one
 * @property {[number|null, string][]} [thresholds] lower bound and colour
 * @property {boolean} [isStacked]
 * @property {string} [noValue] what is shown without data
 * @property {{expr: string, legend?: string, title?: string, unit?: string}[]} queries `title` and `unit` are a table's column
 * @property {[string, string][]} [columns] labels of a table and their titles
 */

const BUILDERS = {
  stat: (spec) => sized(new stat.PanelBuilder(), spec, { span: 4, height: 3 })
    .graphMode(common.BigValueGraphMode.None)
    .colorMode(spec.thresholds === undefined ? common.BigValueColorMode.None : common.BigValueColorMode.Value)
    .reduceOptions(lastValue())
    .targets(spec.queries.map((query, at) => target(query, at).instant())),
  bars: (spec) => sized(new bargauge.PanelBuilder(), spec, { span: 8, height: 6 })
    .displayMode(common.BarGaugeDisplayMode.Basic)
    .orientation(common.VizOrientation.Horizontal)
    .valueMode(common.BarGaugeValueMode.Text)
    .showUnfilled(false)
    .min(0)
    .reduceOptions(lastValue())
    .targets(spec.queries.map((query, at) => target(query, at).instant())),
  lines: (spec) => graph(spec).drawStyle(common.GraphDrawStyle.Line).fillOpacity(spec.isStacked ? 25 : 8),
  columns: (spec) => graph(spec).drawStyle(common.GraphDrawStyle.Bars).fillOpacity(70).barAlignment(common.BarAlignment.Before),
  heatmap: (spec) => sized(new heatmap.PanelBuilder(), spec, { span: 12, height: 8 })
    .calculate(false)
    .yAxis(new heatmap.YAxisConfigBuilder().unit(spec.unit))
    .interval(spec.step ?? MIN_STEP)
    .targets(spec.queries.map((query, at) => target(query, at).range().format('heatmap'))),
  table: tableOf,
};

/**
 * @param {PanelSpec} spec
 * @param {number} id within its dashboard
 * @returns {object} a builder of the foundation SDK
 */
function panel(spec, id) {
  return BUILDERS[spec.kind](spec).id(id);
}

function sized(builder, spec, size) {
  builder.title(spec.title).description(spec.description).datasource(DATASOURCE).unit(spec.unit);
  builder.span(spec.span ?? size.span).height(spec.height ?? size.height).noValue(spec.noValue ?? 'No data');
  if (spec.decimals !== undefined) builder.decimals(spec.decimals);
  if (spec.max !== undefined) builder.max(spec.max);
  if (spec.timeFrom !== undefined) builder.timeFrom(spec.timeFrom);
  return colored(builder, spec);
}

function colored(builder, { thresholds }) {
  const steps = (thresholds ?? [[null, 'blue']]).map(([value, color]) => ({ value, color }));
  return builder.thresholds(new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(steps));
}

function graph(spec) {
  const builder = sized(new timeseries.PanelBuilder(), spec, { span: 12, height: 8 })
    .min(0)
    .lineWidth(1)
    .showPoints(common.VisibilityMode.Never)
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.PaletteClassic))
    .legend(new common.VizLegendOptionsBuilder().showLegend(true).displayMode(common.LegendDisplayMode.List).placement(common.LegendPlacement.Bottom).calcs([]))
    .tooltip(allSeries())
    .interval(spec.step ?? MIN_STEP)
    .targets(spec.queries.map((query, at) => target(query, at).range()));
  return spec.isStacked ? builder.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A')) : builder;
}

function tableOf(spec) {
  const { queries, columns } = spec;
  const valueOf = (at) => (queries.length === 1 ? 'Value' : `Value #${refId(at)}`);
  const renameByName = Object.fromEntries([...columns, ...queries.map(({ title }, at) => [valueOf(at), title])]);
  const builder = sized(new table.PanelBuilder(), spec, { span: 12, height: 6 })
    .targets(queries.map((query, at) => target(query, at).instant().format('table')))
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({ id: 'organize', options: { excludeByName: { Time: true }, indexByName: {}, renameByName } })
    .sortBy([new common.TableSortByFieldStateBuilder().displayName(queries[0].title).desc(true)]);
  for (const { title, unit } of queries) builder.overrideByName(title, [{ id: 'unit', value: unit ?? spec.unit }]);
  return builder;
}

function target({ expr, legend }, at) {
  const query = new prometheus.DataqueryBuilder().datasource(DATASOURCE).editorMode('code').expr(expr).refId(refId(at));
  return legend === undefined ? query : query.legendFormat(legend);
}

function refId(at) {
  return String.fromCharCode('A'.charCodeAt(0) + at);
}

/** What the tooltip of a graph lists: all series, the largest first. */
function allSeries() {
  // oxlint-disable-next-line unicorn/no-array-sort -- it is a builder's method.
  return new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending);
}

function lastValue() {
  return new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false);
}

module.exports = { DATASOURCE, panel };
