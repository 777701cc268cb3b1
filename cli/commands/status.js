'use strict';

const { linesOfAsks } = require('../approval');
const { EXIT } = require('../errors');
const { rowsOf, runningIn } = require('../running');
const { table } = require('../table');
const { tierText } = require('../tier');

const text = 'show whether anything is sent, why, where each setting comes from, and the state of running processes';
const options = { json: { type: 'boolean', text: 'print JSON' } };

function run({ terminal, values, place, addon }) {
  const status = addon().inspect(place);
  const running = runningIn(status.files.directory);
  if (values.json) terminal.out(...JSON.stringify({ ...status, running }, null, 2).split('\n'));
  else terminal.out(...linesOf(status, running));
  return status.state === 'degraded' ? EXIT.UNUSABLE : EXIT.OK;
}

function linesOf({ asks, settings, warnings, ...status }, running) {
  const facts = Object.entries(factsOf({ asks, ...status })).filter(([, fact]) => fact !== undefined);
  return [
    ...table(facts),
    ...block(asks ? linesOfAsks(asks) : []),
    ...block(table(settings.map(({ name, value, source }) => [`  ${name}`, value, source])), 'settings'),
    ...block(table(rowsOf(running, Date.now())), 'running now'),
    ...block(warnings.map((warning) => `  ${warning}`), 'warnings'),
  ];
}

function factsOf({ state, reason, tier, decidedBy, endpoint, trust, asks }) {
  // A project can export and still ask: for what its personal file adds.
  if (asks && state === 'disabled') return { state, reason, tier: '0, off because you have not approved it yet' };
  return { state, reason, tier: tierText(tier), 'decided by': decidedBy, endpoint, approval: trust };
}

function block(lines, ...heading) {
  return lines.length === 0 ? [] : ['', ...heading, ...lines];
}

module.exports = { text, options, run };
