'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { describeWith } = require('../../testkit/backends/program');
const { findPromtool } = require('../../testkit/dashboards/stores');

const DEPLOY = path.join(__dirname, '..', '..', 'deploy');
const FILES = ['compose.yaml', 'victoria-metrics.yaml'];

describe.each(FILES)('deploy/%s', (file) => {
  const text = fs.readFileSync(path.join(DEPLOY, file), 'utf8');
  const services = text.split('\nservices:\n')[1].split('\nvolumes:\n')[0].split(/^ {2}(?=[\w-]+:$)/m).filter((part) => part.trim() !== '');

  test('every service has a pinned image and a health check', () => {
    expect(services.length).toBeGreaterThan(0);
    for (const service of services) {
      expect(service).toMatch(/^ {4}image: [\w/.-]+:v?\d+\.\d+\.\d+$/m);
      expect(service).toMatch(/^ {4}healthcheck:\n {6}test: \["CMD", /m);
    }
  });

  test('every port is on the loopback interface', () => {
    const ports = services.flatMap((service) => Array.from((/^ {4}ports:\n((?: {6}- .*\n)+)/m.exec(service)?.[1] ?? '').matchAll(/- (.*)/g), ([, port]) => port));
    expect(ports.length).toBeGreaterThan(1);
    expect(ports.filter((port) => !/^"127\.0\.0\.1:\d+:\d+"$/.test(port))).toEqual([]);
  });

  test('everything that is mounted is there, and is read-only', () => {
    const mounts = Array.from(text.matchAll(/^ {6}- (\.[^:]+):([^:]+)(:ro)?$/gm));
    expect(mounts.length).toBeGreaterThan(2);
    expect(mounts.filter(([, source, , readOnly]) => readOnly === undefined || !fs.existsSync(path.join(DEPLOY, source)))).toEqual([]);
  });

  test('dashboards are mounted where the provider looks for them', () => {
    const [, where] = /path: (\S+)/.exec(fs.readFileSync(path.join(DEPLOY, 'grafana/dashboards.yaml'), 'utf8'));
    expect(text).toContain(`../dashboards/prometheus:${where}:ro`);
  });

  test('there is no account with a default password', () => {
    expect(text).toContain('GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: "true"');
    expect(text).toContain('GF_AUTH_ANONYMOUS_ORG_ROLE: Viewer');
  });

  test('its page shows the endpoint of a port that is open', () => {
    const page = fs.readFileSync(path.join(DEPLOY, 'README.md'), 'utf8');
    const endpoints = Array.from(page.matchAll(/"endpoint": "http:\/\/127\.0\.0\.1:(\d+)/g), ([, port]) => port);
    expect(endpoints.filter((port) => text.includes(`"127.0.0.1:${port}:${port}"`))).toHaveLength(1);
  });
});

const promtool = findPromtool(process.env);

describeWith('the config of Prometheus', [promtool], () => {
  test('is valid', () => {
    const file = path.join(DEPLOY, 'prometheus/prometheus.yaml');
    const { status, stderr } = spawnSync(promtool.bin, ['check', 'config', '--syntax-only', file], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('promotes what the dashboards need, as their page says', () => {
    const line = /promote_resource_attributes: \[.*\]/;
    const [here, there] = [path.join(DEPLOY, 'prometheus/prometheus.yaml'), path.join(DEPLOY, '../dashboards/README.md')].map((file) => line.exec(fs.readFileSync(file, 'utf8'))[0]);
    expect(here).toBe(there);
  });
});
