'use strict';

const { CommandError, EXIT, UsageError } = require('../errors');
const { linesWithin } = require('../paragraph');
const { table } = require('../table');
const { tierText } = require('../tier');

const text = 'report whether the config can be used, and with --connect whether the backend can be reached';
const options = {
  connect: { type: 'boolean', text: 'send one empty request to the backend, and report each step' },
  point: { type: 'boolean', text: 'with --connect: send one data point of ccxray.otel.check as well' },
  json: { type: 'boolean', text: 'print JSON' },
};
const exitCodes = 'Exit codes: 0 telemetry is on, 1 it is off or the config cannot be used, 2 wrong usage, 3 the config waits for your approval, 5 the backend did not take what --connect sent';

/** Of a terminal that nobody has made wider, in characters. */
const WIDTH = 80;
const INDENT = '    ';

/** Without `values`: as the last step of another command, for which telemetry may be off. */
async function run({ terminal, values, place, addon, help }) {
  const { connect, point, json } = values ?? {};
  if (point && !connect) throw new UsageError('--point needs --connect.', help);
  const status = addon().inspect(place);
  // No connection is opened for a project that has not been approved, or that is off.
  if (status.asks) throw new CommandError(EXIT.UNAPPROVED, status.reason ?? status.warnings.join('\n'));
  if (status.state === 'degraded') throw new CommandError(EXIT.OFF, status.reason);
  const isOff = status.state === 'disabled';
  const probed = connect && !isOff ? await addon().probe(place, point) : undefined;
  if (json) terminal.out(...JSON.stringify(factsOf(status, isOff, probed), null, 2).split('\n'));
  else terminal.out(...linesOf(status, isOff), ...(probed ? linesOfProbe(probed, point) : []));
  if (isOff) return values === undefined ? EXIT.OK : EXIT.OFF;
  return probed?.ok === false ? EXIT.FAILING : EXIT.OK;
}

function factsOf({ state, reason, tier, endpoint, trust, warnings }, isOff, probed) {
  return { ok: !isOff && probed?.ok !== false, state, reason: probed?.reason ?? reason, tier, endpoint, approval: trust, warnings, steps: probed?.steps ?? [] };
}

function linesOf({ reason, tier, endpoint, trust, warnings }, isOff) {
  const line = isOff ? reason : `Telemetry is on (tier ${tierText(tier)}). It sends to ${endpoint} (${trust}).`;
  return [line, ...(warnings.length > 0 ? ['', 'warnings', ...warnings.map((warning) => `  ${warning}`)] : [])];
}

function linesOfProbe({ ok, reason, steps }, hasPoint) {
  if (reason !== undefined) return ['', reason];
  const rows = table(steps.map(({ step, ok: isOk, ms }) => [isOk ? '  ok' : '  failed', step.replace('_', ' '), ms === undefined ? '' : `${ms} ms`]), { align: ['left', 'left', 'right'] });
  const width = Math.max(...rows.map((row) => row.length));
  return [
    '', hasPoint ? 'one empty request and one data point' : 'one empty request',
    ...steps.flatMap(({ detail }, at) => withDetail(rows[at].padEnd(width), detail)),
    '', ok ? 'The backend takes what this project sends.' : 'The backend does not take what this project sends: see the failed step.',
  ];
}

/** A detail that is too long for the rest of the line is below it. */
function withDetail(row, detail) {
  const line = `${row}  ${detail}`;
  return line.length <= WIDTH ? [line] : [row.trimEnd(), ...linesWithin(detail, WIDTH - INDENT.length).map((part) => `${INDENT}${part}`)];
}

module.exports = { text, options, exitCodes, run };
