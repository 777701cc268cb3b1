'use strict';

const path = require('node:path');

/** What the command prints if it cannot ask. */
const NOT_A_TERMINAL = 'Not a terminal, so I cannot ask. Add --yes to approve.\n';

/** What it prints before the question if there are no logs to compute a summary from. */
const MORE = 'See exactly what: ccxray-otel preview\n';

/**
 * @param {string} directory a project's
 * @param {{terms: string}} terms what it asks for
 * @param {string[]} [changes] since the last approval
 * @returns {string} what the command prints before it asks for approval
 */
function asked(directory, { terms }, changes = []) {
  const changed = changes.length > 0 ? `Changed since you approved it:\n${indented(changes)}` : '';
  return `The project in ${directory} asks for:\n${indented(terms.split('\n'))}${changed}`;
}

/** @returns {string} what the command prints after an approval */
function approved(directory, { terms }, home) {
  return `Approved for ${directory}:\n${indented(terms.split('\n'))}Recorded in ${path.join(home, '.ccxray', 'otel-trust.json')}\n`;
}

function indented(lines) {
  return lines.map((line) => `  ${line}\n`).join('');
}

module.exports = { asked, approved, MORE, NOT_A_TERMINAL };
