'use strict';

const { definitions } = require('../../schema/ccxray.schema.json');

/** The protocols that the addon knows, as its schema lists them. */
const PROTOCOLS = definitions.Protocol.oneOf.map((one) => one.const);

/** @returns {object[]} `{protocol, temporality, compression}` for all combinations of the given protocols */
function combinationsOf(protocols) {
  return protocols.flatMap((protocol) => ['cumulative', 'delta'].flatMap((temporality) => (
    ['none', 'gzip'].map((compression) => ({ protocol, temporality, compression }))
  )));
}

module.exports = { PROTOCOLS, combinationsOf };
