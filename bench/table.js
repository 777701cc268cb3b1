'use strict'

// Lays the rows out as text.

const HEAD = ['what', 'addon', 'JS SDK', 'ratio', 'target', 'met?']
const LEFT = new Set([0, 4, 5])

const GREEN = '\u001b[32m'
const RED = '\u001b[31m'
const RESET = '\u001b[0m'

/**
 * @param {import('./targets').Row[]} rows
 * @param {{colour?: boolean}} [options]
 * @returns {string} lines, each ended by a newline
 */
function table(rows, { colour = false } = {}) {
  const cells = rows.map(cellsOf)
  const widths = HEAD.map((title, at) => Math.max(title.length, ...cells.map((row) => row[at].length)))
  const line = (row) => row.map((cell, at) => (LEFT.has(at) ? cell.padEnd(widths[at]) : cell.padStart(widths[at])))
  const lines = [line(HEAD).join('  '), widths.map((width) => '-'.repeat(width)).join('  ')]
  rows.forEach(({ isMet }, at) => {
    const padded = line(cells[at])
    if (colour && isMet !== undefined) padded[5] = `${isMet ? GREEN : RED}${padded[5]}${RESET}`
    lines.push(padded.join('  '))
  })
  return lines.map((text) => `${text.trimEnd()}\n`).join('')
}

function cellsOf({ what, unit, addon, addonP99, jsSdk, jsSdkP99, memcpy, emptyCall, idle, ratio, target, isMet }) {
  let name = what
  if (idle !== undefined) name += ` (idle ${number(idle)})`
  if (emptyCall !== undefined) name += ` (empty call ${number(emptyCall)})`
  if (memcpy !== undefined) name += ` (memcpy ${number(memcpy)})`
  return [
    name,
    measured(addon, addonP99, unit),
    jsSdk === undefined ? '' : measured(jsSdk, jsSdkP99, unit),
    ratio === undefined ? '' : `${number(ratio)}x`,
    target ?? '',
    isMet === undefined ? '' : isMet ? 'yes' : 'no',
  ]
}

function measured(value, p99, unit) {
  return p99 === undefined ? `${number(value)} ${unit}` : `${number(value)} (p99 ${number(p99)}) ${unit}`
}

/** Three digits, which is more than the machine's noise allows. */
function number(value) {
  if (!Number.isFinite(value)) return '?'
  if (value >= 100) return value.toFixed(0)
  return value.toFixed(value >= 10 ? 1 : 2)
}

module.exports = { table }
