'use strict';

const QUERY = 'qu3ry-s3cret';
const HEADER = 'h3ader-s3cret';
/** What may be read nowhere. */
const SECRETS = [QUERY, HEADER];

/**
 * An environment that exports to `endpoint`, with a secret wherever there is a place for one.
 * @param {string} endpoint a base URL
 * @returns {Record<string, string>}
 */
function withSecrets(endpoint) {
  return {
    CCXRAY_OTEL_TIER: '1',
    OTEL_EXPORTER_OTLP_ENDPOINT: `${endpoint}/?token=${QUERY}`,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${HEADER}`,
  };
}

/** @returns {string[]} the secrets that can be read in a text */
function secretsIn(text) {
  return SECRETS.filter((secret) => text.includes(secret));
}

module.exports = { withSecrets, secretsIn, HEADER };
