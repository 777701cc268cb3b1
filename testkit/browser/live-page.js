'use strict';

const fs = require('node:fs');

const { eventually, sleep } = require('../waiting');

const AXE = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** What a user sees and does on the live page. */
class LivePage {
  #page;

  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.#page = page;
  }

  /** @returns {Promise<number>} the sum of all columns in the last row of a chart's table */
  async tableTotal(id) {
    const cells = this.#page.locator(`[data-chart=${id}] tfoot td`);
    await cells.first().waitFor({ state: 'attached' });
    const numbers = (await cells.allTextContents()).map((text) => Number(text.replaceAll(/[$,]/g, '')));
    return numbers.reduce((sum, number) => sum + number, 0);
  }

  /** @returns {Promise<number>} the number on a card */
  async cardValue(id) {
    return Number(await this.#page.locator(`[data-card=${id}] .card-value`).getAttribute('data-value'));
  }

  /** Shows the table instead of the chart. */
  openTable(id) {
    return this.#page.locator(`[data-chart=${id}] button[aria-pressed]`).click();
  }

  /** Brings a chart into view, and waits until it is drawn. */
  async show(id) {
    const scroll = async () => {
      await this.#page.locator(`[data-chart=${id}]`).scrollIntoViewIfNeeded();
      return this.#page.locator(`[data-chart=${id}] caption`).count();
    };
    // Charts above it grow while they are drawn, and can push it out of view again.
    await eventually(scroll, (captions) => captions > 0);
  }

  /** Chooses a setting of the privacy panel. A user clicks on the label, in which the radio button is invisible. */
  choosePrivacy(name, value) {
    return this.#page.locator(`#privacy input[name=${name}][value="${value}"]`).check({ force: true });
  }

  /** Brings each chart into view once, because charts are drawn when they come into view. */
  async drawAll() {
    for (const panel of await this.#page.locator('[data-chart]:visible').all()) {
      await panel.scrollIntoViewIfNeeded();
      await sleep(30);
    }
    await this.#page.evaluate(() => globalThis.scrollTo(0, 0));
  }

  /** @returns {Promise<string[]>} the violations of accessibility rules, each with some of its elements */
  async violations() {
    await this.#page.evaluate(AXE);
    const { violations } = await this.#page.evaluate(() => globalThis.axe.run());
    return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ target }) => target.join(' ')).join(', ')}`);
  }
}

module.exports = { LivePage };
