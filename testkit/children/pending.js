'use strict';

// Records some turns, exports them if the receiver takes them, and ends as it is told to: in order, or killed. Prints what
// became of the export.

const addon = require('../..');

const [options, turns, end] = process.argv.slice(2).map((argument) => JSON.parse(argument));

/** So many input tokens has each turn. */
const TOKENS = 10;

async function main() {
  addon.init(options);
  for (let turn = 0; turn < turns; turn += 1) {
    addon.record(JSON.stringify({ id: String(turn), provider: 'anthropic', model: 'claude-haiku-4-5', sessionId: 's', isSubagent: false, usage: { input_tokens: TOKENS } }));
  }
  const isDelivered = await addon.flush(700);
  if (end === 'kill') process.kill(process.pid, 'SIGKILL');
  const { exports } = addon.status();
  await addon.shutdown(800);
  process.stdout.write(JSON.stringify({ isDelivered, dropped: addon.status().exports?.dropped, repeated: exports.repeated }));
}

void main();
