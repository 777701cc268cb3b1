'use strict';
// `node scripts/package/replay.js TARGET [NODE]`: loads the binary in npm/TARGET with a Node of its kind, replays the captured
// entries to a receiver on this machine, and compares its totals with those of the reference implementation. NODE is a
// program, or a directory that `.ci/foreign-nodes.sh` has made; without it the running Node is used.

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { differences, totalsOf } = require('../../testkit/otlp/totals');
const { startReceiver } = require('../../testkit/receiver/receiver');
const { Reference } = require('../../testkit/reference');
const { capturedTurns } = require('../../testkit/fixtures/default-turns');
const { mainManifest, binaryManifest, text } = require('./manifest');
const { PACKAGE, ROOT, findTarget } = require('./targets');

const TIMEOUT_MS = 120_000;

/** Puts the main package and the one with the binary into a directory, as npm does. */
function install(target, directory) {
  const whole = path.join(directory, 'node_modules', ...PACKAGE.name.split('/'));
  const binary = path.join(directory, 'node_modules', ...target.packageName.split('/'));
  for (const folder of [whole, binary]) fs.mkdirSync(folder, { recursive: true });
  for (const name of PACKAGE.files) fs.cpSync(path.join(ROOT, name), path.join(whole, name), { recursive: true });
  fs.writeFileSync(path.join(whole, 'package.json'), text(mainManifest()));
  fs.copyFileSync(path.join(target.folder, target.binary), path.join(binary, target.binary));
  fs.writeFileSync(path.join(binary, 'package.json'), text(binaryManifest(target)));
}

/** Runs a script and resolves to what it printed as JSON. */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: TIMEOUT_MS });
    let output = '';
    child.stdout.on('data', (chunk) => { output += chunk; });
    child.on('error', reject);
    child.on('close', (code, signal) => (code === 0 ? resolve(JSON.parse(output)) : reject(new Error(`${command} ended with ${signal ?? code}: ${output}`))));
  });
}

/**
 * @param {import('./targets').Target} target
 * @param {string} [node] a program, or a root directory with one
 * @returns {Promise<{answer: object, wrong: string[]}>} what the process printed, and where the totals differ
 */
async function replay(target, node = process.execPath) {
  const isRoot = fs.statSync(node).isDirectory();
  const directory = fs.mkdtempSync(path.join(isRoot ? path.join(node, 'tmp') : os.tmpdir(), 'ccxray-replay-'));
  const inside = isRoot ? `/${path.relative(node, directory)}` : directory;
  const receiver = await startReceiver();
  try {
    install(target, directory);
    const turns = capturedTurns();
    fs.writeFileSync(path.join(directory, 'turns.json'), JSON.stringify(turns));
    fs.copyFileSync(path.join(__dirname, 'replay-child.js'), path.join(directory, 'replay-child.js'));
    const answer = await run(isRoot ? path.join(node, 'node') : node, [`${inside}/replay-child.js`, receiver.endpoint]);
    const reference = new Reference();
    for (const turn of turns) reference.add(turn);
    const wrong = differences(reference.totals, totalsOf(receiver.series()))
      .map(({ metric, attributes, expected, actual }) => `${metric} ${attributes}: expected ${JSON.stringify(expected)}, received ${JSON.stringify(actual)}`);
    if (answer.processed !== turns.length) wrong.push(`${answer.processed} of ${turns.length} entries were counted`);
    if (!answer.isDelivered) wrong.push('not everything was delivered');
    if (answer.platform !== `${target.os}-${target.cpu}` || (target.libc === 'glibc') !== answer.hasGlibc) wrong.push(`this is no Node for ${target.id}: ${answer.platform}`);
    return { answer, series: receiver.series().length, wrong };
  } finally {
    await receiver.close();
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

async function main([name, node]) {
  const target = findTarget(name);
  const { answer, series, wrong } = await replay(target, node);
  for (const line of wrong) process.stderr.write(`${line}\n`);
  process.stdout.write(`${target.id}: Node ${answer.node}, ${answer.processed} entries, ${series} series, totals ${wrong.length === 0 ? 'equal' : 'DIFFER'}\n`);
  return wrong.length === 0 ? 0 : 1;
}

if (require.main === module) {
  main(process.argv.slice(2)).then((code) => { process.exitCode = code; }, (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}

module.exports = { install, replay };
