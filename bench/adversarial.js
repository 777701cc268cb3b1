'use strict';

// Entries of 64 KB that are made to be slow for the worker. `bench/adversarial.rs` has many more; these two were the
// slowest.

const SIZE = 64 * 1024;

/** As many elements as fit. */
function fill(element) {
  const elements = [];
  for (let length = 0; length < SIZE; ) {
    const next = element(elements.length);
    elements.push(next);
    length += next.length + 1;
  }
  return elements.join(',');
}

/** A short and dangerous call. */
const callOf = (i) => JSON.stringify({ type: 'tool_use', id: String(i), name: 'Bash', input: { command: `rm -rf ${i}` } });

/** A response of calls that are short and dangerous. */
function commands() {
  return `{"type":"message","stop_reason":"tool_use","content":[${fill(callOf)}]}`;
}

/** An index line that names many tools, each called many times. */
function names() {
  const calls = fill((i) => `"mcp__s${i}__t":1000`);
  return `{"provider":"anthropic","agent":"claude","sessionId":"s","status":200,"isSSE":true,"turnToolCalls":{${calls}}}`;
}

module.exports = { commands, names };
