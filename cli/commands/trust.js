'use strict';

const { YES, linesOfApproval, linesOfAsks, requireApproval } = require('../approval');
const { CommandError, EXIT } = require('../errors');
const { summaryLines } = require('../preview/summary');

const text = "show what the project's config asks for, and approve it after you confirm";
const options = YES;

async function run({ terminal, values, place, addon, called }) {
  const { state, reason, trust, asks } = addon().inspect(place);
  if (state === 'degraded') throw new CommandError(EXIT.UNUSABLE, reason);
  if (!asks) return terminal.out(trust === undefined ? `Nothing to approve. ${reason}` : `Nothing to approve: ${trust}.`);
  const summary = values.yes || !terminal.isInteractive ? [] : summaryLines(addon(), place, called.replace(/\S+$/, 'preview'));
  await requireApproval(terminal, values, [...linesOfAsks(asks), ...summary]);
  return terminal.out(...linesOfApproval(addon().trust(place.cwd, place, asks.hash)));
}

module.exports = { text, options, run };
