'use strict';

const path = require('node:path');

const { YES, requireApproval } = require('../approval');
const { echoed } = require('../echo');
const { CommandError, EXIT, UsageError } = require('../errors');
const { openLogs, usualDirectory } = require('../history/logs');
const { timeOf } = require('../history/since');
const { languageOf } = require('../language/locale');
const { count } = require('../preview/lines');
const { leftOutLines } = require('../preview/source');
const { wrap } = require('../wrap');
const { dayOf, daysOf } = require('../replay/days');
const { withLaunch } = require('../replay/launch');
const { sendDays } = require('../replay/send');
const { withLock } = require('../replay/lock');
const { SentDays } = require('../replay/sent-days');
const { tierText } = require('../status/tier');

const text = 'send your history, from the logs in DIR or from an index file, to a backend. It asks first';
const operand = { name: '[FILE|DIR]', kind: 'file or directory', isOptional: true };
const options = {
  endpoint: { type: 'string', value: 'URL', text: 'base URL of the backend. Headers come from OTEL_EXPORTER_OTLP_HEADERS' },
  project: { type: 'string', value: 'NAME', text: 'name of the project' },
  team: { type: 'string', value: 'NAME', text: 'name of the team' },
  since: { type: 'string', value: 'TIME', text: 'only whole days since then: 7d, 12h, 30m or a date such as 2026-11-01' },
  until: { type: 'string', value: 'DATE', text: 'only days up to this one. Default: yesterday (UTC)' },
  now: { type: 'boolean', text: 'date everything now, for a backend that refuses old data' },
  again: { type: 'boolean', text: 'send days that were sent before, too. They are counted twice then' },
  ...YES,
};

const DAY_MS = 86_400_000;

async function run({ terminal, values, place, operand: named, addon, help }) {
  const { endpoint, project, team } = values;
  if (endpoint === undefined) throw new UsageError('--endpoint is missing.', help);
  const { first, until } = timesOf(values, help);
  const source = named ?? usualDirectory(place.env);
  if (source === undefined) throw new UsageError('There is no home directory with logs. Name a directory.', help);
  const nowMs = Date.now();
  const logs = openLogs(source, { mayBeFile: true });
  const days = daysOf(logs.times(), nowMs);
  return withLaunch(addon(), place, { endpoint, project, team }, async ({ options: launch, status }) => {
    return withLock(ownDirectory(place.env), () => sendHistory({ terminal, values, place, addon, logs, days, source, first, until, launch, status }));
  });
}

/** Sends the days that the user approves. */
async function sendHistory({ terminal, values, place, addon, logs, days, source, first, until, launch, status }) {
  const { project, again, json } = values;
  const sent = new SentDays(ownDirectory(place.env), status.endpoint, project ?? '');
  const plan = planOf(days, { sent, again, first, until: until ?? dayOf(Date.now() - DAY_MS) });
  if (plan.wanted.size === 0) return nothing(plan, source);
  await requireApproval(terminal, values, question(plan, status, values), languageOf(place.env, values));
  const result = await send(addon(), logs, { launch, plan, days, sent, values, terminal });
  if (json) return terminal.json({ endpoint: status.endpoint, days: [...plan.wanted], ...result, skipped: plan.skipped });
  return terminal.out(...linesOfResult(result, plan, status, logs));
}

function timesOf({ since, until }, help) {
  const sinceMs = since === undefined ? undefined : timeOf(since, Date.now());
  if (since !== undefined && sinceMs === undefined) throw new UsageError(`--since: ${echoed(since)} is not a time. Use 7d, 12h, 30m or a date such as 2026-11-01.`, help);
  if (until !== undefined && !(/^\d{4}-/.test(until) && timeOf(until, 0) !== undefined)) throw new UsageError(`--until: ${echoed(until)} is not a date. Use one such as 2026-11-01.`, help);
  // A day is sent whole, or not at all, with the turns that began on the day before.
  return { first: sinceMs === undefined ? '' : dayOf(sinceMs), until };
}

/** Where the record of sent days is. */
function ownDirectory(env) {
  const logs = usualDirectory(env);
  if (logs === undefined) throw new CommandError(EXIT.OFF, 'There is no home directory to record the sent days in. Set HOME.');
  return path.dirname(logs);
}

/** Which days to send, and how many turns are not sent for which reason. */
function planOf(days, { sent, again, first, until }) {
  const yesterday = dayOf(Date.now() - DAY_MS);
  const last = until < yesterday ? until : yesterday;
  const wanted = new Set();
  const before = new Set();
  const skipped = { withoutTime: 0, earlier: 0, later: 0, sentBefore: 0 };
  let turns = 0;
  for (const day of days) {
    if (day === undefined) skipped.withoutTime += 1;
    else if (day < first) skipped.earlier += 1;
    else if (day > last) skipped.later += 1;
    else if (sent.has(day) && !again) {
      before.add(day);
      skipped.sentBefore += 1;
    } else {
      wanted.add(day);
      turns += 1;
    }
  }
  return { wanted, before, skipped, turns };
}

function nothing({ before, skipped }, source) {
  if (before.size > 0) throw new CommandError(EXIT.USAGE, `${count(before.size, 'day')} of this history ${before.size === 1 ? 'was' : 'were'} sent to this endpoint before. To count ${before.size === 1 ? 'it' : 'them'} twice, add --again.`);
  const { earlier, later, withoutTime } = skipped;
  const parts = [[earlier, 'before the first day'], [later, 'after the last whole day'], [withoutTime, 'without a time']].filter(([amount]) => amount > 0);
  const why = parts.length === 0 ? '' : ` (${parts.map(([amount, what]) => `${count(amount, 'turn')} ${what}`).join(', ')})`;
  throw new CommandError(EXIT.USAGE, `There is nothing to send in ${source}${why}.`);
}

/** The only approval that a replay needs, and gets: it counts for this run. */
function question({ wanted, turns }, { endpoint, tier, settings }, { now, again, project, team }) {
  const headers = settings.filter(({ name }) => name === 'header').map(({ value }) => value);
  return [
    `It would send ${count(turns, 'turn')} of ${range(wanted)}:`,
    ...wrap(endpoint, { first: '  To: ' }),
    `  Send: numbers at tier ${tierText(tier)}, dated ${now ? 'now' : 'when they happened'}`,
    `  As project: ${project ?? 'none'}${team === undefined ? '' : `, team ${team}`}`,
    ...again ? ['  Days that were sent before are counted twice'] : [],
    ...headers.length > 0 ? wrap(headers.join(', '), { first: '  With the headers: ' }) : [],
    '  Never sent: prompts, code, file names.',
  ];
}

function range(days) {
  const all = [...days];
  return all.length === 1 ? `${all[0]} (UTC)` : `${all.length} days, ${all[0]} to ${all.at(-1)} (UTC)`;
}

async function send(addon, logs, { launch, plan, days, sent, values, terminal }) {
  const { wanted, turns: expected } = plan;
  let isDelivered = false;
  addon.init(launch);
  try {
    const { turns, status: { entries, exports } } = await sendDays(addon, logs, {
      days, wanted,
      isDated: !values.now,
      onTurn: (turn, day) => {
        if (turn % 64 === 1) terminal.progress(`Sending ${day}: ${turn} of ${expected} turns`);
      },
      onSent: (delivered) => sent.add(delivered),
    });
    isDelivered = true;
    const dropped = Object.entries(entries.dropped).filter(([, amount]) => amount > 0);
    return { turns, exports: exports.delivered, partial: exports.dropped.partial_success, notCounted: Object.fromEntries(dropped) };
  } finally {
    terminal.progress('');
    // After a failure nothing more is tried: a day that arrives late would be sent again.
    await addon.shutdown(isDelivered ? 2000 : 1);
  }
}

function linesOfResult({ turns, partial, notCounted }, { wanted, before, skipped }, { endpoint }, logs) {
  const notSent = [
    [skipped.sentBefore, `of ${count(before.size, 'day')} sent before`], [skipped.earlier, 'before the first day'], [skipped.later, 'after the last day'], [skipped.withoutTime, 'without a time'],
  ].filter(([amount]) => amount > 0).map(([amount, what]) => `${count(amount, 'turn')} ${what}`);
  const reasons = Object.entries(notCounted).map(([reason, amount]) => `${reason} ${amount}`);
  return [
    `Sent ${count(turns, 'turn')} of ${range(wanted)} to ${endpoint}`,
    ...notSent.length > 0 ? [`Not sent: ${notSent.join(', ')}`] : [],
    ...reasons.length > 0 ? [`Sent, but not counted: ${reasons.join(', ')}`] : [],
    ...partial > 0 ? [`The backend rejected some data points of ${count(partial, 'export')}`] : [],
    ...leftOutLines(logs),
  ].flatMap((line) => wrap(line, { indent: 2 }));
}

module.exports = { text, operand, options, run };
