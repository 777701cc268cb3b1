'use strict';
// `npm run build:demo`: bundles what the demo needs and the repository does not contain, the decoder of OTLP requests and
// the page, into demo/built.

const { buildCodec } = require('./otlp-codec');
const { buildPage } = require('./page');

async function build() {
  await buildPage();
  // The last one: `npm start` takes it as the sign that all are there.
  await buildCodec();
}

module.exports = { build };

if (require.main === module) void build();
