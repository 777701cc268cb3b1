'use strict';

const QUERY = 'qu3ry-s3cret';
const HEADER = 'h3ader-s3cret';
/** Values that must appear nowhere. */
const SECRETS = [QUERY, HEADER];

/**
 * An environment that exports to `endpoint`, with a secret in the URL and one in the headers.
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

/** @returns {string[]} the secrets that a text contains */
function secretsIn(text) {
  return SECRETS.filter((secret) => text.includes(secret));
}

module.exports = { withSecrets, secretsIn, HEADER };
