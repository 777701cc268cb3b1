'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { loadSeries, startLoadServer } = require('../testkit/browser/load-server');
const { launchChromium } = require('../testkit/browser/chromium');
const { build } = require('./page');

const SERIES = Number(process.argv[2] ?? 300);
const SCROLL_MS = 6000;
const NOW = Date.UTC(2026, 10, 15, 12);

/**
 * Measures the page with a day of values each 10 s: how soon it is painted, how long loading takes, and the frames while it
 * is scrolled and new points come. `node scripts/page-frames.js [SERIES]` prints the numbers. It is not a test, because a busy
 * machine gives other numbers.
 */
async function main() {
  const directory = path.join(os.tmpdir(), `ccxray-page-${process.pid}`);
  build({ directory });
  const server = await startLoadServer({ directory, series: loadSeries(SERIES), nowMs: NOW });
  const browser = await launchChromium();
  const timer = setInterval(() => server.push(), 1000);
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const start = Date.now();
    await page.goto(`${server.url}#lang=en&range=24h`);
    const paint = await page.evaluate(async () => {
      while (performance.getEntriesByName('first-contentful-paint').length === 0) await new Promise((resolve) => { setTimeout(resolve, 10); });
      return performance.getEntriesByName('first-contentful-paint')[0].startTime;
    });
    await page.locator('[data-chart=cost] canvas').waitFor({ timeout: 300_000 });
    console.log(`first contentful paint ${Math.round(paint)} ms; ${SERIES} series × 8640 points loaded and drawn after ${Date.now() - start} ms`);
    for (const [name, isScrolled] of [['at rest', false], ['scrolling', true]]) console.log(`${name}: ${summary(await page.evaluate(measureFrames, { isScrolled, durationMs: SCROLL_MS }))}`);
    const { usedJSHeapSize } = await page.evaluate(() => ({ usedJSHeapSize: performance.memory.usedJSHeapSize }));
    console.log(`heap ${Math.round(usedJSHeapSize / 1e6)} MB`);
  } finally {
    clearInterval(timer);
    await browser.close();
    await server.close();
    fs.rmSync(directory, { recursive: true });
  }
}

/** Runs in the page. */
async function measureFrames({ isScrolled, durationMs }) {
  const times = [];
  const end = performance.now() + durationMs;
  let direction = 24;
  await new Promise((resolve) => {
    const frame = (now) => {
      times.push(now);
      if (isScrolled) {
        const before = globalThis.scrollY;
        globalThis.scrollBy(0, direction);
        if (globalThis.scrollY === before) direction = -direction;
      }
      if (now < end) globalThis.requestAnimationFrame(frame);
      else resolve();
    };
    globalThis.requestAnimationFrame(frame);
  });
  return times.slice(1).map((time, index) => time - times[index]);
}

function summary(frames) {
  const sorted = Float64Array.from(frames);
  sorted.sort();
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1);
  const slow = frames.filter((frame) => frame > 20).length / frames.length;
  return `${frames.length} frames, median ${at(0.5)} ms, 95th percentile ${at(0.95)} ms, longest ${at(1)} ms, ${(slow * 100).toFixed(1)} % over 20 ms`;
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
