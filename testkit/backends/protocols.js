'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { definitions } = JSON.parse(fs.readFileSync(path.join(__dirname, '..', '..', 'schema', 'ccxray.schema.json'), 'utf8'));

/** The names of the settings of a project. */
const SETTINGS = Object.keys(definitions.ProjectSettings.properties);

/** The protocols that the addon knows, as its schema lists them. */
const PROTOCOLS = definitions.Protocol.oneOf.map((one) => one.const);

/** @returns {object[]} `{protocol, temporality, compression}` for all combinations of the given protocols */
function combinationsOf(protocols) {
  return protocols.flatMap((protocol) => ['cumulative', 'delta'].flatMap((temporality) => (
    ['none', 'gzip'].map((compression) => ({ protocol, temporality, compression }))
  )));
}

module.exports = { PROTOCOLS, SETTINGS, combinationsOf };
