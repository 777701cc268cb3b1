'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { startBackend } = require('../../testkit/backends/backend');
const { describeWith } = require('../../testkit/backends/program');
const { METRICS, seriesNames } = require('../../testkit/backends/prometheus-names');
const { findPrometheus } = require('../../testkit/backends/prometheus');
const { replayFor } = require('../../testkit/backends/replay');
const { findVictoriaMetrics } = require('../../testkit/backends/victoria-metrics');
const { call } = require('../../testkit/cli/call');

const DOCS = path.join(__dirname, '..', '..', 'docs');
const read = (name) => fs.readFileSync(path.join(DOCS, name), 'utf8');

const PAGES = [['backends.md', read('backends.md')], ['semconv.md', read('semconv.md')]];
const [[, BACKENDS]] = PAGES;

/** The cells of the table of backends. */
const ROWS = BACKENDS.split('\n').filter((line) => line.startsWith('| [')).map((line) => line.slice(2, -2).split(' | '));

/** Attributes, of the resource and of the translation in semconv.md. */
const ATTRIBUTES = new Set([...Array.from(read('metrics.md').matchAll(/^\| `([a-z_.]+)`(?:, `([a-z_.]+)`)? \|/gm), ([, ...names]) => names).flat(), 'ccxray.input']);

describe.each(PAGES)('docs/%s', (_, page) => {
  test('has no metric that does not exist', () => {
    const dotted = new Set([...METRICS.map(({ otlp }) => otlp), ...ATTRIBUTES]);
    const unknown = Array.from(page.matchAll(/\bccxray\.[a-z_.]*[a-z]/g), ([name]) => name).filter((name) => !dotted.has(name));
    expect(unknown).toEqual([]);
    const series = new Set([...METRICS.flatMap(seriesNames), 'ccxray_cli_otel_active']);
    expect(Array.from(page.matchAll(/\bccxray_[a-z_]+/g), ([name]) => name).filter((name) => !series.has(name))).toEqual([]);
  });
});

describe('docs/backends.md', () => {
  const sections = BACKENDS.split('\n## ').slice(1).map((text) => [text.slice(0, text.indexOf('\n')), text]);
  const configs = sections.flatMap(([title, text]) => fences(text, 'json').map((json) => [title, json]));

  test('has a section for each row of its table', () => {
    expect(ROWS.length).toBe(12);
    const anchors = new Set(sections.map(([title]) => anchorOf(title)));
    expect(ROWS.map(([name]) => /#([a-z-]+)\)/.exec(name)[1]).filter((anchor) => !anchors.has(anchor))).toEqual([]);
  });

  test.each(configs)('has a config for %s that is valid, with the endpoint of the table', async (title, json) => {
    const { otel } = JSON.parse(json);
    const [, endpoint, temporality] = ROWS.find(([name]) => name.startsWith(`[${title}`) || name.includes(`#${anchorOf(title)})`));
    expect(endpoint).toMatch(/^`https?:/);
    if (temporality.startsWith('`')) expect(temporality).toBe(`\`${otel.temporality ?? 'cumulative'}\``);
    await withProject(json, async (directory) => {
      const env = Object.fromEntries(Array.from(json.matchAll(/\$\{([A-Z_]+)\}/g), ([, name]) => [name, 'value-of-a-test']));
      const { code, stdout, stderr } = await call(['status', '--json'], { cwd: directory, home: directory, env: { ...env, CCXRAY_OTEL_TRUST: '1' } });
      expect(stderr).toBe('');
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ tier: 1, endpoint: `${otel.endpoint}/v1/metrics`, project: 'shop' });
    });
  });
});

for (const program of [findPrometheus(process.env), findVictoriaMetrics(process.env)]) {
  describeWith(`the queries of the pages, with ${program.name}`, [program], () => {
    let backend;

    beforeAll(async () => {
      backend = await startBackend(program);
      await replayFor({ enabled: true, tier: 1, endpoint: backend.otlpEndpoint, interval_seconds: 3600, project: 'shop', team: 'payments' }, { turns: 60, flushes: 1 });
      await backend.settle();
    }, 120_000);
    afterAll(() => backend?.close());

    test.each(PAGES.flatMap(([, page]) => fences(page, 'promql').map((query) => [query])))('%s', async (query) => {
      const answers = await backend.query(query);
      expect(answers.length).toBeGreaterThan(0);
      expect(answers.some(({ value }) => Number(value[1]) > 0)).toBe(true);
      for (const label of ['project_name', 'team', 'model']) {
        if (new RegExp(String.raw`by \([a-z_, ]*\b${label}\b`).test(query)) expect(answers[0].metric[label]).toMatch(/./);
      }
    });
  });
}

describeWith('users who also have their agent\'s own telemetry', [findVictoriaMetrics(process.env)], () => {
  test('are left out by the query of docs/semconv.md', async () => {
    const backend = await startBackend(findVictoriaMetrics(process.env));
    try {
      const otel = { enabled: true, tier: 1, endpoint: backend.otlpEndpoint, interval_seconds: 3600 };
      for (const env of [{}, { CLAUDE_CODE_ENABLE_TELEMETRY: '1' }]) await replayFor(otel, { turns: 40, env });
      await backend.settle();
      const [sum, both] = await Promise.all(['ccxray_cost_usd_total{ccxray_cli_otel_active!="true"}', 'ccxray_cost_usd_total'].map((of) => backend.query(`sum(increase(${of}[1h]))`)));
      expect(Number(sum[0].value[1])).toBeGreaterThan(0);
      expect(Number(both[0].value[1])).toBeCloseTo(2 * Number(sum[0].value[1]), 9);
    } finally {
      await backend.close();
    }
  }, 120_000);
});

/** The anchor of a heading. */
function anchorOf(title) {
  return title.toLowerCase().replaceAll(' ', '-');
}

/** The contents of the code blocks of a language, without their indent. */
function fences(text, language) {
  const blocks = Array.from(text.matchAll(new RegExp(String.raw`^( *)\`\`\`${language}\n([\s\S]*?)^ *\`\`\``, 'gm')));
  return blocks.map(([, indent, code]) => code.split('\n').map((line) => line.slice(indent.length)).join('\n').trim());
}

async function withProject(json, run) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-otel-'));
  try {
    fs.writeFileSync(path.join(directory, '.ccxray.json'), json);
    await run(directory);
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}
