'use strict';

const { NEVER_SENT } = require('../../cli/preview/lines');
const { variantsOf } = require('../../cli/preview/variant');

/** What the page can switch between, beside tier 0. */
const ASSUMPTIONS = [{ tier: 1, names: 'known' }, { tier: 1, names: 'all' }, { tier: 2 }];
/** The newest turns count. A process that has run for long has more series, and the page shows what kinds there are. */
const MAX_TURNS = 2000;

/** What the next request of a project would contain at each tier. It is computed without sending anything. */
class NextRequests {
  #open;
  #dryRun;
  #turns = 0;

  /**
   * @param {object} addon
   * @param {object} project what `dryRun` of the addon takes
   */
  constructor(addon, project) {
    this.#open = () => addon.dryRun(project, ASSUMPTIONS);
    this.#dryRun = this.#open();
  }

  /** Adds a turn, as for `record`. */
  add(line, { request, response } = {}) {
    if (this.#turns === MAX_TURNS) {
      this.#dryRun = this.#open();
      this.#turns = 0;
    }
    this.#dryRun.add(line, { request, response });
    this.#turns += 1;
  }

  /** @returns {object} for the page: how many turns count, what no tier sends, and what each tier sends */
  answer() {
    const { variants } = variantsOf(this.#dryRun);
    return { turns: this.#turns, never: NEVER_SENT.split(', '), variants: [{ tier: 0, requests: [] }, ...variants] };
  }
}

module.exports = { NextRequests };
