'use strict';

const dashboard = require('@grafana/grafana-foundation-sdk/dashboard');

const { panel } = require('./panels');
const { variables } = require('./variables');

/**
 * A dashboard as plain data.
 * @typedef {object} DashboardSpec
 * @property {string} uid stable, so that links and provisioning find it
 * @property {string} title
 * @property {string} description
 * @property {{title: string, panels: import('./panels').PanelSpec[]}[]} rows
 */

const TAG = 'ccxray';

/**
 * @param {DashboardSpec} spec
 * @param {import('./names').Names} names
 * @returns {object} the dashboard as Grafana imports it
 */
function build(spec, names) {
  const builder = new dashboard.DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags([TAG])
    .timezone('browser')
    .time({ from: 'now-7d', to: 'now' })
    .refresh('5m')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .variables(variables(names))
    .link(links());
  let id = 0;
  for (const row of spec.rows) {
    builder.withRow(new dashboard.RowBuilder(row.title).id(id += 1));
    for (const each of row.panels) builder.withPanel(panel(each, id += 1));
  }
  return builder.build();
}

/** Links to all dashboards with the tag, with the same range and variables. */
function links() {
  return new dashboard.DashboardLinkBuilder('ccxray').type(dashboard.DashboardLinkType.Dashboards).tags([TAG]).includeVars(true).keepTime(true);
}

module.exports = { build };
