'use strict';

const { build } = require('../../scripts/page');
const { describeWithBrowser, launchChromium } = require('../../testkit/browser/chromium');
const { startDemo } = require('../../testkit/browser/demo-process');
const { LivePage } = require('../../testkit/browser/live-page');
const { postPoints } = require('../../testkit/browser/otlp-post');
const { visit } = require('../../testkit/browser/visit');
const { eventually, sleep } = require('../../testkit/waiting');

const PHONE = { width: 360, height: 740 };
const WIDE = { width: 1600, height: 1000 };
const HOUR = 3_600_000;
const BOUNDS = [0.5, 1, 5, 30];
/** What is sent: its totals are compared with what the page shows. */
const COSTS = [
  { model: 'claude-opus-5', provider: 'anthropic', project: 'shop', recent: 1.25, older: 2.5 },
  { model: 'claude-haiku-4-5', provider: 'anthropic', project: 'search', recent: 1.5, older: 3 },
  { model: 'gpt-5.5', provider: 'openai', project: 'shop', recent: 4, older: 1.75 },
];
const TOTAL = 14;

jest.setTimeout(120_000);

describeWithBrowser({ describe })('the page in a browser', () => {
  let browser;
  let demo;
  let now;

  beforeAll(async () => {
    build();
    browser = await launchChromium();
    demo = await startDemo(['--listen']);
    now = Date.now();
    await postPoints(demo.endpoint, points(now));
  });

  // The server has room for a few pages only.
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  });

  test('shows the totals that were sent', async () => {
    const { page, problems } = await visit(browser, demo.url, { fragment: 'lang=en&range=6h' });
    expect(await live(page).tableTotal('cost')).toBe(TOTAL);
    expect(await live(page).cardValue('turns')).toBe(12);
    expect(await live(page).cardValue('errors')).toBe(3 / 15);
    expect(await live(page).cardValue('tokens')).toBe(1000 + 9000);
    expect(await live(page).cardValue('cache')).toBe(0.9);
    await live(page).show('tools');
    expect(await page.locator('[data-chart=tools] .rank-name').allTextContents()).toEqual(['Bash', 'Read']);
    expect(problems).toEqual({ console: [], requests: [], policy: [] });
  });

  test('adds up over projects, providers and models', async () => {
    const { page } = await visit(browser, demo.url, { fragment: 'lang=en&range=6h' });
    await live(page).openTable('cost');
    for (const name of ['project', 'provider', 'model']) {
      const values = await page.locator(`#filter-${name} option`).evaluateAll((options) => options.map(({ value }) => value).filter((value) => value !== ''));
      expect(values).toEqual(inOrder(new Set(COSTS.map((each) => each[name]))));
      for (const value of values) {
        const expected = sum(COSTS.filter((each) => each[name] === value).flatMap(({ recent, older }) => [recent, older]));
        await page.selectOption(`#filter-${name}`, value);
        await eventually(() => live(page).tableTotal('cost'), (total) => total === expected);
      }
      await page.selectOption(`#filter-${name}`, '');
      await eventually(() => live(page).tableTotal('cost'), (total) => total === TOTAL);
    }
  });

  test('adds up over ranges of time', async () => {
    const [recent, older] = ['recent', 'older'].map((age) => sum(COSTS.map((each) => each[age])));
    for (const [range, expected] of [['15m', recent], ['1h', recent], ['6h', TOTAL], ['30d', TOTAL], [between(now - HOUR, now), recent], [between(now - 3 * HOUR, now - HOUR), older], [between(now - 3 * HOUR, now), TOTAL]]) {
      const { page } = await visit(browser, demo.url, { fragment: `lang=en&range=${range}` });
      expect([range, await live(page).tableTotal('cost')]).toEqual([range, expected]);
      }
  });

  test('takes two times, and refuses an end before the start', async () => {
    const { page } = await visit(browser, demo.url, { fragment: 'lang=en&range=6h' });
    await page.selectOption('#filter-range', 'custom');
    await page.fill('#range-from', localTime(now - 3 * HOUR));
    await page.fill('#range-to', localTime(now - HOUR));
    const older = sum(COSTS.map((each) => each.older));
    await eventually(() => live(page).tableTotal('cost'), (total) => total === older);
    await page.fill('#range-to', localTime(now - 5 * HOUR));
    expect(await page.locator('.times-error').textContent()).toBe('The end must be after the start.');
    expect(await live(page).tableTotal('cost')).toBe(older);
  });

  test('says where a filter cannot apply', async () => {
    const { page } = await visit(browser, demo.url, { fragment: 'lang=en&range=6h&model=gpt-5.5' });
    await live(page).show('stops');
    await page.locator('[data-chart=stops] .panel-note').filter({ hasText: 'Not filtered by Model' }).waitFor({ state: 'attached' });
    expect(await page.locator('[data-chart=cost] .panel-note').textContent()).toBe('');
  });

  test('copies a table as CSV', async () => {
    const { page } = await visit(browser, demo.url, { fragment: 'lang=en&range=6h', context: { permissions: ['clipboard-read', 'clipboard-write'] } });
    await live(page).openTable('cost');
    await page.locator('[data-chart=cost]').getByRole('button', { name: 'Copy as CSV' }).click();
    const text = await eventually(() => page.evaluate(() => navigator.clipboard.readText()), (copied) => copied.includes('claude-opus-5'));
    const cells = text.split('\r\n').slice(1).flatMap((line) => line.split(',').slice(1));
    expect(sum(cells.map(Number))).toBe(TOTAL);
  });

  test('shows metrics of other tools', async () => {
    const { page } = await visit(browser, demo.url, { fragment: 'lang=en&range=6h' });
    const row = page.locator('#other td, #other tbody th');
    await row.first().waitFor({ state: 'attached' });
    expect(await page.locator('#other > div > .panels .panel').last().locator('tbody tr').first().locator('th, td').allTextContents()).toEqual(['build.jobs', 'counter', '{job}', '1', '6']);
  });

  test('shows new points within two seconds', async () => {
    const { page } = await visit(browser, demo.url, { fragment: 'lang=en&range=6h' });
    const before = await live(page).cardValue('sessions');
    await postPoints(demo.endpoint, [{ metric: 'ccxray.sessions_total', kind: 'counter', attributes: { provider: 'openai' }, timeMs: Date.now(), value: 2 }]);
    await eventually(() => live(page).cardValue('sessions'), (value) => value === before + 2, 3000);
  });

  test('keeps its numbers and says so when the server ends', async () => {
    const other = await startDemo(['--listen']);
    await postPoints(other.endpoint, points(Date.now()));
    const { page } = await visit(browser, other.url, { fragment: 'lang=en&range=6h' });
    await eventually(() => live(page).cardValue('turns'), (value) => value === 12);
    await other.stop();
    await page.locator('.connection-lost').waitFor();
    expect(await live(page).cardValue('turns')).toBe(12);
  });
});

describeWithBrowser({ describe })('the page of a synthetic day', () => {
  let browser;
  let demo;

  beforeAll(async () => {
    build();
    browser = await launchChromium();
    demo = await startDemo(['--turns', '80', '--speed', '3600']);
    await sleep(5000);
  });

  // The server has room for a few pages only.
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  });

  // Each language with each theme, each theme with each width, and each width with each language.
  test.each([['en', 'light', WIDE], ['en', 'dark', PHONE], ['zh-TW', 'light', PHONE], ['zh-TW', 'dark', WIDE]])('%s, %s, %p: no violation of accessibility, no scrolling to the side, no problem', async (language, theme, viewport) => {
    const { page, problems } = await visit(browser, demo.url, { viewport, fragment: `lang=${language}&theme=${theme}&range=7d` });
    await live(page).openTable('cost');
    await page.locator('.privacy-facts').waitFor();
    await live(page).drawAll();
    expect(await live(page).violations()).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
    expect(await page.evaluate(() => document.documentElement.lang)).toBe(language);
    expect(problems).toEqual({ console: [], requests: [], policy: [] });
  });

  test('the privacy panel shows what each setting adds and withholds', async () => {
    const { page } = await visit(browser, demo.url, { fragment: 'lang=en' });
    const panel = page.locator('#privacy');
    await panel.locator('.privacy-facts').waitFor();
    expect(await panel.locator('.marked-added, .marked-withheld, .marked-changed').count()).toBe(0);
    expect(await panel.locator('.never').count()).toBe(11);
    await live(page).choosePrivacy('names', 'all');
    expect(await panel.locator('.privacy-summary').textContent()).toMatch(/changed/);
    expect(await panel.locator('.marked-changed').count()).toBeGreaterThan(0);
    await live(page).choosePrivacy('tier', '0');
    await panel.getByText('Nothing is sent. No request is made.').waitFor();
    expect(await panel.locator('.marked-withheld').count()).toBeGreaterThan(5);
    expect(await panel.locator('details pre').count()).toBe(0);
  });

  test('the raw request is the OTLP/JSON of the server', async () => {
    const { page } = await visit(browser, demo.url, { fragment: 'lang=en' });
    const answer = page.waitForResponse(/api\/privacy$/);
    await page.locator('#privacy').getByRole('button', { name: 'Compute again' }).click();
    const { variants } = await (await answer).json();
    await page.locator('.details-raw > summary').click();
    const shown = JSON.parse(await page.locator('.details-raw pre').first().textContent());
    expect(shown.resourceMetrics[0].resource).toEqual(JSON.parse(variants.find(({ tier, names }) => tier === 1 && names === 'known').requests[0]).resourceMetrics[0].resource);
  });

  test('the keyboard reaches every control, with a visible focus', async () => {
    const { page } = await visit(browser, demo.url, { viewport: WIDE, fragment: 'lang=en' });
    await page.locator('.privacy-facts').waitFor();
    const reachable = await page.evaluate(() => {
      const all = Array.from(document.querySelectorAll('a[href], button, select, input, summary, [tabindex="0"]')).filter((element) => element.checkVisibility() && !element.disabled && !element.closest('fieldset:disabled'));
      // One stop for each group of radio buttons.
      const stops = all.filter((element) => element.type !== 'radio' || element.checked);
      stops.forEach((element, index) => { element.dataset.stop = String(index); });
      return stops.length;
    });
    const seen = new Set();
    for (let press = 0; press < reachable + 10; press += 1) {
      await page.keyboard.press('Tab');
      const { stop, isVisible } = await page.evaluate(() => {
        const { activeElement: element } = document;
        const marked = element.type === 'radio' ? element.nextElementSibling : element;
        return { stop: element.dataset.stop, isVisible: Number.parseFloat(getComputedStyle(marked).outlineWidth) >= 2 && getComputedStyle(marked).outlineStyle !== 'none' };
      });
      if (stop !== undefined) expect([stop, isVisible]).toEqual([stop, true]);
      if (stop !== undefined) seen.add(stop);
    }
    expect(seen.size).toBe(reachable);
  });

  test('Escape closes a table, and puts the focus back', async () => {
    const { page } = await visit(browser, demo.url, { fragment: 'lang=en' });
    await live(page).openTable('tools');
    await page.locator('[data-chart=tools] .table-box').focus();
    await page.keyboard.press('Escape');
    expect(await page.locator('[data-chart=tools] .table-box').getAttribute('tabindex')).toBeNull();
    expect(await page.evaluate(() => document.activeElement.textContent)).toBe('Table');
  });

  test('another language keeps the choices and the focus', async () => {
    const { page } = await visit(browser, demo.url, { fragment: 'lang=en&range=7d' });
    await page.focus('#language');
    await page.selectOption('#language', 'zh-TW');
    expect(await page.locator('h1').textContent()).toBe('ccxray 即時頁面');
    expect(await page.locator('#filter-range').inputValue()).toBe('7d');
    expect(await page.evaluate(() => document.activeElement.id)).toBe('language');
  });

  test('less motion means no transition', async () => {
    const { page } = await visit(browser, demo.url, { fragment: 'lang=en&range=7d', context: { reducedMotion: 'reduce' } });
    await live(page).show('tools');
    const bar = page.locator('.rank-bar').first();
    await bar.waitFor({ state: 'attached' });
    expect(await bar.evaluate((element) => getComputedStyle(element).transitionDuration)).toBe('0s');
  });
});

function points(now) {
  const turn = { metric: 'ccxray.provider.distribution_total', kind: 'counter', unit: '{turn}', resource: { 'project.name': 'shop' } };
  return [
    ...COSTS.flatMap(({ model, provider, project, recent, older }) => [[recent, 5 * 60_000], [older, 2 * HOUR]].map(([value, age]) => ({ metric: 'ccxray.cost.usd_total', kind: 'counter', unit: '{USD}', attributes: { model, provider }, resource: { 'project.name': project }, timeMs: now - age, value }))),
    { ...turn, attributes: { provider: 'anthropic' }, timeMs: now - 60_000, value: 12 },
    { metric: 'ccxray.errors_total', kind: 'counter', attributes: { provider: 'anthropic', type: 'rate_limit_error' }, timeMs: now - 60_000, value: 3 },
    { metric: 'ccxray.stop_reason_total', kind: 'counter', attributes: { reason: 'end_turn' }, timeMs: now - 60_000, value: 9 },
    { metric: 'ccxray.sessions_total', kind: 'counter', attributes: { provider: 'anthropic' }, timeMs: now - 60_000, value: 1 },
    { metric: 'ccxray.tokens.input_total', kind: 'counter', attributes: { provider: 'anthropic', model: 'claude-opus-5' }, timeMs: now - 60_000, value: 1000 },
    { metric: 'ccxray.tokens.cache_read_total', kind: 'counter', attributes: { provider: 'anthropic', model: 'claude-opus-5' }, timeMs: now - 60_000, value: 9000 },
    ...[['Bash', 5], ['Read', 2]].map(([tool, value]) => ({ metric: 'ccxray.tool.invocations_total', kind: 'counter', attributes: { tool, provider: 'anthropic' }, timeMs: now - 60_000, value })),
    { metric: 'ccxray.request.duration', kind: 'histogram', unit: 's', attributes: { model: 'claude-opus-5', provider: 'anthropic' }, bounds: BOUNDS, timeMs: now - 60_000, value: { count: 4, sum: 9, buckets: [0, 2, 2, 0, 0] } },
    { metric: 'build.jobs', kind: 'counter', unit: '{job}', attributes: { queue: 'main' }, timeMs: now - 60_000, value: 6 },
  ];
}

function live(page) {
  return new LivePage(page);
}

/** A time as the browser, which is in Taipei, shows it in an input. */
function localTime(timeMs) {
  return new Date(timeMs + 8 * HOUR).toISOString().slice(0, 16);
}

function between(fromMs, toMs) {
  return `custom&from=${fromMs}&to=${toMs}`;
}

function inOrder(values) {
  const list = [...values];
  list.sort();
  return list;
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
