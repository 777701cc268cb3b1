'use strict';

const HINT = 'The base URL is probably wrong: Prometheus /api/v1/otlp, VictoriaMetrics /opentelemetry, Grafana Cloud /otlp';

/**
 * The message about an export to which the backend answered with a status that is not 2xx. The endpoint is a base URL
 * without a path, and `OTEL_EXPORTER_OTLP_HEADERS` is set.
 * @param {number} status
 * @returns {string}
 */
function answered(status) {
  const message = `the backend answered HTTP ${status}`;
  if ([400, 404, 405].includes(status)) return `${message} at /v1/metrics. ${HINT}`;
  if (status === 403) return `${message}: the token in OTEL_EXPORTER_OTLP_HEADERS was rejected. It may not be allowed to write metrics.`;
  if (status === 401) return `${message}: the token in OTEL_EXPORTER_OTLP_HEADERS was rejected.`;
  return message;
}

/**
 * The message about an export for which nothing listens on the port of the backend.
 * @param {string} endpoint
 * @returns {string}
 */
function refused(endpoint) {
  return `Nothing listens on ${new URL(endpoint).host} (connection refused).`;
}

/**
 * The message about an export to a port where something else than HTTP/1.1 is spoken.
 * @param {string} endpoint
 * @returns {string}
 */
function otherProtocol(endpoint) {
  return `${new URL(endpoint).host} does not speak HTTP/1.1. If it is for gRPC, set the protocol to grpc. Else use the port for OTLP over HTTP, usually 4318.`;
}

/**
 * The message about an export to a backend that ended the connection. The endpoint is http.
 * @param {string} endpoint
 * @returns {string}
 */
function ended(endpoint) {
  return `${new URL(endpoint).host} ended the connection before it answered. If it needs TLS, write https:// in the endpoint.`;
}

/**
 * The message about an export over TLS to a port where something else is spoken.
 * @param {string} endpoint
 * @returns {string}
 */
function withoutTls(endpoint) {
  return `${new URL(endpoint).host} does not speak TLS. If it is for plain HTTP, write http:// in the endpoint.`;
}

module.exports = { answered, refused, otherProtocol, ended, withoutTls };
