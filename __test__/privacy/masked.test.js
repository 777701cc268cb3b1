'use strict';

const { randomInt } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const { leaksIn } = require('../../testkit/canary/leaks');
const { readPending } = require('../../testkit/pending/file');
const { Markers } = require('../../testkit/canary/markers');
const { run: runChild } = require('../../testkit/process/run');
const { projects } = require('../../testkit/scratch/projects');

const SEED = Number(process.env.CANARY_SEED ?? randomInt(2 ** 31));
const STREAM = 1020;
const ENDPOINT = 'http://127.0.0.1:9';
const ON = { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT };

const { project, home } = projects();

/**
 * By variable that the package reads: values with markers, valid and invalid ones. Not in this table: `HOME`, `CCXRAY_HOME` and
 * `CCXRAY_OTEL_CONFIG`, which say where files are. Messages name these files.
 */
const VALUES = {
  OTEL_RESOURCE_ATTRIBUTES: [
    (mint) => `team=${mint()},cloud.region=eu-${mint()},service.version=1.${mint()},host.name=${mint()},deployment.environment.name=${mint()}`,
    (mint) => `no pairs ${mint()}`,
    (mint) => `${mint()}@corp.example=${mint()}`,
  ],
  ...both('HEADERS', [
    (mint) => `authorization=Bearer%20${mint()},x-tenant=${mint()}`,
    (mint) => `authorization=${mint()}%0A${mint()}`,
    (mint) => `no pairs ${mint()}`,
  ]),
  ...both('ENDPOINT', [
    (mint) => `http://${mint()}:${mint()}@127.0.0.1:9/x`,
    (mint) => `${ENDPOINT}/?token=${mint()}#${mint()}`,
    (mint) => `${ENDPOINT}/hooks/${mint()}/v1`,
    (mint) => `ftp://${mint()}@127.0.0.1/${mint()}`,
    (mint) => `127.0.0.1:9/${mint()}?x=${mint()}`,
    (mint) => `${mint()}:9`,
    (mint) => mint(),
  ]),
  ...both('PROTOCOL', [(mint) => mint()]),
  ...both('COMPRESSION', [(mint) => mint()]),
  ...both('TIMEOUT', [(mint) => mint(), (mint) => `-1${mint()}`]),
  ...both('CERTIFICATE', [(mint) => `/nowhere/${mint()}.pem`], { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://127.0.0.1:9' }),
  ...both('CLIENT_CERTIFICATE', [(mint) => `/nowhere/${mint()}.pem`], { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://127.0.0.1:9', OTEL_EXPORTER_OTLP_CLIENT_KEY: '/nowhere/x' }),
  ...both('CLIENT_KEY', [(mint) => `/nowhere/${mint()}.pem`], { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://127.0.0.1:9', OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: '/nowhere/x' }),
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: [(mint) => mint()],
  OTEL_METRIC_EXPORT_INTERVAL: [(mint) => mint()],
  OTEL_METRIC_EXPORT_TIMEOUT: [(mint) => mint()],
  OTEL_METRICS_EXPORTER: [(mint) => mint(), (mint) => `${mint()},${mint()}`],
  OTEL_SERVICE_NAME: [(mint) => mint()],
  OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: [(mint) => mint()],
  OTEL_SDK_DISABLED: [(mint) => mint()],
  DO_NOT_TRACK: [(mint) => mint()],
  CCXRAY_OTEL_TIER: [(mint) => mint(), (mint) => `2 ${mint()}`],
  CCXRAY_OTEL_IDENTITY: [(mint) => `jo ${mint()}`],
  CCXRAY_OTEL_TRUST: [(mint) => mint()],
  CLAUDE_CODE_ENABLE_TELEMETRY: [(mint) => mint()],
  SSL_CERT_FILE: [(mint) => `/nowhere/${mint()}`],
  SSL_CERT_DIR: [(mint) => `/nowhere/${mint()}`],
  NODE_EXTRA_CA_CERTS: [(mint) => `/nowhere/${mint()}`],
};
/** What else has to be set so that a variable counts. */
const BESIDE = { CCXRAY_OTEL_IDENTITY: { CCXRAY_OTEL_TIER: '2' }, SSL_CERT_FILE: { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://127.0.0.1:9' }, NODE_EXTRA_CA_CERTS: { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://127.0.0.1:9' } };

/** The settings of a config file that can contain `${SECRET}`. */
const SETTINGS = {
  project: '${SECRET}',
  team: 'team ${SECRET}',
  known_names: ['${SECRET}'],
  endpoint: `${ENDPOINT}/\${SECRET}`,
  headers: { authorization: 'Bearer ${SECRET}', 'x-tenant': '${SECRET}' },
  resource_attributes: { 'cloud.region': '${SECRET}', 'host.name': '${SECRET}' },
  tls: { ca_file: '${SECRET}' },
};

describe(`no output repeats the value of a variable (CANARY_SEED=${SEED})`, () => {
  const markers = new Markers(STREAM, SEED);
  const variables = Object.entries(VALUES).flatMap(([variable, values]) => values.map((value, i) => {
    const { env, ...rest } = typeof value === 'function' ? { value, env: {} } : value;
    return { title: `${variable} ${i}`, cwd: () => project(), env: { ...ON, ...env, ...BESIDE[variable], [variable]: rest.value(() => markers.mint('content', variable)) } };
  }));
  const settings = Object.entries(SETTINGS).map(([setting, value]) => ({
    title: `"${setting}" of a file`,
    cwd: () => project({ tier: 1, endpoint: setting === 'tls' ? 'https://127.0.0.1:9' : ENDPOINT, [setting]: value }),
    env: { SECRET: markers.mint('content', setting), CCXRAY_OTEL_TRUST: '1' },
  }));
  const cases = [...variables, ...settings];
  let outputs;

  beforeAll(async () => {
    const file = path.join(project(), 'cases.json');
    fs.writeFileSync(file, JSON.stringify(cases.map(({ title, cwd, env }) => ({ title, cwd: cwd(), home, env }))));
    const { code, stdout, stderr } = await runChild('canary/masked-child.js', [file], { withinMs: 110_000 });
    if (code !== 0) throw new Error(stderr);
    outputs = { ...JSON.parse(stdout), stderr };
  }, 120_000);

  test.each(cases.map(({ title }) => title))('%s', (title) => {
    const { texts } = outputs.cases.find((one) => one.title === title);
    expect(Object.keys(texts)).toEqual(['init', 'record', 'preview', 'status', 'report', 'trust', 'initConfig', 'cli status', 'cli status --json', 'cli check', 'cli trust', 'cli preview', 'cli preview --json', 'cli preview --diff tier=2']);
    for (const [output, text] of Object.entries(texts)) expect([output, leaksIn(text, markers.planted)]).toEqual([output, []]);
  });

  test('nor do standard error and the files in the home directory', () => {
    expect(leaksIn(outputs.stderr, markers.planted)).toEqual([]);
    const files = fs.readdirSync(home, { recursive: true }).map((name) => path.join(home, name)).filter((name) => fs.statSync(name).isFile());
    expect(files.map((name) => path.basename(name))).toEqual(expect.arrayContaining(['otel.log']));
    for (const name of files) expect([name, leaksIn(shownIn(name), markers.planted)]).toEqual([name, []]);
  });
});

/** The content of a file. What waits to be delivered is a request, in which values are as they are sent. */
function shownIn(name) {
  const content = fs.readFileSync(name);
  return name.endsWith('.otlp') ? JSON.stringify(readPending(content).header) : content;
}

/** Values of a variable that exists for all signals and for metrics. */
function both(name, values, env) {
  const all = values.map((value) => ({ value, env }));
  return { [`OTEL_EXPORTER_OTLP_${name}`]: all, [`OTEL_EXPORTER_OTLP_METRICS_${name}`]: all };
}
