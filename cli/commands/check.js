'use strict';

const { CommandError, EXIT } = require('../errors');
const { tierText } = require('../tier');

const text = 'report in one line whether the config can be used';
const options = {};

function run({ terminal, place, addon }) {
  const { state, reason, tier, endpoint, trust, asks } = addon().inspect(place);
  if (asks) throw new CommandError(EXIT.WAITING, reason);
  if (state === 'degraded') throw new CommandError(EXIT.UNUSABLE, reason);
  terminal.out(state === 'disabled' ? reason : `Telemetry is on (tier ${tierText(tier)}). It sends to ${endpoint} (${trust}).`);
}

module.exports = { text, options, run };
