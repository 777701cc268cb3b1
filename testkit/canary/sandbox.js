'use strict';

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const { Planter } = require('./planter');

/**
 * Makes everything that a process can read: a home, projects, their configs and an environment. Markers are planted
 * everywhere.
 * @param {object} plan
 * @param {string} plan.root an empty directory
 * @param {import('./markers').Markers} plan.markers
 * @param {object} plan.otel settings of the project, added to the settings of all projects
 * @param {string} plan.endpoint of the project
 * @param {string} plan.elsewhere where nothing must be sent
 * @returns {Sandbox}
 */
function createSandbox({ root, markers, otel, endpoint, elsewhere }) {
  const text = (where) => new Planter(markers).text(where);
  const directory = (name, within = root) => {
    const created = path.join(within, `${name}-${markers.mint('directory', `the directory ${name}`)}`);
    fs.mkdirSync(created);
    return created;
  };
  const places = { own: directory('own'), other: directory('other'), stranger: directory('stranger'), decoy: directory('decoy') };
  const [home, ccxrayHome, tmp] = ['home', 'ccxray', 'tmp'].map((name) => directory(name));
  const identity = markers.mint('identity', 'the identity', true);
  const token = markers.mint('token', 'the token', true);

  /** A config that also has keys of other programs. */
  const config = (at, name, settings) => {
    const unrelated = { [markers.mint('content', name)]: text(name), statusLine: { command: text(name) }, env: { API_KEY: text(name) }, permissions: [text(name)] };
    fs.writeFileSync(path.join(at, name), JSON.stringify({ ...unrelated, otel: settings, hooks: [{ command: text(name) }] }));
  };
  config(places.own, '.ccxray.json', {
    endpoint,
    headers: { authorization: 'Bearer ${CANARY_TOKEN}' },
    project: 'own',
    team: 'payments',
    resource_attributes: {
      'deployment.environment.name': '${CANARY_REGION}',
      'host.name': markers.mint('content', 'host.name in the config'),
      'session.id': markers.mint('content', 'session.id in the config'),
      contact: `${markers.mint('content', 'an address in the config')}@corp.example`,
    },
    ...otel,
  });
  config(places.own, '.ccxray.user.json', { tier: 2 });
  config(home, '.ccxray.user.json', { tier: 2, identity: `jo-${identity}`, opt_in_acknowledged_at: '2026-01-31T09:00:00Z', endpoint: elsewhere, headers: { 'x-home-token': '${CANARY_HOME_TOKEN}' } });
  // Two other projects of the same process: one sends numbers only, and the last one is not approved.
  fs.mkdirSync(path.join(places.other, '.git'));
  config(places.other, '.ccxray.json', { tier: 1, endpoint, project: 'other' });
  places.other = directory('package', places.other);
  config(places.stranger, '.ccxray.json', { tier: 2, names: 'all', endpoint, headers: { 'x-leak': '${ANTHROPIC_API_KEY}' }, project: 'stranger' });
  config(places.decoy, '.ccxray.json', { tier: 2, names: 'all', endpoint: elsewhere, project: 'decoy' });
  for (const [at, name] of [[home, '.gitconfig'], [home, '.netrc'], [ccxrayHome, 'index.ndjson'], [tmp, 'notes.txt'], [places.own, 'CLAUDE.md']]) {
    fs.writeFileSync(path.join(at, name), `${text(name)}\n`);
  }

  const env = { ...unrelatedVariables(markers, elsewhere), HOME: home, USERPROFILE: home, CCXRAY_HOME: ccxrayHome, TMPDIR: tmp, TMP: tmp, TEMP: tmp };
  env.CANARY_TOKEN = token;
  env.CANARY_REGION = markers.mint('variable', 'a variable for a resource attribute', true);
  return new Sandbox(root, { places, env, identity, token });
}

/** The directories and the environment of one process, and the files that it writes. */
class Sandbox {
  places;
  env;
  identity;
  token;
  #root;
  #before;

  constructor(root, { places, env, identity, token }) {
    Object.assign(this, { places, env, identity, token });
    this.#root = root;
    this.#before = fingerprints(root);
  }

  /** @returns {{name: string, content: Buffer}[]} the files that were written, with their paths within the sandbox */
  written() {
    const after = fingerprints(this.#root);
    const names = Array.from(after.keys()).filter((name) => after.get(name) !== this.#before.get(name));
    return names.map((name) => ({ name, content: contentOf(path.join(this.#root, name)) }));
  }
}

function fingerprints(root) {
  const files = fs.readdirSync(root, { recursive: true }).filter((name) => !fs.statSync(path.join(root, name)).isDirectory());
  return new Map(files.map((name) => [name, createHash('sha256').update(contentOf(path.join(root, name))).digest('hex')]));
}

function contentOf(file) {
  return fs.statSync(file).isFile() ? fs.readFileSync(file) : Buffer.alloc(0);
}

/** The environment of a user, in which all values are private. */
function unrelatedVariables(markers, elsewhere) {
  const planter = new Planter(markers);
  // A variable cannot contain a zero byte.
  const value = (name) => planter.text(`the variable ${name}`).replaceAll('\0', '');
  const plain = (name) => markers.mint('content', `the variable ${name}`);
  const proxy = (name) => `http://${plain(name)}:${plain(name)}@${new URL(elsewhere).host}`;
  return {
    ...Object.fromEntries([...VARIABLES, ...Array.from({ length: 60 }, () => `${plain('a name')}_KEY`)].map((name) => [name, value(name)])),
    ...Object.fromEntries(PROXIES.map((name) => [name, proxy(name)])),
    // These count only if no file sets an endpoint, but here a file does.
    OTEL_EXPORTER_OTLP_ENDPOINT: `${elsewhere}/${plain('endpoint')}`,
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${elsewhere}/${plain('endpoint')}`,
    OTEL_EXPORTER_OTLP_HEADERS: `x-env-token=${plain('headers')},authorization=Bearer%20${plain('headers')}`,
    OTEL_EXPORTER_OTLP_METRICS_HEADERS: `x-env-token=${plain('headers')}`,
    OTEL_SERVICE_NAME: plain('service name'),
    // These are not sent at any tier: who and where the user is, and attributes that the package sets itself.
    OTEL_RESOURCE_ATTRIBUTES: FORBIDDEN_ATTRIBUTES.map((key) => `${key}=${plain(key)}`).concat(`maintainer=${plain('an address')}%40corp.example`).join(','),
    CLAUDE_CODE_ENABLE_TELEMETRY: '1',
  };
}

const FORBIDDEN_ATTRIBUTES = [
  'enduser.id', 'user.id', 'user.name', 'user.email', 'host.name', 'host.id', 'process.pid', 'process.command_args', 'process.owner', 'device.id',
  'session.id', 'client.address', 'cloud.account.id', 'service.instance.id', 'service.name',
];
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'];
const VARIABLES = [
  'USER', 'LOGNAME', 'USERNAME', 'HOSTNAME', 'COMPUTERNAME', 'SHELL', 'EDITOR', 'OLDPWD', 'MAIL', 'SSH_CONNECTION', 'SSH_AUTH_SOCK', 'XDG_CONFIG_HOME', 'GIT_AUTHOR_NAME',
  'GIT_AUTHOR_EMAIL', 'GIT_COMMITTER_EMAIL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE', 'GOOGLE_APPLICATION_CREDENTIALS', 'AZURE_CLIENT_SECRET',
  'GITHUB_TOKEN', 'GITLAB_TOKEN', 'NPM_TOKEN', 'CARGO_REGISTRY_TOKEN', 'DATABASE_URL', 'KUBECONFIG', 'SENTRY_DSN', 'ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN',
  'ANTHROPIC_BASE_URL', 'ANTHROPIC_MODEL', 'ANTHROPIC_CUSTOM_HEADERS', 'OPENAI_API_KEY', 'OPENAI_BASE_URL', 'XAI_API_KEY', 'GROK_API_KEY', 'CODEX_HOME', 'CODEX_API_KEY',
  'CLAUDE_CODE_OAUTH_TOKEN', 'CLAUDE_CODE_ENTRYPOINT', 'CLAUDE_CONFIG_DIR', 'CLAUDE_PROJECT_DIR', 'CLAUDE_CODE_SESSION_ID', 'CCXRAY_AGENT_ID', 'CCXRAY_USER_EMAIL',
  'CCXRAY_TEAM', 'CCXRAY_AGENT_TYPE', 'CCXRAY_MODEL_PREFIX', 'CCXRAY_PRICING_CACHE', 'CANARY_HOME_TOKEN',
];

module.exports = { createSandbox };
