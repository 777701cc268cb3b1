'use strict';
// `npm run test:agents`: the real clients, driven within namespaces against a scripted upstream. See docs/agents.md.

const fs = require('node:fs');
const path = require('node:path');

const { parseArguments } = require('../cli/arguments');
const { UsageError } = require('../cli/errors');
const { optionLines } = require('../cli/help');
const clients = require('../testkit/agents/clients');
const { obstacle } = require('../testkit/agents/containment');
const fake = require('../testkit/agents/hosts/fake');
const { MUTANTS, addonOf } = require('../testkit/agents/hosts/mutants');
const real = require('../testkit/agents/hosts/real');
const { NotFetched, installed, isVersion } = require('../testkit/agents/install');
const { issueOf } = require('../testkit/agents/issue');
const { runContained } = require('../testkit/agents/outside');
const { isEqual, jsonOf, junitOf, summaryOf, tableOf, wordsOf } = require('../testkit/agents/report');
const { allScenarios } = require('../testkit/agents/scenarios');
const { hasTerminal } = require('../testkit/agents/terminal');
const { violations } = require('../testkit/agents/upstream/allow-list');
const { knownOf, unseenIn, vocabularyOf, writeKnown } = require('../testkit/agents/unseen');
const { writeVerified } = require('../testkit/agents/verified');

const HELP = 'npm run test:agents -- --help';
/** The scenarios of `--quick`: of each client a text, a command and an error. */
const QUICK = /^(?:claude-(?:text|bash|invalid-request)|codex-(?:text|exec|invalid-request))$/;
const EXIT = { equal: 0, different: 1, usage: 2, impossible: 3 };
const OPTIONS = {
  claude: { type: 'string', value: 'VERSION', text: 'the version of Claude Code (default: the newest one)' },
  codex: { type: 'string', value: 'VERSION', text: 'the version of Codex (default: the newest one)' },
  only: { type: 'string', value: 'NAME', text: 'only scenarios whose name begins so, such as codex or claude-plan' },
  quick: { type: 'boolean', text: 'only three scenarios of each client' },
  'if-possible': { type: 'boolean', text: 'succeed, and say so, if the clients cannot be fetched or contained' },
  list: { type: 'boolean', text: 'print the scenarios, and run nothing' },
  jobs: { type: 'string', value: 'N', whole: [1, 16], text: 'how many run side by side (default: 2)' },
  json: { type: 'string', value: 'FILE', text: 'also write all figures, as JSON' },
  junit: { type: 'string', value: 'FILE', text: 'also write the result as JUnit XML' },
  issue: { type: 'string', value: 'FILE', text: 'also write the text of an issue, if something differs or is new on the wire' },
  keep: { type: 'string', value: 'DIR', text: 'also write the requests and answers of each scenario there' },
  mutant: { type: 'string', value: 'NAME', oneOf: Object.keys(MUTANTS), kind: 'a mutant', text: 'use an addon that is broken on purpose, to see that the comparison notices it' },
  write: { type: 'boolean', text: 'write the versions into the tables of the README, into the catalogs and into the list of known words' },
  help: { type: 'boolean', short: 'h', text: 'print this text' },
};
const HELP_TEXT = `Usage: npm run test:agents -- [options]

Runs Claude Code and Codex from the npm registry against a scripted upstream on the loopback interface, through the fake host
of the test library, and compares every metric with the script's own ledger. With CCXRAY_CHECKOUT it uses a copy of that checkout
of ccxray instead. Everything runs in namespaces without a network and with a file system that is read-only. Linux only.

${optionLines(OPTIONS).join('\n')}

Exit codes: 0 all figures equal, 1 something differs, 2 wrong usage, 3 the clients cannot be fetched or
contained, or a script is refused
`;

/**
 * Runs the command.
 * @param {string[]} argv arguments after the script's name
 * @param {{out: (text: string) => void, err: (text: string) => void, env: Record<string, string|undefined>}} io
 * @param {AbortSignal} [signal] ends the run early
 * @returns {Promise<number>} exit code
 */
async function main(argv, io, signal) {
  let options = {};
  try {
    options = parseArguments(argv, OPTIONS, { help: HELP }).values;
    if (options.help) return print(io, HELP_TEXT);
    requireUsable(options, io.env);
    const chosen = chosenFrom(options);
    if (options.list) return print(io, chosen.map(({ name, about }) => `${name.padEnd(34)} ${about}\n`).join(''));
    return await run(chosen, options, io, signal);
  } catch (error) {
    if (error instanceof NotFetched) return impossible(`they cannot be fetched: ${error.message}`, options, io);
    if (!(error instanceof UsageError)) throw error;
    io.err(`${error.message}\n`);
    return error.exitCode;
  }
}

module.exports = { main };

function impossible(why, options, io) {
  io.err(`The clients were not run, because ${why}.\n`);
  return options['if-possible'] ? EXIT.equal : EXIT.impossible;
}

function print(io, text) {
  io.out(text);
  return EXIT.equal;
}

/** What is wrong is said before hundreds of megabytes are fetched. */
function requireUsable({ claude, codex, json, junit, issue, keep: folder, mutant, only, quick, write: isWritten }, env) {
  for (const version of [claude, codex].filter((given) => given !== undefined)) {
    if (!isVersion(version)) throw new UsageError(`${version} is not a whole version, such as 2.1.197.`, HELP);
  }
  for (const file of [json, junit, issue].filter((given) => given !== undefined)) requireWritable(path.dirname(path.resolve(file)), file);
  if (folder !== undefined && fs.existsSync(folder)) requireWritable(folder, folder);
  if (mutant && (only || quick || isWritten)) throw new UsageError('--mutant chooses its scenarios itself, and verifies nothing: leave out --only, --quick and --write.', HELP);
  const checkout = env.CCXRAY_CHECKOUT;
  if (checkout && !fs.existsSync(path.join(checkout, 'server', 'index.js'))) throw new UsageError(`CCXRAY_CHECKOUT is ${checkout}, which is no checkout of ccxray: it has no server/index.js.`, HELP);
}

function requireWritable(folder, given) {
  try {
    if (!fs.statSync(folder).isDirectory()) throw new Error('not a directory');
    fs.accessSync(folder, fs.constants.W_OK);
  } catch {
    throw new UsageError(`${given} cannot be written: ${folder} is not a directory in which you may write.`, HELP);
  }
}

function chosenFrom({ only, quick, mutant }) {
  if (mutant) return allScenarios().filter(({ name }) => MUTANTS[mutant].scenarios.includes(name));
  const chosen = allScenarios().filter(({ name }) => (only ? name.startsWith(only) : true) && (quick ? QUICK.test(name) : true));
  if (chosen.length === 0) throw new UsageError(`No scenario begins with ${only}. --list prints them.`, HELP);
  return chosen;
}

async function run(chosen, options, io, signal) {
  const refused = chosen.flatMap(({ name, script }) => violations(script).map((violation) => `${name}: ${violation}`));
  if (refused.length > 0) {
    io.err(`These scripts are refused:\n${refused.join('\n')}\n`);
    return EXIT.impossible;
  }
  const problem = obstacle();
  if (problem !== undefined) return impossible(`they cannot be contained: ${problem}`, options, io);
  const runnable = hasTerminal() ? chosen : chosen.filter(({ steps }) => !steps.some(({ open }) => open));
  if (runnable.length < chosen.length) io.err(`tmux is not installed: ${chosen.length - runnable.length} scenarios in a terminal are left out.\n`);
  const used = Object.values(clients).filter(({ name }) => runnable.some(({ client }) => client === name));
  const programs = {};
  for (const client of used) programs[client.name] = installed(client, options[client.name]);
  const versions = Object.fromEntries(used.map(({ name, label }) => [label, programs[name].version]));
  const checkout = io.env.CCXRAY_CHECKOUT;
  const result = await runContained({ names: runnable.map(({ name }) => name), programs, jobs: options.jobs ?? 2, checkout, addon: options.mutant && addonOf(options.mutant) }, (outcome) => {
    io.err(`${isEqual(outcome) ? 'ok     ' : 'DIFFERS'} ${outcome.name} (${outcome.seconds.toFixed(1)} s)\n`);
    if (options.keep) keep(options.keep, outcome);
  }, signal);
  if (signal?.aborted) {
    io.err('Interrupted. Nothing is verified.\n');
    return EXIT.different;
  }
  const whole = { ...result, isVerified: !options.mutant && runnable.length === result.outcomes.length && result.outcomes.every(isEqual), mutant: options.mutant, versions, host: checkout ? real.name : fake.name, date: new Date().toISOString().slice(0, 10) };
  whole.outcomes.sort((a, b) => a.name.localeCompare(b.name));
  whole.unseen = unseenOf(used, whole.outcomes);
  tell(whole, options, io);
  if (options.write && !options.mutant) write(used, whole, programs, io);
  const isGood = whole.outcomes.length === runnable.length && whole.outcomes.every(isEqual) && whole.running.length === 0;
  return isGood ? EXIT.equal : EXIT.different;
}

/** New words on the wire, by the label of the client. */
function unseenOf(used, outcomes) {
  return Object.fromEntries(used.map(({ name, label }) => {
    const requests = outcomes.filter(({ client }) => client === name).flatMap((outcome) => outcome.requests);
    return [label, unseenIn(vocabularyOf(requests), knownOf(name))];
  }));
}

function tell(whole, options, io) {
  io.out(`${tableOf(whole.outcomes).join('\n')}\n\n`);
  const words = whole.outcomes.flatMap(wordsOf);
  if (words.length > 0) io.out(`${words.join('\n')}\n\n`);
  for (const [label, fresh] of Object.entries(whole.unseen)) {
    if (fresh.length > 0) io.out(`Unseen on the wire, ${label}:\n${fresh.map((word) => `  ${word}\n`).join('')}\n`);
  }
  io.out(`${summaryOf(whole).join('\n')}\n`);
  if (options.json) fs.writeFileSync(options.json, `${JSON.stringify(jsonOf(whole), null, 1)}\n`);
  if (options.junit) fs.writeFileSync(options.junit, junitOf(whole));
  if (options.issue) fs.writeFileSync(options.issue, issueOf(whole));
}

/** Only a run of all scenarios of a client verifies a version of it. */
function write(used, { outcomes, date }, programs, io) {
  const all = used.map(({ name, label }) => ({ name, label, version: programs[name].version, outcomes: outcomes.filter(({ client }) => client === name) }));
  for (const { name, outcomes: own } of all) writeKnown(name, vocabularyOf(own.flatMap(({ requests }) => requests)));
  for (const { label } of all.filter((result) => !isWhole(result))) io.err(`Not all scenarios of ${label} have run, so the tables and the catalogs are not changed for it.\n`);
  const changed = writeVerified(all.filter(isWhole), date);
  io.err(`Written: ${changed.join(', ') || 'nothing new'}.\n`);
}

function isWhole({ name, outcomes }) {
  return outcomes.length === allScenarios().filter(({ client }) => client === name).length;
}

function keep(folder, { name, ledger, requests, output }) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(`${folder}/${name}.json`, `${JSON.stringify({ ledger, output, requests }, null, 1)}\n`);
}

if (require.main === module) {
  const io = { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text), env: process.env };
  const interrupt = new AbortController();
  // The second signal ends the process at once.
  process.once('SIGINT', () => interrupt.abort()).once('SIGTERM', () => interrupt.abort()).once('SIGHUP', () => interrupt.abort());
  void main(process.argv.slice(2), io, interrupt.signal).then((code) => {
    process.exitCode = code;
  });
}
