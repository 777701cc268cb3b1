'use strict';

const path = require('node:path');

/*
 * Addons that are broken on purpose: with them, named figures of named scenarios must differ. If they do not, the comparison
 * sees nothing.
 */

/** By name: the module, and what must differ, as `scenario: figure`. */
const MUTANTS = {
  // As if the catalog of permission modes had not the mark of plan mode.
  'no-plan-mark': { scenarios: ['claude-plan-flag', 'claude-plan-flag-haiku', 'claude-text'], differ: ['claude-plan-flag: modes', 'claude-plan-flag-haiku: modes'] },
  // As if the excerpt of the request left out messages of the role `system`.
  'no-system-messages': { scenarios: ['claude-plan-flag', 'claude-plan-flag-haiku', 'claude-text'], differ: ['claude-plan-flag: modes'] },
};

/** @returns {string} the module of a mutant */
function addonOf(name) {
  return path.join(__dirname, `${name}.js`);
}

module.exports = { MUTANTS, addonOf };
