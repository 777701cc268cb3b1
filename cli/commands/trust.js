'use strict';

const { YES, linesOfApproval, linesOfAsks, requireApproval } = require('../approval');
const { CommandError, EXIT } = require('../errors');
const { languageOf } = require('../language/locale');
const { summaryLines } = require('../preview/summary');

const text = "show what the project's config asks for, and approve it after you confirm";
const options = YES;

async function run({ terminal, values, place, addon, called }) {
  const { state, reason, trust, asks } = addon().inspect(place);
  if (state === 'degraded') throw new CommandError(EXIT.OFF, reason);
  if (!asks) return reportNothing(terminal, values, { reason, trust });
  const language = languageOf(place.env, values);
  const summary = values.yes || !terminal.isInteractive ? [] : summaryLines(addon(), place, called.replace(/\S+$/, 'preview'), { language });
  await requireApproval(terminal, values, [...linesOfAsks(asks), ...summary], language);
  const approval = addon().trust(place.cwd, place, asks.hash);
  if (values.json) terminal.json({ approved: approval });
  else terminal.out(...linesOfApproval(approval, language));
  return EXIT.ON;
}

/** Nothing needs an approval: telemetry is off, or it is on without one. */
function reportNothing(terminal, { json }, { reason, trust }) {
  if (json) terminal.json({ reason: trust ?? reason });
  else terminal.out(trust === undefined ? `Nothing to approve. ${reason}` : `Nothing to approve: ${trust}.`);
  return trust === undefined ? EXIT.OFF : EXIT.ON;
}

module.exports = { text, options, run };
