'use strict';

/**
 * Invalid configs and environments. Each is given a function that mints a marker, and returns what is special:
 * `project`, `personal` and `store` are files, as objects or as text, `env` are variables. Messages may contain names of
 * settings and of variables, the target of the metrics, and paths of files, but nothing else.
 */
const BROKEN = {
  'not JSON': (mint) => ({ project: `{"otel":{"tier":1 "${mint()}"}, "${mint()}"` }),
  'JSON that ends within a string': (mint) => ({ project: `{"otel":{"team":"${mint()}` }),
  'a tier that is text': (mint) => otel({ tier: mint() }),
  'settings that are not an object': (mint) => otel(mint()),
  'an unknown protocol': (mint) => otel({ ...ON, protocol: mint() }),
  'an unknown compression': (mint) => otel({ ...ON, compression: mint() }),
  'an unknown choice of names': (mint) => otel({ ...ON, names: mint() }),
  'an interval that is text': (mint) => otel({ ...ON, interval_seconds: mint() }),
  'a cardinality limit that is text': (mint) => otel({ ...ON, cardinality_overrides: { tool: mint() } }),
  'headers that are not an object': (mint) => otel({ ...ON, headers: mint() }),
  'a list for a name': (mint) => otel({ ...ON, project: [mint()] }),
  'an endpoint that is not HTTP': (mint) => otel({ ...ON, endpoint: `ftp://127.0.0.1/#${mint()}` }),
  'an endpoint with a password': (mint) => otel({ ...ON, endpoint: `http://${mint()}:${mint()}@127.0.0.1:9` }),
  'an endpoint with a key': (mint) => otel({ ...ON, endpoint: `http://127.0.0.1:9/?api_key=${mint()}` }),
  'a header that everybody can read': (mint) => otel({ ...ON, headers: { authorization: `Bearer ${mint()}`, 'x-api-key': mint() } }),
  'a token for a team': (mint) => otel({ ...ON, team: `sk-ant-api03-${mint()}${mint()}` }),
  'a token for an attribute': (mint) => otel({ ...ON, resource_attributes: { region: `ghp_${mint()}${mint()}${mint()}` } }),
  'a variable that is not a valid header': (mint) => ({ ...otel({ ...ON, headers: { 'x-tenant': '${SECRET}' } }), env: { SECRET: `${mint()}\n${mint()}` } }),
  'a variable for the name of a header': (mint) => ({ ...otel({ ...ON, headers: { 'x tenant': '${SECRET}' } }), env: { SECRET: mint() } }),
  'a variable that is not a valid endpoint': (mint) => ({ ...otel({ ...ON, endpoint: '${SECRET}' }), env: { SECRET: mint() } }),
  'a variable that is most of an endpoint': (mint) => ({ ...otel({ ...ON, endpoint: 'http://${SECRET}' }), env: { SECRET: `${mint()}:${mint()}@127.0.0.1:9/${mint()}` } }),
  'a variable for a certificate': (mint) => ({ ...otel({ ...ON, endpoint: 'https://127.0.0.1:9', tls: { ca_file: '${SECRET}' } }), env: { SECRET: `/nowhere/${mint()}` } }),
  'a variable beside one that is not set': (mint) => ({ ...otel({ ...ON, project: '${SECRET}${NOT_SET}' }), env: { SECRET: mint() } }),
  'an identity that is not text': (mint) => ({ ...otel({ ...ON, tier: 2 }), personal: { tier: 2, identity: { name: mint() } } }),
  'a variable for an identity that is not set': (mint) => ({ ...otel({ ...ON, tier: 2 }), personal: { tier: 2, identity: '${SECRET}${NOT_SET}' }, env: { SECRET: mint() } }),
  'an invalid timestamp': (mint) => ({ ...otel(ON), personal: { opt_in_acknowledged_at: mint() } }),
  'a user\'s header with a token': (mint) => ({ personal: { ...ON, headers: { 'x-key': `Bearer sk-ant-api03-${mint()}${mint()}` } } }),
  'an invalid file of approvals': (mint) => ({ ...otel({ ...ON, headers: { 'x-tenant': '${SECRET}' } }), env: { SECRET: mint(), CCXRAY_OTEL_TRUST: '' }, store: `{"version":1,"projects":"${mint()}"` }),
  ...Object.fromEntries([
    'CCXRAY_OTEL_TIER', 'OTEL_METRIC_EXPORT_INTERVAL', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_PROTOCOL',
    'OTEL_EXPORTER_OTLP_COMPRESSION', 'OTEL_EXPORTER_OTLP_TIMEOUT', 'OTEL_RESOURCE_ATTRIBUTES',
  ].map((variable) => [`an invalid ${variable}`, (mint) => ({ env: { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: 'https://127.0.0.1:9', [variable]: mint() } })])),
};

function otel(settings) {
  return { project: { otel: settings } };
}

const ON = { tier: 1, endpoint: 'http://127.0.0.1:9' };

module.exports = { BROKEN };
