'use strict';

/*
 * The agent that a client of the host starts: sends as many requests as its first argument says, to the URL that the host
 * has set, and ends when its input does.
 */

const { agent } = require('./agent.js');

async function run([turns]) {
  const talk = agent(process.env.ANTHROPIC_BASE_URL);
  const wires = [() => talk.claude(), () => talk.codexSocket([{}]), () => talk.claude({ stream: false })];
  for (let i = 0; i < Number(turns); i += 1) {
    const answer = await wires[i % wires.length]();
    if (answer !== undefined && answer.status !== 200) throw new Error(`the host has answered ${answer.status}: ${answer.text}`);
  }
  process.stdout.write('all answered\n');
  process.stdin.resume().on('end', () => { process.exitCode = 0; });
}

void run(process.argv.slice(2));
