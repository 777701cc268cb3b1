'use strict';
const otel = require('@ccxray/otel-native');

const home = process.env.HOME;
const { state } = otel.init({ cwd: home, home, env: {}, hostVersion: '1.0.0' });
const isRejected = otel.record('{}') === false;
otel.shutdown().then(() => console.log(state, isRejected, 'default and named'));
