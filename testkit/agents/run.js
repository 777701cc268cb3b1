'use strict';

/*
 * Runs scenarios within the namespaces. The first argument is `{scratch, jobs, names, programs, checkout, addon}` as JSON. Each
 * outcome is written as one line of JSON to the file descriptor 3.
 *
 * The first process of the namespaces makes them safe. It then starts this script again, without its privileges, for the rest.
 */

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { contain, requireNoPrivileges, requireReadOnly, strayFiles, withoutPrivileges } = require('./containment');
const clients = require('./clients');
const { cacheFolder } = require('./install');
const fake = require('./hosts/fake');
const real = require('./hosts/real');
const { runScenario } = require('./lab');
const { markedProcesses } = require('./processes');
const { scenariosNamed } = require('./scenarios');

const OUTCOMES = 3;
/** How long one scenario may take, with all of its steps. Milliseconds. */
const SCENARIO_MS = 300_000;
const ROOT = path.resolve(__dirname, '../..');

/** In the first process. Resolves to the exit code of the second one. */
function outer(argument) {
  const { scratch, checkout } = JSON.parse(argument);
  contain(scratch, [ROOT, fs.realpathSync(path.join(ROOT, 'node_modules')), path.dirname(process.execPath), cacheFolder(), ...(checkout ? [checkout] : [])]);
  const [command, args] = withoutPrivileges(process.execPath, [__filename, argument]);
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', OUTCOMES] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

function tell(line) {
  fs.writeSync(OUTCOMES, `${JSON.stringify(line)}\n`);
}

async function inner({ scratch, jobs, names, programs, checkout, addon }) {
  requireNoPrivileges();
  const waiting = scenariosNamed(names);
  const host = checkout ? { name: real.name, start: real.startIn(checkout) } : { name: fake.name, start: fake.startWith(addon) };
  await Promise.all(Array.from({ length: jobs }, async () => {
    for (let scenario = waiting.shift(); scenario; scenario = waiting.shift()) {
      const { version, program } = programs[scenario.client];
      const folder = path.join(scratch, scenario.name);
      const options = { client: clients[scenario.client], program, version, host, scratch: folder };
      tell(await withinLimit(runScenario(scenario, options)).catch((error) => failed(scenario, error)));
    }
  }));
  requireReadOnly(scratch);
  tell({ running: markedProcesses().map(({ command }) => command), stray: strayFiles() });
  return 0;
}

/** What a scenario that takes too long still runs ends with the namespace. */
function withinLimit(running) {
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`the scenario has not ended within ${SCENARIO_MS / 1000} s`)), SCENARIO_MS).unref();
  });
  return Promise.race([running, late]);
}

/** The outcome of a scenario that could not be run. The others go on. */
function failed({ name, client, about }, error) {
  return { name, client, about, rows: [], problems: [error.stack], left: [], seconds: 0, drift: '', ledger: [], requests: [], output: '' };
}

async function main([argument]) {
  return process.pid === 1 ? outer(argument) : inner(JSON.parse(argument));
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);
