'use strict';

/*
 * Draws the dashboards for the documentation: `docs/images/dashboard-*.png`.
 *
 *     node scripts/dashboard-pictures.js [DIRECTORY]
 *
 * The numbers are the results of the dashboards' own queries over the synthetic fortnight, in a real VictoriaMetrics. Grafana does
 * not draw them: the charts are those of the live page, in Chromium (`CHROMIUM_BIN`, or /usr/bin/chromium).
 */

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const esbuild = require('esbuild');
const { chromium } = require('playwright-core');

const { BUILDS } = require('../dashboards/source/builds');
const { BEGIN, NOW } = require('../testkit/dashboards/calendar');
const { drawing } = require('../testkit/dashboards/drawing');
const { fortnight } = require('../testkit/dashboards/fortnight');
const { findVictoriaMetrics, victoriaMetricsWith } = require('../testkit/dashboards/stores');

const ROOT = path.join(__dirname, '..');
const PAGE = path.join(ROOT, 'testkit', 'dashboards', 'picture');
const [{ folder, names }] = BUILDS;
const VIEW = { from: BEGIN, to: NOW, values: { project: '.*', team: '.*', provider: '.*', model: '.*', budget: '5000', min_group: '3' } };
const DASHBOARDS = ['cost', 'quality', 'usage', 'health'];

/**
 * @param {string} [directory] where the pictures are written
 * @returns {Promise<string[]>} paths of the pictures
 */
async function drawAll(directory = path.join(ROOT, 'docs', 'images')) {
  const program = findVictoriaMetrics(process.env);
  if (program.missing !== undefined) throw new Error(program.missing);
  fs.mkdirSync(directory, { recursive: true });
  const store = await victoriaMetricsWith(fortnight(), names, program);
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_BIN || '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const html = pageOf();
    const files = [];
    for (const name of DASHBOARDS) {
      const dashboard = JSON.parse(fs.readFileSync(path.join(ROOT, 'dashboards', folder, `${name}.json`), 'utf8'));
      files.push(await draw(browser, html, await drawing(store, dashboard, VIEW), path.join(directory, `dashboard-${name}.png`)));
    }
    return files;
  } finally {
    await browser.close();
    await store.close();
  }
}

async function draw(browser, html, picture, file) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, timezoneId: 'UTC', locale: 'en', offline: true });
  const page = await context.newPage();
  const problems = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await page.setContent(html);
  await page.evaluate((data) => globalThis.drawDashboard(data), picture);
  await page.screenshot({ path: file, fullPage: true });
  await context.close();
  if (problems.length > 0) throw new Error(`${file}: ${problems.join('; ')}`);
  return file;
}

/** The page with its script and style in one text, so that it needs no server. */
function pageOf() {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-picture-'));
  try {
    const [script, style] = [['main.js', 'page.js'], ['picture.css', 'page.css']].map(([source, built]) => {
      const outfile = path.join(directory, built);
      esbuild.buildSync({ entryPoints: [path.join(PAGE, source)], outfile, bundle: true, format: 'esm', target: 'es2022', logLevel: 'warning' });
      return fs.readFileSync(outfile, 'utf8');
    });
    return `<!doctype html><meta charset="utf-8"><style>${style}</style><body><script type="module">${script.replaceAll('</script', String.raw`<\/script`)}</script></body>`;
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

if (require.main === module) {
  drawAll(process.argv[2]).then((files) => {
    for (const file of files) console.log(`${path.relative(ROOT, file)}: ${Math.round(fs.statSync(file).size / 1000)} KB`);
  }, (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}

module.exports = { drawAll };
