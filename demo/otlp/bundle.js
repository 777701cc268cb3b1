'use strict';

// What is bundled into `demo/built/otlp.js`, so that the package needs no dependency to read OTLP. `schema.json` is made
// from `proto/` during the build.

const protobuf = require('protobufjs/light');

const { codecOf } = require('./codec');

module.exports = codecOf(protobuf.Root.fromJSON(require('schema.json')));
