'use strict';
// `npm run build:demo`: bundles what the demo needs and the repository does not contain, the decoder of OTLP requests and
// the page, into demo/built.

const { buildCodec } = require('./otlp-codec');
const { build: buildPage } = require('./page');

/** @returns {Promise<string[]>} the source files of all bundles, from the root of the repository */
async function buildDemo() {
  const { inputs } = buildPage();
  // The last one: `npm start` takes it as the sign that all are there.
  return [...inputs, ...await buildCodec()];
}

if (require.main === module) void buildDemo();

module.exports = { buildDemo };
