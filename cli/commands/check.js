'use strict';

const { notApproved } = require('../approval');
const { linesOfProbe } = require('../check/probe');
const { CommandError, EXIT, UsageError } = require('../errors');
const { tierText } = require('../status/tier');
const { wrap } = require('../wrap');

const text = 'report whether the config can be used, and with --connect whether the backend can be reached';
const options = {
  connect: { type: 'boolean', text: 'send one empty request to the backend, and report each step' },
  point: { type: 'boolean', text: 'with --connect: send one data point of ccxray.otel.check as well' },
};

async function run({ terminal, values, place, addon, help }) {
  const { connect, point, json } = values;
  if (point && !connect) throw new UsageError('--point needs --connect.', help);
  const status = addon().inspect(place);
  // No connection is opened for a project that has not been approved, or that is off.
  if (status.asks) throw notApproved(status.reason ?? status.warnings.join('\n'));
  if (status.state === 'degraded') throw new CommandError(EXIT.OFF, status.reason);
  const isOff = status.state === 'disabled';
  const probed = connect && !isOff ? await addon().probe(place, point) : undefined;
  if (json) terminal.json(factsOf(status, isOff, probed));
  else terminal.out(...linesOf(status, isOff), ...(probed ? linesOfProbe(probed, point) : []));
  if (isOff) return EXIT.OFF;
  return probed?.ok === false ? EXIT.FAILING : EXIT.ON;
}

function factsOf({ state, reason, tier, endpoint, trust, warnings }, isOff, probed) {
  return { ok: !isOff && probed?.ok !== false, state, reason: probed?.reason ?? reason, tier, endpoint, approval: trust, warnings, steps: probed?.steps ?? [] };
}

function linesOf({ reason, tier, endpoint, trust, warnings }, isOff) {
  const line = isOff ? reason : `Telemetry is on (tier ${tierText(tier)}). It sends to ${endpoint} (${trust}).`;
  return [line, ...(warnings.length > 0 ? ['', 'warnings', ...warnings.flatMap((warning) => wrap(`  ${warning}`))] : [])];
}

module.exports = { text, options, run };
