'use strict';

const fs = require('node:fs');

const { isApproval, linesOfApproval, requireApproval } = require('../approval');
const { linesOfProbe } = require('../check/probe');
const { CommandError, EXIT } = require('../errors');
const options = require('../init/options');
const { isPersonal, isShared, planOf } = require('../init/plan');
const { projectFileIn } = require('../init/project-file');
const { Questions } = require('../init/questions');
const { languageOf } = require('../language/locale');
const { lineIn } = require('../language/translation');
const { summaryLines } = require('../preview/summary');
const { tierText } = require('../status/tier');

const text = 'write config files, and approve what they ask for; on a terminal, ask for what you leave out';

async function run({ terminal, values, place, addon, called, help }) {
  const { file, top } = projectFileIn(place.cwd);
  const isNew = file === undefined;
  const chosen = await completed(values, { isNew, top }, terminal, help);
  const plan = { ...place, ...planOf(chosen, isNew, help) };
  const language = languageOf(place.env, values);
  if (chosen !== values) {
    terminal.err(...summaryOf(plan, { place, addon, called, language }));
    await confirm(terminal, language);
  }
  const { written, unchanged, trust } = await write(plan, { terminal, values, addon, language });
  const approved = trust.terms === undefined ? undefined : trust;
  // What follows can fail, for example because a variable is not set yet.
  if (!values.json) terminal.out(...written.map((name) => `Written: ${name}`), ...unchanged.map((name) => `Unchanged: ${name}`), ...(approved ? linesOfApproval(approved, language) : []));
  const status = addon().inspect(place);
  if (values.json) terminal.json({ written, unchanged, approved, status });
  else terminal.out(outcome(status));
  if (status.state === 'degraded') return EXIT.OFF;
  if (status.asks) return EXIT.UNAPPROVED;
  return status.state === 'active' && terminal.isInteractive && !values.yes && !values.json ? offerToConnect({ terminal, place, addon, called }) : EXIT.ON;
}

/** The first export is in a minute or later. Most mistakes show before. */
async function offerToConnect({ terminal, place, addon, called }) {
  const answer = await terminal.ask('Send an empty request now, to see whether it arrives? [Y/n]');
  if (answer === undefined || !isYes(answer)) {
    terminal.out(`To do it later: ${called.replace(/init$/, 'check --connect')}`);
    return EXIT.ON;
  }
  const probed = await addon().probe(place, false);
  terminal.out(...linesOfProbe(probed, false));
  return probed.ok ? EXIT.ON : EXIT.FAILING;
}

/** All answers are known now, so this is the approval. */
async function confirm(terminal, language) {
  const answer = await terminal.ask(lineIn('Write this, and approve it? [y/N]', language));
  if (!isApproval(answer, language)) throw new CommandError(EXIT.DECLINED, 'Nothing is written.');
}

/** An empty answer is a yes, too. */
function isYes(answer) {
  return /^\s*(y(es)?)?\s*$/i.test(answer);
}

/** What the project would send with this plan, before it is written. */
function summaryOf({ project, personal }, { place, addon, called, language }) {
  const tier = personal?.tier ?? project?.tier;
  if (tier === 0) return [];
  return summaryLines(addon(), place, called.replace(/init$/, 'preview'), { language, assumed: tier === undefined ? {} : { tier } });
}

/** The values, with answers to questions if something is missing that only the user knows. */
async function completed(values, project, terminal, help) {
  const isEnough = isPersonal(values) || (isShared(values) && (!project.isNew || values.endpoint !== undefined || values.backend !== undefined));
  if (isEnough) return values;
  if (!terminal.isInteractive || values.json) throw new CommandError(EXIT.DECLINED, 'Not a terminal, so I cannot ask.', 'Add --endpoint, --backend, --identity or --personal.');
  return new Questions(terminal, help).complete(values, project);
}

/** Writes the files. If something has to be approved first, nothing is written before the user approves. */
async function write(plan, { terminal, values, addon, language }) {
  const { initConfig } = addon();
  const proposed = proposedBy(initConfig, plan);
  if (proposed.asks.length === 0) return proposed;
  await requireApproval(terminal, values, proposed.asks.flatMap((asked) => asked.split('\n')), language);
  // The files may have changed while the question was open. The user has approved only what was shown.
  if (initConfig(plan).asks.join() !== proposed.asks.join()) {
    throw new CommandError(EXIT.OFF, 'The config has changed while you were asked, so nothing is approved.', 'Run init again.');
  }
  return initConfig({ ...plan, yes: true });
}

/** The config that would be written. Its errors name places in a file that may not be there yet. */
function proposedBy(initConfig, plan) {
  try {
    return initConfig(plan);
  } catch (error) {
    if (error.file !== undefined && !fs.existsSync(error.file)) error.message += ' (This is the file as it would be. Nothing is written.)';
    throw error;
  }
}

function outcome({ state, reason, tier, endpoint, trust, warnings }) {
  if (state !== 'active') return reason;
  return [`Telemetry is on (tier ${tierText(tier)}). It sends to ${endpoint} (${trust}).`, ...warnings].join(' ');
}

module.exports = { text, options, run };
