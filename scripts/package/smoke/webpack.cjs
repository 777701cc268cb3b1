'use strict';
const path = require('node:path');
const webpack = require(process.argv[2]);

const compiler = webpack({
  mode: 'production', target: 'node', entry: './use.cjs',
  externals: { '@ccxray/otel-native': 'commonjs @ccxray/otel-native' },
  output: { path: path.join(__dirname, 'out'), filename: 'bundle.cjs' },
});
compiler.run((error, stats) => {
  if (error || stats.hasErrors()) {
    console.error(error ?? stats.toString());
    process.exitCode = 1;
  }
});
