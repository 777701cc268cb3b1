'use strict';

const { cost } = require('./cost');
const { build } = require('./dashboard');
const { health } = require('./health');
const { DOTS, UNDERSCORES } = require('./names');
const { promql } = require('./promql');
const { quality } = require('./quality');
const { usage } = require('./usage');

/** The folder of each build, and how its backend spells names. */
const BUILDS = [
  { folder: 'prometheus', names: UNDERSCORES },
  { folder: 'victoria-metrics-dots', names: DOTS },
];

const SPECS = { cost, quality, usage, health };

/**
 * Everything that is generated.
 * @param {string} [spelling] only the build with names of this spelling. Default: all
 * @returns {Map<string, string>} contents by path within `dashboards/`
 */
function generatedFiles(spelling) {
  const files = new Map();
  for (const { folder, names } of BUILDS.filter(({ names: { id } }) => spelling === undefined || id === spelling)) {
    for (const [name, spec] of Object.entries(SPECS)) files.set(`${folder}/${name}.json`, `${JSON.stringify(build(spec(promql(names)), names), null, 2)}\n`);
  }
  return files;
}

module.exports = { BUILDS, generatedFiles };
