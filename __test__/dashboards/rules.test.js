'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { BUILDS, ruleGroups } = require('../../dashboards/source/builds');
const { describeWith } = require('../../testkit/backends/program');
const { findPromtool } = require('../../testkit/dashboards/stores');

const ROOT = path.join(__dirname, '..', '..', 'dashboards');
const TESTS = path.join(ROOT, 'rules', 'tests');
const RULES = ruleGroups(BUILDS[0].names).flatMap(({ rules }) => rules);
const ALERTS = RULES.filter(({ alert }) => alert !== undefined);
const CASES = fs.readdirSync(TESTS).flatMap((file) => fs.readFileSync(path.join(TESTS, file), 'utf8').split('\n  - name: ').slice(1));

test('there are at least 15 alerts and 15 recorded series', () => {
  expect(ALERTS.length).toBeGreaterThanOrEqual(15);
  expect(RULES.length - ALERTS.length).toBeGreaterThanOrEqual(15);
});

test.each(ALERTS.map((rule) => [rule.alert, rule]))('%s has a case in which it fires and one in which it does not', (name) => {
  const firing = CASES.filter((text) => text.startsWith(`${name} fires `) && text.includes(`ALERTS{alertname="${name}", alertstate="firing"}`) && /exp_samples:\n\s+- labels: .*alertstate="firing".*\n\s+value: 1/.test(text));
  const silent = CASES.filter((text) => text.startsWith(`${name} does not fire `) && text.includes(`expr: ALERTS{alertname="${name}"}`) && text.includes('exp_samples: []'));
  expect([firing.length, silent.length]).toEqual([1, 1]);
});

test.each(ALERTS.map((rule) => [rule.alert, rule]))('%s has a severity, a summary, a description and a section with the cure', (name, { labels, annotations }) => {
  expect(['critical', 'warning', 'info']).toContain(labels.severity);
  expect(annotations.summary.length).toBeGreaterThan(15);
  expect(annotations.description).toMatch(/\.$/);
  const anchor = annotations.runbook_url.split('#')[1];
  const headings = Array.from(fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8').matchAll(/^#+ (.+)$/gm), ([, heading]) => heading.toLowerCase());
  expect(headings).toContain(anchor);
});

const promtool = findPromtool(process.env);

describeWith('rules in promtool', [promtool], () => {
  test.each(BUILDS.map(({ rules }) => rules))('%s is valid', (file) => {
    expect(outcome(['check', 'rules', '--lint=all', '--lint-fatal', path.join(ROOT, file)])).toEqual({ status: 0, complaints: '' });
  });

  test('all cases pass', () => {
    expect(outcome(['test', 'rules', ...fs.readdirSync(TESTS).map((file) => path.join(TESTS, file))])).toEqual({ status: 0, complaints: '' });
  });
});

function outcome(args) {
  const { status, stdout, stderr } = spawnSync(promtool.bin, args, { encoding: 'utf8' });
  return { status, complaints: status === 0 ? '' : stdout + stderr };
}
