'use strict';

const { styled } = require('../style');
const { table } = require('../table');
const { WIDTH, wrap } = require('../wrap');

const INDENT = '    ';

/**
 * @param {{ok: boolean, reason?: string, steps: {step: string, ok: boolean, detail: string, ms?: number}[]}} probed as the addon returns it
 * @param {boolean} hasPoint whether a data point was sent, too
 * @returns {(string|import('../style').Styled)[]} each step to the backend, in lines
 */
function linesOfProbe({ ok, reason, steps }, hasPoint) {
  if (reason !== undefined) return ['', ...wrap(reason)];
  const rows = table(steps.map(({ step, ok: isOk, ms }) => [isOk ? '  ok' : '  failed', step.replace('_', ' '), ms === undefined ? '' : `${ms} ms`]), { align: ['left', 'left', 'right'] });
  const width = Math.max(...rows.map((row) => row.length));
  return [
    '', hasPoint ? 'one empty request and one data point' : 'one empty request',
    ...steps.flatMap(({ detail }, at) => withDetail(rows[at].padEnd(width), detail)),
    '', ok ? styled('green', 'The backend takes what this project sends.') : styled('red', 'The backend does not take what this project sends: see the failed step.'),
  ];
}

/** A detail that is too long for the rest of the line is below it. */
function withDetail(row, detail) {
  const line = `${row}  ${detail}`;
  return line.length <= WIDTH ? [line] : [row.trimEnd(), ...wrap(INDENT + detail)];
}

module.exports = { linesOfProbe };
