'use strict';

/*
 * Starts the addon with each of these options, and collects what it answers and what the commands print:
 *
 *     node masked-child.js FILE
 *
 * FILE is JSON: a list of `{title, cwd, home, env}`. Prints `{cases: {title, texts}[]}` as JSON.
 */

const fs = require('node:fs');

const addon = require('../..');
const { call } = require('../cli/call');
const { turn } = require('../entries/turn');

async function textsOf({ cwd, home, env }) {
  const options = { cwd, home, env };
  const texts = {};
  const keep = (name, action) => {
    try {
      texts[name] = JSON.stringify(action()) ?? '';
    } catch (error) {
      texts[name] = JSON.stringify({ ...error, message: error.message, stack: error.stack });
    }
  };
  keep('init', () => addon.init(options));
  keep('record', () => addon.record(turn({ turnToolCalls: { Bash: 1 } })));
  keep('preview', () => addon.preview());
  await addon.flush(20);
  keep('status', () => addon.status());
  keep('report', () => addon.report());
  addon.shutdownSync(20);
  keep('trust', () => addon.trust(cwd, { home, env }));
  keep('initConfig', () => addon.initConfig({ ...options, project: { team: 'payments' } }));
  for (const argv of [['status'], ['status', '--json'], ['check'], ['trust'], ['preview'], ['preview', '--json'], ['preview', '--diff', 'tier=2']]) {
    const { stdout, stderr } = await call(argv, { cwd, home, env });
    texts[`cli ${argv.join(' ')}`] = stdout + stderr;
  }
  return texts;
}

async function main() {
  const cases = [];
  for (const { title, ...options } of JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))) cases.push({ title, texts: await textsOf(options) });
  process.stdout.write(JSON.stringify({ cases }));
}

void main();
