'use strict';
process.argv = [process.argv[0], 'ccxray-otel', 'status'];
const { main } = require('./node_modules/@ccxray/otel-native/cli.js');

const { stdin, stdout, stderr, env } = process;
main(['status'], { stdin, stdout, stderr, env, cwd: __dirname }).then((code) => {
  // Telemetry is off here.
  process.exitCode = code === 1 ? 0 : 70;
});
