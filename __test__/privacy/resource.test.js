'use strict';

const addon = require('../..');
const { turn } = require('../../testkit/entries/turn');
const { plainAttributes } = require('../../testkit/otlp/messages');
const { startReceiver } = require('../../testkit/receiver/receiver');
const { projects } = require('../../testkit/scratch/projects');

/** By group: attributes of the resource that are not sent at tier 1. */
const NOT_SENT = {
  'a person': {
    'user.name': 'mika', 'user.email': 'x', userEmail: 'x', username: 'mika', 'enduser.id': 'x', 'enduser.role': 'x', 'enduser.email': 'x', contact: 'oncall', owner: 'mika', author: 'mika',
    phone: '1', 'git.author.name': 'mika', nick: 'mika', 'given.name': 'Mika', 'account.id': 'x', accountId: 'x', 'session.id': 'x', member: 'mika', 'Team': 'mika', 'team ': 'mika', 'TEAM': 'mika',
  },
  'a machine': {
    'host.name': 'x', 'host.ip': 'x', 'net.host.name': 'x', 'k8s.pod.name': 'x', 'k8s.node.uid': 'x', 'container.id': 'x', 'process.command_line': 'x', 'process.owner': 'x', 'device.id': 'x', 'cloud.account.id': 'x',
    'cloud.resource_id': 'x', 'faas.instance': 'x', 'service.instance.id': 'x', 'server.address': 'x', 'client.address': 'x', ip: 'x', mac: 'x', hostname: 'x', fqdn: 'x', serial: 'x', 'vm.id': 'x',
  },
  'a text in its key': { 'mika@corp.example': '1', '/home/mika': '1', '10.0.0.7': '1', 'ghp_A1b2C3d4A1b2C3d4A1b2C3d4A1b2C3d4': '1', 'team.mika': '1' },
};
/** Attributes that are sent, with values that are not. */
const VALUES = {
  team: ['mika@corp.example', 'payments'],
  'service.namespace': ['/srv/clients/acme', 'shop'],
  'service.version': ['10.0.0.7', '1.2.3'],
  'project.name': ['https://git.corp.example/acme', 'acme-shop'],
  'deployment.environment.name': ['mikas-laptop.local', 'staging'],
  'cloud.region': ['6f9619ff-8b86-d011-b42d-00cf4fc964ff', 'eu-central-1'],
  'cloud.provider': ['+41 79 123 45 67', 'aws'],
};

const { options } = projects();
let receiver;

beforeEach(async () => {
  receiver = await startReceiver();
});

afterEach(async () => {
  await addon.shutdown();
  await receiver.close();
});

/** The attributes of the resource that arrive, and the warnings of `status`. */
async function sentWith(attributes, env) {
  const pairs = Object.entries(attributes).map((pair) => pair.map(encodeURIComponent).join('='));
  addon.init(options(undefined, { CCXRAY_OTEL_TIER: '1', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, OTEL_RESOURCE_ATTRIBUTES: pairs.join(','), ...env }));
  addon.record(turn());
  expect(await addon.flush(5000)).toBe(true);
  const sent = plainAttributes(receiver.lastRequest.resourceMetrics[0].resource.attributes);
  return { sent, warnings: addon.status().warnings };
}

test.each(Object.keys(NOT_SENT))('no attribute about %s is sent, and status counts them', async (group) => {
  const usual = new Set(Object.keys((await sentWith({})).sent));
  await addon.shutdown();
  const { sent, warnings } = await sentWith(NOT_SENT[group]);
  expect(new Set(Object.keys(sent))).toEqual(usual);
  expect(warnings.filter((text) => / not sent/.test(text)).length).toBeGreaterThanOrEqual(Math.min(16, Object.keys(NOT_SENT[group]).length));
  expect(JSON.stringify(warnings)).not.toMatch(/corp|\/home|10\.0\.0|ghp_/);
});

test('at tier 2, other attributes of the user are sent as well', async () => {
  const { sent } = await sentWith({ 'enduser.role': 'reviewer', 'enduser.email': 'mika@corp.example', 'host.name': 'x' }, { CCXRAY_OTEL_TIER: '2', CCXRAY_OTEL_IDENTITY: 'mika', CCXRAY_OTEL_RESOLUTION: 'minute' });
  expect(sent).toMatchObject({ 'enduser.id': 'mika', 'enduser.role': 'reviewer', 'enduser.email': 'redacted' });
  expect(sent['host.name']).toBeUndefined();
});

test.each(Object.entries(VALUES))('a private value of %s is redacted', async (key, [secret, usual]) => {
  expect((await sentWith({ [key]: secret })).sent[key]).toBe('redacted');
  await addon.shutdown();
  expect((await sentWith({ [key]: usual })).sent[key]).toBe(usual);
});
