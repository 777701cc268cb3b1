'use strict';

// Lays the rows out as text.

const { table } = require('../cli/table');

const HEAD = ['what', 'addon', 'JS SDK', 'ratio', 'target', 'met?'];
const ALIGN = ['left', 'right', 'right', 'right'];

const GREEN = '\u001b[32m';
const RED = '\u001b[31m';
const RESET = '\u001b[0m';

/**
 * @param {import('./targets').Row[]} rows
 * @param {{colour?: boolean}} [options]
 * @returns {string} lines, each ended by a newline
 */
function resultTable(rows, { colour = false } = {}) {
  const [head, ...lines] = table([HEAD, ...rows.map(cellsOf)], { align: ALIGN });
  const shown = colour ? lines.map((line, at) => coloured(line, rows[at])) : lines;
  return [head, '-'.repeat(Math.max(...lines.map(({ length }) => length))), ...shown, ''].join('\n');
}

/** The line with its last cell in green or red. */
function coloured(line, { isMet }) {
  if (isMet === undefined) return line;
  return line.replace(/\S+$/, (answer) => `${isMet ? GREEN : RED}${answer}${RESET}`);
}

function cellsOf({ what, unit, addon, addonP99, jsSdk, jsSdkP99, memcpy, emptyCall, idle, ratio, target, isMet }) {
  let name = what;
  if (idle !== undefined) name += ` (idle ${number(idle)})`;
  if (emptyCall !== undefined) name += ` (empty call ${number(emptyCall)})`;
  if (memcpy !== undefined) name += ` (memcpy ${number(memcpy)})`;
  return [
    name,
    measured(addon, addonP99, unit),
    jsSdk === undefined ? '' : measured(jsSdk, jsSdkP99, unit),
    ratio === undefined ? '' : `${number(ratio)}x`,
    target ?? '',
    isMet === undefined ? '' : isMet ? 'yes' : 'no',
  ];
}

function measured(value, p99, unit) {
  return p99 === undefined ? `${number(value)} ${unit}` : `${number(value)} (p99 ${number(p99)}) ${unit}`;
}

/** Three digits. The measurements are less exact than that. */
function number(value) {
  if (!Number.isFinite(value)) return '?';
  if (value >= 100) return value.toFixed(0);
  return value.toFixed(value >= 10 ? 1 : 2);
}

module.exports = { resultTable };
