'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { launchChromium } = require('../testkit/browser/chromium');
const { startDemo } = require('../testkit/browser/demo-process');
const { visit } = require('../testkit/browser/visit');
const { sleep } = require('../testkit/waiting');
const { build } = require('./page');

const IMAGES = path.join(__dirname, '..', 'docs', 'images');
/** The whole synthetic day has passed, and everything has arrived. */
const DEMO = ['--seed', '7', '--speed', '600'];
const DAY_MS = 300_000;

/** The pictures of the documentation, each with the choices and the size of the window. */
const PICTURES = [
  { name: 'live-page-light', fragment: 'lang=en&theme=light&range=today', viewport: { width: 1440, height: 1000 } },
  { name: 'live-page-dark', fragment: 'lang=en&theme=dark&range=today', viewport: { width: 1440, height: 1000 }, section: 'quality' },
  { name: 'live-page-phone', fragment: 'lang=en&theme=light&range=today', viewport: { width: 390, height: 1200 } },
  { name: 'live-page-privacy', fragment: 'lang=en&theme=light&range=today', viewport: { width: 1440, height: 1000 }, setting: '2' },
  { name: 'live-page-zh-TW', fragment: 'lang=zh-TW&theme=light&range=today', viewport: { width: 1440, height: 1000 } },
];

/** Writes the pictures of the live page for `docs/`. `node scripts/screenshots.js [NAME…]` */
async function main(names) {
  build();
  fs.mkdirSync(IMAGES, { recursive: true });
  const demo = await startDemo(DEMO);
  const browser = await launchChromium();
  try {
    await allArrived(browser, demo.url);
    for (const picture of PICTURES.filter(({ name }) => names.length === 0 || names.includes(name))) await take(browser, demo.url, picture);
  } finally {
    await browser.close();
    await demo.stop();
  }
}

/** Runs in the page: a click has scrolled it. */
function scrollToTop() {
  globalThis.scrollTo(0, 0);
  globalThis.document.getElementById('privacy').scrollTop = 0;
}

async function allArrived(browser, url) {
  const { page, close } = await visit(browser, url);
  await page.locator('.connection-ended').waitFor({ timeout: DAY_MS });
  await close();
}

async function take(browser, url, { name, fragment, viewport, section, setting }) {
  const { page, problems, close } = await visit(browser, url, { viewport, fragment, context: { reducedMotion: 'reduce' } });
  await page.locator('.connection-ended').waitFor();
  await page.locator('.privacy-facts').waitFor();
  if (section !== undefined) await page.locator(`#${section}`).evaluate((element) => element.scrollIntoView());
  if (setting !== undefined) await page.locator(`#privacy input[name=tier][value="${setting}"]`).check({ force: true });
  if (setting !== undefined) await page.locator('.details-readable > summary').click();
  if (setting !== undefined) await page.evaluate(scrollToTop);
  await sleep(2500);
  const file = path.join(IMAGES, `${name}.png`);
  await page.screenshot({ path: file });
  console.log(`${name}.png: ${Math.round(fs.statSync(file).size / 1024)} KB${Object.values(problems).flat().length > 0 ? ` ${JSON.stringify(problems)}` : ''}`);
  await close();
}

if (require.main === module) {
  main(process.argv.slice(2)).catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
}

module.exports = { PICTURES };
