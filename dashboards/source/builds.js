'use strict';

const { alerts } = require('./alerts');
const { cost } = require('./cost');
const { build } = require('./dashboard');
const { health } = require('./health');
const { DOTS, UNDERSCORES } = require('./names');
const { promql } = require('./promql');
const { quality } = require('./quality');
const { recordings } = require('./recordings');
const { usage } = require('./usage');
const { yaml } = require('./yaml');

/** The folder of each build, and how its backend spells names. */
const BUILDS = [
  { folder: 'prometheus', names: UNDERSCORES, rules: 'rules/ccxray.yaml' },
  { folder: 'victoria-metrics-dots', names: DOTS, rules: 'rules/ccxray-dots.yaml' },
];

const SPECS = { cost, quality, usage, health };

/**
 * @param {import('./names').Names} names
 * @returns {{name: string, interval: string, rules: object[]}[]} groups of rules
 */
function ruleGroups(names) {
  const q = promql(names, { isFiltered: false });
  return [...recordings(q), { name: 'ccxray_alerts', interval: '1m', rules: alerts(q) }];
}

/**
 * Everything that is generated.
 * @param {string} [spelling] only the build with names of this spelling. Default: all
 * @returns {Map<string, string>} contents by path within `dashboards/`
 */
function generatedFiles(spelling) {
  const files = new Map();
  for (const { folder, names, rules } of BUILDS.filter(({ names: { id } }) => spelling === undefined || id === spelling)) {
    for (const [name, spec] of Object.entries(SPECS)) files.set(`${folder}/${name}.json`, `${JSON.stringify(build(spec(promql(names)), names), null, 2)}\n`);
    files.set(rules, yaml({ groups: ruleGroups(names) }));
  }
  return files;
}

module.exports = { BUILDS, generatedFiles, ruleGroups };
