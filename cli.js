#!/usr/bin/env node
'use strict';

/*
 * `ccxray-otel`: what telemetry does for a project, and the engineer's word on it. The addon knows and does all of it;
 * here it is asked for, shown, and agreed to.
 */

const fs = require('node:fs');
const path = require('node:path');

const { checked, named, parsed } = require('./cli/arguments');
const drift = require('./cli/drift');
const { helpOf, helpOfAll } = require('./cli/help');
const { rowsOf, runningIn } = require('./cli/running');
const { EXIT, Misuse, Refusal } = require('./cli/refusal');
const { columns, Terminal } = require('./cli/terminal');

const HELP = { help: { type: 'boolean', short: 'h', text: 'print this text' } };
const VERSION = { version: { type: 'boolean', text: 'print the version' } };
const YES = { yes: { type: 'boolean', text: 'allow what is asked for, without a question' } };

/** Every command. Help, parsing and suggestions are made from this table. */
const COMMANDS = {
  status: {
    run: status,
    text: 'show whether anything is sent, by whose word, where each setting comes from, and how running processes fare',
    options: { json: { type: 'boolean', text: 'print it as JSON' } },
  },
  report: {
    run: report,
    text: 'show what of the agents\' traffic was not understood lately; it is kept on this machine only',
    options: {
      days: { type: 'string', value: 'N', text: 'how many days, 1 to 30 (default: 7)' },
      issue: { type: 'boolean', text: 'print the text of an issue to file, without the names themselves' },
      samples: { type: 'boolean', text: 'with --issue or --json: the text of the issue has the names, of which some may be private' },
      json: { type: 'boolean', text: 'print it as JSON' },
    },
  },
  check: { run: check, text: 'say in one line whether the config can be used', options: {} },
  trust: { run: trust, text: 'allow what the config of the project asks for', options: YES },
  untrust: { run: untrust, text: 'take that back', options: {} },
  init: {
    run: init,
    text: 'write config files, and allow what they ask for; on a terminal, ask for what is left out',
    options: {
      tier: { type: 'string', value: 'N', oneOf: ['0', '1', '2'], text: 'the most that may leave: 0 nothing, 1 anonymous numbers, 2 your identity too' },
      endpoint: { type: 'string', value: 'URL', text: 'where to; for the project file, which is made with tier 1 if there is none' },
      project: { type: 'string', value: 'NAME', text: 'name of the project; for the project file' },
      team: { type: 'string', value: 'NAME', text: 'name of the team; for the project file' },
      identity: { type: 'string', value: 'NAME', text: 'your name at tier 2; for your personal file, to which the tier goes then' },
      personal: { type: 'string', value: 'PLACE', oneOf: ['home', 'project'], text: 'your personal file at home, for all projects (default), or in the project' },
      ...YES,
    },
  },
};

const TIERS = ['disabled', 'anonymous', 'named'];

/** What was not understood is remembered for so many days. */
const MAX_DAYS = 30;

/** What `init` asks for on a terminal. */
const QUESTIONS = {
  endpoint: 'Where do the numbers go?',
  tier: 'How much may leave (0 nothing, 1 anonymous, 2 named)?',
  project: 'What is the project called?',
};
const SUGGESTED = { endpoint: 'http://127.0.0.1:4318', tier: '1' };

/** What `init` would do is looked at again once the engineer has said yes. */
const CHANGED = 'the config has changed while you were asked, so nothing is allowed; look at it again';

/**
 * Runs one command.
 * @param {string[]} argv arguments after the script's name
 * @param {object} io `{stdin, stdout, stderr, env, cwd}`
 * @returns {Promise<number>} exit code
 */
async function main(argv, io) {
  const terminal = new Terminal(io);
  try {
    return (await dispatch(argv, io, terminal)) ?? EXIT.FINE;
  } catch (error) {
    // Anything else is a defect, and its stack tells where.
    const isTold = error instanceof Refusal || error.syscall !== undefined || error.code?.startsWith('CCXRAY_OTEL_');
    if (!isTold) throw error;
    terminal.err(error.message);
    return error.exitCode ?? EXIT.UNUSABLE;
  } finally {
    terminal.close();
  }
}

function dispatch([name, ...args], io, terminal) {
  if (name === undefined) throw new Misuse('name a command');
  if (name === 'help') return terminal.out(...helpOfAll(COMMANDS, { ...HELP, ...VERSION }));
  if (name.startsWith('-')) {
    const { values } = parsed([name, ...args], { ...HELP, ...VERSION });
    return terminal.out(...(values.version ? [require('./package.json').version] : helpOfAll(COMMANDS, { ...HELP, ...VERSION })));
  }
  const command = named(COMMANDS, name, `command ${name}`, '');
  const options = { ...command.options, ...HELP };
  const { values, positionals } = parsed(args, options, name);
  if (values.help) return terminal.out(...helpOf(name, command, options));
  if (positionals.length > 1) throw new Misuse(`one directory at a time, not ${positionals.join(' and ')}`, name);
  // A variable of a shell that is not set; the project here is not what was meant.
  if (positionals[0] === '') throw new Misuse('the directory is empty', name);
  const cwd = path.resolve(io.cwd, positionals[0] ?? '');
  // What a project was allowed can be taken back when the project is gone.
  const isThere = fs.statSync(cwd, { throwIfNoEntry: false })?.isDirectory();
  if (!isThere && command.run !== untrust) throw new Misuse(`${cwd} is not a directory`, name);
  return command.run({ terminal, values, place: { cwd, env: io.env } });
}

function status({ terminal, values, place }) {
  const found = addon().inspect(place);
  const { state, reason, tier, decidedBy, endpoint, trust: why, asks, settings, warnings, files } = found;
  const running = runningIn(files.directory);
  if (values.json) {
    for (const line of JSON.stringify({ ...found, running }, null, 2).split('\n')) terminal.out(line);
  } else {
    const facts = { state, reason, tier: `${tier}, ${TIERS[tier]}`, 'decided by': decidedBy, endpoint, trust: why };
    terminal.out(...columns(Object.entries(facts).filter(([, fact]) => fact !== undefined)));
    if (asks) terminal.out('', ...linesOf(asks));
    if (settings.length > 0) terminal.out('', 'settings', ...columns(settings.map(({ name, value, source }) => [`  ${name}`, value, source])));
    if (running.length > 0) terminal.out('', 'running now', ...columns(rowsOf(running, Date.now())));
    if (warnings.length > 0) terminal.out('', 'warnings', ...warnings.map((warning) => `  ${warning}`));
  }
  return state === 'degraded' ? EXIT.UNUSABLE : EXIT.FINE;
}

function report({ terminal, values, place }) {
  const days = values.days === undefined ? undefined : Number(values.days);
  const isSpan = days === undefined || (Number.isInteger(days) && days >= 1 && days <= MAX_DAYS);
  if (!isSpan) throw new Misuse(`--days is a number from 1 to ${MAX_DAYS}, not ${values.days}`, 'report');
  if (values.samples && !values.issue && !values.json) throw new Misuse('--samples goes with --issue or --json', 'report');
  const found = addon().report({ days, samples: values.samples, env: place.env });
  if (values.json) return terminal.out(...JSON.stringify(found, null, 2).split('\n'));
  if (!values.issue) return terminal.out(...drift.linesOf(found));
  if (found.issue === '') return terminal.err(...drift.linesOf(found));
  return terminal.out(...found.issue.trimEnd().split('\n'));
}

function check({ terminal, place }) {
  const { state, reason, tier, endpoint, trust: why, asks } = addon().inspect(place);
  if (asks) throw new Refusal(EXIT.WAITING, reason);
  if (state === 'degraded') throw new Refusal(EXIT.UNUSABLE, reason);
  terminal.out(state === 'disabled' ? `off: ${reason}` : `on: tier ${tier}, ${TIERS[tier]}, to ${endpoint} (${why})`);
}

async function trust({ terminal, values, place }) {
  const { state, reason, trust: why, asks } = addon().inspect(place);
  if (state === 'degraded') throw new Refusal(EXIT.UNUSABLE, reason);
  if (!asks) return terminal.out(`nothing to allow: ${why ?? reason}`);
  await grant(terminal, values, linesOf(asks));
  const { terms, file } = addon().trust(place.cwd, place, asks.hash);
  return terminal.out(`allowed: ${terms} (noted in ${file})`);
}

function untrust({ terminal, place }) {
  const any = addon().untrust(place.cwd, place);
  terminal.out(`${any ? 'no longer allowed' : 'nothing was allowed'}: ${place.cwd}`);
}

async function init({ terminal, values, place }) {
  const { file, top } = projectIn(place.cwd);
  const isNew = file === undefined;
  const { yes: _, identity, personal, ...shared } = values;
  const isPersonal = identity !== undefined || personal !== undefined;
  const isShared = [shared.endpoint, shared.project, shared.team].some((value) => value !== undefined);
  if (!isPersonal && (!isShared || (isNew && shared.endpoint === undefined))) {
    if (!terminal.isInteractive) throw new Misuse('there is nobody to ask; give --endpoint, --identity or --personal', 'init');
    Object.assign(shared, await answers(terminal, shared, isNew ? { ...SUGGESTED, project: path.basename(top) } : {}));
  }
  if (isNew) shared.tier ??= SUGGESTED.tier;
  const plan = {
    ...place,
    project: isShared || !isPersonal ? { ...shared, tier: shared.tier && Number(shared.tier) } : undefined,
    personal: isPersonal ? { tier: values.tier && Number(values.tier), identity, place: personal } : undefined,
  };
  let done = addon().initConfig(plan);
  if (done.asks.length > 0) {
    await grant(terminal, values, done.asks);
    if (addon().initConfig(plan).asks.join() !== done.asks.join()) throw new Refusal(EXIT.UNUSABLE, CHANGED);
    done = addon().initConfig({ ...plan, yes: true });
  }
  terminal.out(...done.written.map((name) => `written: ${name}`), ...done.unchanged.map((name) => `unchanged: ${name}`));
  if (done.trust.terms !== undefined) terminal.out(`allowed: ${done.trust.terms} (noted in ${done.trust.file})`);
  return check({ terminal, place });
}

/** What `init` still has to know. No answer takes what is suggested; where nothing is, the file stays as it is. */
async function answers(terminal, given, suggested) {
  const found = {};
  for (const [name, question] of Object.entries(QUESTIONS)) {
    if (given[name] !== undefined) continue;
    const answer = await terminal.ask(`${question} [${suggested[name] ?? 'as it is'}]`);
    if (answer === undefined) throw new Misuse('there was no answer, so nothing is written', 'init');
    const value = answer.trim() || suggested[name];
    if (value !== undefined) found[name] = checked(name, value, COMMANDS.init.options[name], 'init');
  }
  return found;
}

/** What a project asks for, in lines. */
function linesOf({ directory, terms, changes }) {
  return [`${directory} asks for ${terms}`, ...(changes.length > 0 ? [`changed since you allowed it: ${changes.join(', ')}`] : [])];
}

/** Goes on only if the engineer says yes to what is asked. */
async function grant(terminal, { yes }, asked) {
  terminal.err(...asked);
  if (yes) return;
  if (!terminal.isInteractive) throw new Refusal(EXIT.WRONG, 'there is nobody to ask; allow it with --yes');
  const answer = await terminal.ask('Allow this? [y/N]');
  if (!/^\s*y(es)?\s*$/i.test(answer ?? '')) throw new Refusal(EXIT.WRONG, 'not allowed');
}

/** Loaded when it is needed: `--help` works without a binary. */
function addon() {
  return require('./index.js');
}

/** The project's file, where the addon finds it, and the directory that a new one goes to. */
function projectIn(cwd) {
  const directories = [fs.realpathSync(cwd)];
  while (path.dirname(directories.at(-1)) !== directories.at(-1)) directories.push(path.dirname(directories.at(-1)));
  const root = directories.findIndex((directory) => fs.existsSync(path.join(directory, '.git')));
  const within = directories.slice(0, Math.max(root, 0) + 1);
  const file = within.map((directory) => path.join(directory, '.ccxray.json')).find((name) => fs.existsSync(name));
  return { file, top: within.at(-1) };
}

async function run() {
  const { stdin, stdout, stderr, env } = process;
  // A reader that goes away early, such as `head`, wants no more and is no failure.
  for (const stream of [stdout, stderr]) stream.on('error', (error) => { if (error.code !== 'EPIPE') throw error; });
  process.exitCode = await main(process.argv.slice(2), { stdin, stdout, stderr, env, get cwd() { return process.cwd(); } });
}

if (require.main === module) void run();

module.exports = { main };
