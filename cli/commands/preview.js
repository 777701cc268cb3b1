'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { echoed } = require('../echo');
const { UsageError } = require('../errors');
const { hasLogs, openLogs, usualDirectory } = require('../history/logs');
const { timeOf } = require('../history/since');
const { difference, linesOfDifference } = require('../preview/diff');
const { linesOfVariant } = require('../preview/lines');
const { linesOfSource } = require('../preview/source');
const { addTurns } = require('../preview/turns');
const { variantsOf } = require('../preview/variant');
const { wrap } = require('../wrap');

const text = 'show exactly what would be sent, computed from your logs. Nothing is sent or written';
const options = {
  tier: { type: 'string', value: 'N', oneOf: ['1', '2'], kind: 'a tier that sends anything', text: 'what if this was the tier. Default: the one that applies, or 1 while telemetry is off' },
  names: { type: 'string', value: 'WHICH', oneOf: ['known', 'all'], kind: 'a choice of names', text: 'what if these names were sent at tier 1: known (published names and known_names) or all' },
  project: { type: 'string', value: 'DIR', text: 'the directory of the project, like DIR' },
  logs: { type: 'string', value: 'DIR', text: 'your logs. Default: the directory logs in ~/.ccxray or in CCXRAY_HOME' },
  since: { type: 'string', value: 'TIME', text: 'only turns since then: 7d, 12h, 30m or a date such as 2026-11-01' },
  diff: { type: 'string', value: 'WHAT', oneOf: ['tier=1', 'tier=2', 'names=known', 'names=all'], kind: 'a change', text: 'what another tier or choice of names adds and removes' },
  all: { type: 'boolean', text: 'show all names, however many there are' },
  json: { type: 'boolean', text: 'print the request itself as OTLP/JSON, with *** for variables and a constant service.instance.id; with --diff, the difference' },
};

/** What `--diff` can change. */
const CHANGES = { 'tier=1': { tier: 1 }, 'tier=2': { tier: 2 }, 'names=known': { names: 'known' }, 'names=all': { names: 'all' } };

function run({ terminal, values, place, addon, called, help }) {
  const { json, all, diff, since, logs: named } = values;
  const project = projectOf(place, values, help);
  const assumed = { tier: values.tier && Number(values.tier), names: values.names };
  const assumptions = diff === undefined ? [assumed] : [assumed, { ...assumed, ...CHANGES[diff] }];
  const directory = named === undefined ? usualDirectory(place.env) : path.resolve(place.cwd, named);
  const sinceMs = sinceOf(since, help);
  const dryRun = addon().dryRun(project, assumptions);
  const logs = named !== undefined || hasLogs(directory) ? logsIn(directory, sinceMs, terminal) : undefined;
  if (logs !== undefined) addTurns(dryRun, logs, { terminal });
  if (json && diff === undefined) return printRequests(terminal, dryRun.summary().variants[0].requests);
  const { summary, variants: [before, after] } = variantsOf(dryRun);
  if (json) return terminal.text(JSON.stringify({ before: settingsOf(before), after: settingsOf(after), ...difference(before, after) }, null, 2).split('\n'));
  const off = before.off === undefined ? [] : wrap(`Nothing is sent now. ${before.off}`, { indent: 2 });
  return terminal.out(
    ...linesOfSource(directory, logs, summary, since),
    ...whatIf(assumed),
    ...off, '',
    ...diff === undefined ? linesOfVariant(before, { all }) : linesOfDifference(before, after, { all }),
    ...diff === undefined ? ['', `The request itself: ${called} --json`] : [],
  );
}

/** What the user assumes instead of what the config says. */
function whatIf({ tier, names }) {
  const assumed = [...tier === undefined ? [] : [`tier ${tier}`], ...names === undefined ? [] : [`names ${names}`]];
  return assumed.length === 0 ? [] : wrap(`What if: ${assumed.join(', ')}, whatever your config says`, { indent: 2 });
}

/** Each request exactly as a receiver would get it, and a line end. */
function printRequests(terminal, requests) {
  if (requests.length > 1) terminal.err(`The export is larger than a request may be. It is sent as these ${requests.length} requests, one after another.`);
  terminal.text(requests.flatMap((request) => request.split('\n')));
}

function settingsOf({ tier, names }) {
  return { tier, names };
}

/** The index of a long history takes some seconds to read. */
function logsIn(directory, sinceMs, terminal) {
  terminal.progress('Reading your logs');
  try {
    return openLogs(directory, { sinceMs });
  } finally {
    terminal.progress('');
  }
}

/** The project that the user names, either with `--project` or as DIR. */
function projectOf(place, { project }, help) {
  if (project === undefined) return place;
  const cwd = path.resolve(place.cwd, project);
  if (!fs.statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) throw new UsageError(`${cwd} is not a directory.`, help);
  return { ...place, cwd };
}

function sinceOf(since, help) {
  if (since === undefined) return undefined;
  const time = timeOf(since, Date.now());
  if (time === undefined) throw new UsageError(`--since: ${echoed(since)} is not a time. Use 7d, 12h, 30m or a date such as 2026-11-01.`, help);
  return time;
}

module.exports = { text, options, run };
