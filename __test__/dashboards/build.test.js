'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { BUILDS, generatedFiles, ruleGroups } = require('../../dashboards/source/builds');
const { DOTS, UNDERSCORES } = require('../../dashboards/source/names');
const { MODEL, PROVIDER, PROVIDER_AND_MODEL } = require('../../dashboards/source/promql');
const { run } = require('../../scripts/dashboards');
const { METRICS } = require('../../testkit/backends/prometheus-names');
const { queriesOf } = require('../../testkit/dashboards/grafana');

const ROOT = path.join(__dirname, '..', '..');
const DASHBOARDS = BUILDS.flatMap(({ folder, names }) => Array.from(generatedFiles(names.id))
  .filter(([file]) => file.startsWith(folder))
  .map(([file, text]) => ({ file, names, dashboard: JSON.parse(text) })));
const PANELS = DASHBOARDS.flatMap(({ file, names, dashboard }) => dashboard.panels.filter(({ type }) => type !== 'row').map((panel) => ({ file, names, panel })));

/** Grafana's own variables. */
const BUILT_IN = new Set(['__range', '__range_s', '__interval', '__rate_interval', '__rate_interval_ms']);

test('the committed files are up to date', () => {
  const stale = Array.from(generatedFiles()).filter(([file, text]) => fs.readFileSync(path.join(ROOT, 'dashboards', file), 'utf8') !== text);
  expect(stale.map(([file]) => file)).toEqual([]);
});

test('no generated file is left over', () => {
  const there = [...BUILDS.map(({ folder }) => folder), 'rules'].flatMap((folder) => fs.readdirSync(path.join(ROOT, 'dashboards', folder)).map((file) => `${folder}/${file}`));
  expect(there.filter((file) => file !== 'rules/tests').toSorted()).toEqual([...generatedFiles().keys()].toSorted());
});

test('the script refuses a spelling that it does not know', () => {
  const lines = [];
  expect(run(['--names', 'dashes'], { stderr: { write: (line) => lines.push(line) } })).toBe(2);
  expect(lines.join('')).toBe('--names is underscores or dots, not dashes\n');
});

test('every dashboard has a stable uid, a schema version, tags and a link to the others', () => {
  const uids = DASHBOARDS.map(({ dashboard }) => dashboard.uid);
  expect(new Set(uids)).toEqual(new Set(['ccxray-cost', 'ccxray-quality', 'ccxray-usage', 'ccxray-health']));
  for (const { dashboard } of DASHBOARDS) {
    expect(dashboard).toMatchObject({ schemaVersion: 42, tags: ['ccxray'], links: [{ type: 'dashboards', tags: ['ccxray'], includeVars: true, keepTime: true }] });
    expect(dashboard.description).not.toBe('');
  }
});

test('every panel has a title, a description and a unit', () => {
  const lacking = PANELS.filter(({ panel: { title, description, fieldConfig, options } }) => !title || !description?.endsWith('.') || !(fieldConfig.defaults.unit ?? options.yAxis?.unit));
  expect(lacking.map(({ panel }) => panel.title)).toEqual([]);
});

test('the titles of a dashboard differ', () => {
  for (const { dashboard } of DASHBOARDS) {
    const titles = dashboard.panels.map(({ title }) => title);
    expect(titles.filter((title, at) => titles.indexOf(title) !== at)).toEqual([]);
  }
});

test('panels do not overlap and fit the grid', () => {
  for (const { file, dashboard } of DASHBOARDS) {
    const taken = new Set();
    for (const { title, gridPos: { x, y, w, h } } of dashboard.panels) {
      expect([file, title, x + w <= 24]).toEqual([file, title, true]);
      for (let column = x; column < x + w; column += 1) {
        for (let row = y; row < y + h; row += 1) {
          expect([file, title, taken.has(`${column} ${row}`)]).toEqual([file, title, false]);
          taken.add(`${column} ${row}`);
        }
      }
    }
  }
});

test('every variable of a query is defined', () => {
  for (const { dashboard } of DASHBOARDS) {
    const known = new Set([...BUILT_IN, ...dashboard.templating.list.map(({ name }) => name)]);
    const used = queriesOf(dashboard).flatMap(({ expr }) => Array.from(expr.matchAll(/\$(\w+)/g), ([, name]) => name));
    expect(used.filter((name) => !known.has(name))).toEqual([]);
  }
});

test('every dashboard has the same variables', () => {
  for (const { dashboard } of DASHBOARDS) expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'project', 'team', 'provider', 'model', 'budget', 'min_group']);
});

test('no panel shows a person or a process', () => {
  const shown = PANELS.flatMap(({ panel: { title, targets, transformations } }) => [...targets.map(({ legendFormat }) => legendFormat ?? ''), JSON.stringify(transformations ?? [])].map((text) => [title, text]));
  expect(shown.filter(([, text]) => /enduser|instance/.test(text))).toEqual([]);
  const outermost = PANELS.flatMap(({ panel: { title, targets } }) => targets.map(({ expr }) => [title, /^\(*(?:sum|count|max|avg)? ?(?:by )?\(([^()]*)\)/.exec(expr)?.[1] ?? '']));
  expect(outermost.filter(([, labels]) => /enduser|instance/.test(labels))).toEqual([]);
});

test('every query by project or team hides small groups', () => {
  const open = PANELS.flatMap(({ names, panel: { title, targets } }) => {
    const groups = [names.label('project.name'), names.label('team')].join('|');
    return targets.filter(({ expr }) => new RegExp(`by \\([^()]*(?:${groups})`).test(expr) && !expr.includes('>= $min_group')).map(() => title);
  });
  expect(open).toEqual([]);
});

test('names in Prometheus are those of its translator', () => {
  expect(METRICS.map(({ otlp }) => UNDERSCORES.series(otlp))).toEqual(METRICS.map(({ prometheus }) => prometheus));
  expect(METRICS.map(({ otlp }) => DOTS.series(otlp))).toEqual(METRICS.map(({ otlp }) => otlp));
});

test('every metric is in a panel', () => {
  const text = JSON.stringify(DASHBOARDS.filter(({ names }) => names === UNDERSCORES));
  expect(METRICS.filter(({ prometheus }) => !text.includes(prometheus)).map(({ otlp }) => otlp)).toEqual([]);
});

test('the variables filter the metrics that have their attribute', () => {
  const rows = Array.from(fs.readFileSync(path.join(ROOT, 'docs/metrics.md'), 'utf8').matchAll(/^\| `(ccxray\.[\w.]+)` \| [^|]+ \| ([^|]+) \|/gm));
  expect(rows.length).toBe(METRICS.length);
  const having = (...keys) => new Set(rows.filter(([, , attributes]) => ['provider', 'model'].every((key) => attributes.includes(`\`${key}\``) === keys.includes(key))).map(([, metric]) => metric));
  expect(PROVIDER_AND_MODEL).toEqual(having('provider', 'model'));
  expect(PROVIDER).toEqual(having('provider'));
  expect(MODEL).toEqual(having('model'));
});

test('alerts about governance have no label of a project or a team', () => {
  const rules = ruleGroups(UNDERSCORES).flatMap((group) => group.rules).filter(({ alert }) => /FullAccess|Dangerous/.test(alert ?? ''));
  expect(rules).toHaveLength(2);
  for (const { expr } of rules) expect(expr).not.toMatch(/project_name|team/);
});
