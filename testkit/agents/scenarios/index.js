'use strict';

const fs = require('node:fs');
const path = require('node:path');

/**
 * @typedef {object} Scenario
 * @property {string} name unique, begins with the name of the client
 * @property {string} client
 * @property {string} about what happens, in a few words
 * @property {object} [options] of the client, see `prepare` in `clients/`
 * @property {Record<string, string>} [files] of the project
 * @property {Record<string, object[]>} script what the upstream answers: rounds by cue, or by the kind of a request
 * @property {object[]} steps how the client is driven, see `drive.js`
 * @property {Record<string, number|Record<string, number>>} expect figures, worked out by hand; those that are missing are zero
 * @property {{when?: (version: string) => boolean, host?: string, why: string, expect: object, steps?: object[]}[]} [differs] what other
 *   versions of the client do, and how they are driven; or what is different with another host
 * @property {boolean} [refusesSockets] whether the upstream answers an upgrade to a WebSocket with 426
 */

/** @returns {Scenario[]} all scenarios, in a fixed order */
function allScenarios() {
  const folders = fs.readdirSync(__dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.flatMap(({ name: client }) => fs.readdirSync(path.join(__dirname, client)).toSorted().flatMap((file) => {
    const theme = path.basename(file, '.js');
    return require(`./${client}/${theme}`).map((scenario) => Object.assign({}, scenario, { client, theme, name: `${client}-${scenario.name}` }));
  }));
}

/** @returns {Scenario[]} the scenarios with these names */
function scenariosNamed(names) {
  const wanted = new Set(names);
  return allScenarios().filter(({ name }) => wanted.has(name));
}

module.exports = { allScenarios, scenariosNamed };
