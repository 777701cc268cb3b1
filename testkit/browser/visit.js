'use strict';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Opens a page and records everything that it must not do.
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @param {object} [options]
 * @param {{width: number, height: number}} [options.viewport]
 * @param {string} [options.fragment] the choices, such as `lang=en&range=1h`
 * @param {object} [options.context] further options of Playwright's context
 * @returns {Promise<Visit>} when the page has all earlier values
 */
async function visit(browser, url, { viewport = { width: 1440, height: 1000 }, fragment = 'lang=en', context: options = {} } = {}) {
  const context = await browser.newContext({ viewport, deviceScaleFactor: 1, locale: 'en-US', timezoneId: 'Asia/Taipei', ...options });
  const problems = { console: [], requests: [], policy: [] };
  await context.route('**/*', (route) => {
    const { hostname, protocol } = new URL(route.request().url());
    if (protocol === 'data:' || LOOPBACK.has(hostname)) return route.continue();
    problems.requests.push(route.request().url());
    return route.abort();
  });
  const page = await context.newPage();
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) problems.console.push(message.text()); });
  page.on('pageerror', (error) => problems.console.push(error.stack));
  await page.exposeFunction('reportViolation', (text) => { problems.policy.push(text); });
  await page.addInitScript(() => {
    globalThis.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) => globalThis.reportViolation(`${violatedDirective} ${blockedURI} ${sourceFile}`));
  });
  await page.goto(`${url}#${fragment}`);
  await page.locator('.connection-live, .connection-ended').waitFor();
  await page.locator('.card-value').first().waitFor();
  return { page, context, problems, close: () => context.close() };
}

/**
 * @typedef {object} Visit
 * @property {import('playwright-core').Page} page
 * @property {import('playwright-core').BrowserContext} context
 * @property {{console: string[], requests: string[], policy: string[]}} problems errors on the console, requests beyond this
 *   machine, and violations of the content policy
 * @property {() => Promise<void>} close
 */

module.exports = { visit };
