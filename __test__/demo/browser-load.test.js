'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { build } = require('../../scripts/page');
const { describeWithBrowser, launchChromium } = require('../../testkit/browser/chromium');
const { loadSeries, startLoadServer } = require('../../testkit/browser/load-server');
const { visit } = require('../../testkit/browser/visit');
const { sleep } = require('../../testkit/waiting');

jest.setTimeout(120_000);

describeWithBrowser({ describe })('the page under load', () => {
  test('memory does not grow when points keep coming', async () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ccxray-page-'));
    build({ directory });
    const browser = await launchChromium();
    const server = await startLoadServer({ directory, series: loadSeries(30), nowMs: Date.UTC(2026, 10, 15, 12) });
    try {
      const { page } = await visit(browser, server.url, { fragment: 'lang=en&range=24h' });
      const client = await page.context().newCDPSession(page);
      const heap = async () => {
        await client.send('HeapProfiler.collectGarbage');
        return page.evaluate(() => globalThis.performance.memory.usedJSHeapSize);
      };
      for (let slot = 0; slot < 720; slot += 1) server.push();
      await sleep(2500);
      const before = await heap();
      for (let slot = 0; slot < 4320; slot += 1) server.push();
      await sleep(4000);
      // Twelve hours of points for all series would be 30 MB as objects.
      expect(await heap() - before).toBeLessThan(8e6);
    } finally {
      await browser.close();
      await server.close();
      fs.rmSync(directory, { recursive: true });
    }
  });
});
