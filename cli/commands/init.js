'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { YES, linesOfApproval, requireApproval } = require('../approval');
const { readValue } = require('../arguments');
const { CommandError, EXIT, UsageError } = require('../errors');
const check = require('./check');

const text = 'write config files, and approve what they ask for; on a terminal, ask for what you leave out';
const options = {
  tier: { type: 'string', value: 'N', oneOf: ['0', '1', '2'], kind: 'a tier', text: 'the most that may be sent: 0 nothing, 1 anonymous numbers, 2 with your identity' },
  endpoint: { type: 'string', value: 'URL', text: 'base URL of the receiver; for the project file. A new project file gets tier 1' },
  project: { type: 'string', value: 'NAME', text: 'name of the project; for the project file' },
  team: { type: 'string', value: 'NAME', text: 'name of the team; for the project file' },
  identity: { type: 'string', value: 'NAME', text: 'your name at tier 2; for your own file, which then gets the tier' },
  personal: { type: 'string', value: 'PLACE', oneOf: ['home', 'project'], kind: 'a place', text: 'where your own file is: home (for all projects, the default) or project' },
  ...YES,
};

/** What `init` asks for on a terminal. */
const QUESTIONS = {
  endpoint: 'To which URL are the numbers sent?',
  tier: 'How much may be sent (0 nothing, 1 anonymous numbers, 2 with your name)?',
  project: 'What is the name of the project?',
};
const SUGGESTED = { endpoint: 'http://127.0.0.1:4318', tier: '1' };

async function run({ terminal, values, place, addon, help }) {
  const { file, top } = projectIn(place.cwd);
  const isNew = file === undefined;
  const { yes: _, identity, personal, ...shared } = values;
  const isPersonal = identity !== undefined || personal !== undefined;
  const isShared = [shared.endpoint, shared.project, shared.team].some((value) => value !== undefined);
  if (!isPersonal && (!isShared || (isNew && shared.endpoint === undefined))) {
    if (!terminal.isInteractive) throw new UsageError('Not a terminal, so I cannot ask. Add --endpoint, --identity or --personal.', help);
    Object.assign(shared, await answers(terminal, shared, isNew ? { ...SUGGESTED, project: path.basename(top) } : {}, help));
  }
  if (isNew) shared.tier ??= SUGGESTED.tier;
  const plan = {
    ...place,
    project: isShared || !isPersonal ? { ...shared, tier: shared.tier && Number(shared.tier) } : undefined,
    personal: isPersonal ? { tier: values.tier && Number(values.tier), identity, place: personal } : undefined,
  };
  const { written, unchanged, trust } = await write(plan, { terminal, values, addon });
  terminal.out(...written.map((name) => `Written: ${name}`), ...unchanged.map((name) => `Unchanged: ${name}`));
  if (trust.terms !== undefined) terminal.out(...linesOfApproval(trust));
  return check.run({ terminal, place, addon });
}

/** Writes the files. If something has to be approved first, nothing is written before the user approves. */
async function write(plan, { terminal, values, addon }) {
  const { initConfig } = addon();
  const proposed = initConfig(plan);
  if (proposed.asks.length === 0) return proposed;
  await requireApproval(terminal, values, proposed.asks.flatMap((asked) => asked.split('\n')));
  // The files may have changed while the question was open. The user has approved only what was shown.
  if (initConfig(plan).asks.join() !== proposed.asks.join()) {
    throw new CommandError(EXIT.UNUSABLE, 'The config has changed while you were asked, so nothing is approved. Run init again.');
  }
  return initConfig({ ...plan, yes: true });
}

/** Asks for what `init` still needs. An empty answer takes the suggested value. Without one the file is not changed. */
async function answers(terminal, given, suggested, help) {
  const found = {};
  for (const [name, question] of Object.entries(QUESTIONS)) {
    if (given[name] !== undefined) continue;
    const answer = await terminal.ask(`${question} [${suggested[name] ?? 'unchanged'}]`);
    if (answer === undefined) throw new UsageError('There was no answer, so nothing is written.', help);
    const value = answer.trim() || suggested[name];
    if (value !== undefined) found[name] = readValue(name, value, options[name], help);
  }
  return found;
}

/** The project's file, found as the addon finds it, and the directory for a new one. */
function projectIn(cwd) {
  const directories = [fs.realpathSync(cwd)];
  while (path.dirname(directories.at(-1)) !== directories.at(-1)) directories.push(path.dirname(directories.at(-1)));
  const root = directories.findIndex((directory) => fs.existsSync(path.join(directory, '.git')));
  const within = directories.slice(0, Math.max(root, 0) + 1);
  const file = within.map((directory) => path.join(directory, '.ccxray.json')).find((name) => fs.existsSync(name));
  return { file, top: within.at(-1) };
}

module.exports = { text, options, run };
