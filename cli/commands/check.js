'use strict';

const { CommandError, EXIT } = require('../errors');
const { tierText } = require('../status/tier');

const text = 'report in one line whether the config can be used';
const options = {};

function run({ terminal, place, addon }) {
  const { state, reason, tier, endpoint, trust, asks } = addon().inspect(place);
  if (asks) throw new CommandError(EXIT.UNAPPROVED, reason);
  if (state === 'degraded') throw new CommandError(EXIT.OFF, reason);
  if (state === 'disabled') throw new CommandError(EXIT.OFF, reason);
  terminal.out(`Telemetry is on (tier ${tierText(tier)}). It sends to ${endpoint} (${trust}).`);
}

module.exports = { text, options, run };
