'use strict';

const { linesOfAsks } = require('../approval');
const { linesOfPending } = require('../pending/lines');
const { linesOfConfigured } = require('../status/configured');
const { headline } = require('../status/headline');
const { linesOfRunning } = require('../status/running');
const { snapshotsIn } = require('../status/snapshots');
const { styled } = require('../style');
const { table } = require('../table');
const { wrap } = require('../wrap');

const text = 'show whether anything is sent, why, where each setting comes from, and the state of running processes';
const options = {};

/** The categories whose names can be replaced. */
const NAMES = new Set(['tool', 'model', 'agent_type']);

function run({ terminal, values, place, addon, called }) {
  const status = addon().inspect(place);
  const running = snapshotsIn(status.files.directory);
  const { exitCode, lines } = headline(status, running);
  const pending = addon().pending(place);
  if (values.json) terminal.json({ ...status, running, pending });
  else terminal.out(...lines, ...sections(status, running, place, { pending, replaced: replacedNames(addon, status, place), report: called.replace(/status( --otel)?$/, 'report') }));
  return exitCode;
}

function sections(status, running, { env }, { pending, replaced, report }) {
  const { asks, reason = '', settings, warnings } = status;
  return [
    ...section('running', linesOfRunning(running, Date.now())),
    ...section('waits to be delivered', linesOfPending(pending, Date.now())),
    ...section('configured', linesOfConfigured(status, env, replaced, report)),
    ...(asks ? ['', ...linesOfAsks(asks).flatMap((line) => wrap(line)), ...howToApprove(reason)] : []),
    ...section('settings', table(settings.map(({ name, value, source }) => [`  ${name}`, `${value} (${source})`]), { isWrapped: true })),
    ...section('warnings', warnings.flatMap((warning) => wrap(`  ${warning}`))),
  ];
}

/** The command that approves, which ends the reason. It stays on one line, so that it can be copied. */
function howToApprove(reason) {
  return /To approve: .+$/.exec(reason)?.slice(0, 1) ?? [];
}

/** The unknown names of the last day. At tier 2, and with `"names": "all"`, they are sent as they are. */
function replacedNames(addon, { state, tier, settings }, { env }) {
  const sendsAll = tier !== 1 || settings.some(({ name, value }) => name === 'names' && value === 'all');
  if (state === 'disabled' || sendsAll) return [];
  return addon().report({ days: 1, env }).categories.filter(({ category }) => NAMES.has(category));
}

function section(heading, lines) {
  return lines.length === 0 ? [] : ['', styled('bold', heading), ...lines];
}

module.exports = { text, options, run };
