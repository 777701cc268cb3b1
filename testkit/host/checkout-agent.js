'use strict';

/*
 * The agent that a client of the host starts: sends as many requests as its first argument says, to the URL that the host
 * has set, and ends when its input does.
 */

const { agent } = require('./agent.js');

async function run([turns]) {
  const talk = agent(process.env.ANTHROPIC_BASE_URL);
  for (let i = 0; i < Number(turns); i += 1) {
    const { status, text } = await talk.claude({ stream: i % 2 === 0 });
    if (status !== 200) throw new Error(`the host has answered ${status}: ${text}`);
  }
  process.stdout.write('all answered\n');
  process.stdin.resume().on('end', () => { process.exitCode = 0; });
}

void run(process.argv.slice(2));
