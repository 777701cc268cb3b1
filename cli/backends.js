'use strict';

/**
 * What the config for a backend has. docs/backends.md says why, and a test compares both.
 * @typedef {object} Backend
 * @property {string} title
 * @property {string} endpoint base URL. A word in capital letters stands for a part that only the user knows
 * @property {Record<string, string>} [headers] as in the config file
 * @property {'delta'} [temporality] if it is not the default
 */

/** @type {Record<string, Backend>} */
const BACKENDS = {
  collector: { title: 'OpenTelemetry Collector', endpoint: 'http://127.0.0.1:4318' },
  prometheus: { title: 'Prometheus', endpoint: 'http://127.0.0.1:9090/api/v1/otlp' },
  victoriametrics: { title: 'VictoriaMetrics', endpoint: 'http://127.0.0.1:8428/opentelemetry' },
  'grafana-cloud': { title: 'Grafana Cloud and Mimir', endpoint: 'https://otlp-gateway-ZONE.grafana.net/otlp', headers: { authorization: 'Basic ${GRAFANA_OTLP_BASIC}' } },
  datadog: { title: 'Datadog', endpoint: 'https://otlp.datadoghq.com', headers: { 'dd-api-key': '${DD_API_KEY}', 'dd-otel-metric-config': '${DD_OTEL_METRIC_CONFIG}' }, temporality: 'delta' },
  honeycomb: { title: 'Honeycomb', endpoint: 'https://api.honeycomb.io', headers: { 'x-honeycomb-team': '${HONEYCOMB_KEY}', 'x-honeycomb-dataset': 'ccxray' } },
  'new-relic': { title: 'New Relic', endpoint: 'https://otlp.nr-data.net', headers: { 'api-key': '${NEW_RELIC_LICENSE_KEY}' }, temporality: 'delta' },
  cloudwatch: { title: 'CloudWatch', endpoint: 'https://monitoring.REGION.amazonaws.com', headers: { authorization: 'Bearer ${CLOUDWATCH_API_KEY}' } },
  signoz: { title: 'SigNoz', endpoint: 'https://ingest.REGION.signoz.cloud', headers: { 'signoz-ingestion-key': '${SIGNOZ_KEY}' }, temporality: 'delta' },
  dynatrace: { title: 'Dynatrace', endpoint: 'https://ENVIRONMENT.live.dynatrace.com/api/v2/otlp', headers: { authorization: 'Api-Token ${DYNATRACE_TOKEN}' }, temporality: 'delta' },
};

/**
 * @param {Backend} backend
 * @returns {string|undefined} the part of the endpoint that only the user knows, such as `ZONE`
 */
function placeholderOf({ endpoint }) {
  return /\b[A-Z]{4,}\b/.exec(endpoint)?.[0];
}

/**
 * @param {Backend} backend
 * @param {string} endpoint as the user gives it
 * @returns {string} the endpoint with the path of the backend, unless it has a path already
 */
function withPathOf(backend, endpoint) {
  const path = /^https?:\/\/[^/]+(\/.*)?$/.exec(backend.endpoint)[1] ?? '';
  const bare = /^https?:\/\/[^/?#]+\/?$/.test(endpoint);
  return bare ? endpoint.replace(/\/$/, '') + path : endpoint;
}

module.exports = { BACKENDS, placeholderOf, withPathOf };
