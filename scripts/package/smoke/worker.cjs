'use strict';
const { Worker, isMainThread, parentPort } = require('node:worker_threads');

if (isMainThread) {
  new Worker(__filename).on('message', (text) => console.log(text));
} else {
  const otel = require('@ccxray/otel-native');
  const home = process.env.HOME;
  const { state } = otel.init({ cwd: home, home, env: {} });
  const text = `${state} ${otel.record('{}') === false} default and named`;
  parentPort.postMessage(text); // oxlint-disable-line unicorn/require-post-message-target-origin -- not a window
}
