'use strict';
// `node scripts/otlp-codec.js`: bundles the decoder of OTLP requests into demo/built/otlp.js.

const path = require('node:path');

const esbuild = require('esbuild');

const { schema } = require('../testkit/otlp/messages');

const ROOT = path.join(__dirname, '..');
const DEMO = path.join(ROOT, 'demo');

/**
 * Writes `demo/built/otlp.js`.
 * @returns {Promise<string[]>} the source files of it
 */
async function buildCodec() {
  const given = {
    name: 'schema',
    setup(build) {
      build.onResolve({ filter: /^schema\.json$/ }, () => ({ path: 'schema.json', namespace: 'schema' }));
      build.onLoad({ filter: /.*/, namespace: 'schema' }, () => ({ contents: JSON.stringify(schema().toJSON()), loader: 'json' }));
    },
  };
  const { metafile } = await esbuild.build({
    entryPoints: [path.join(DEMO, 'otlp', 'bundle.js')],
    outfile: path.join(DEMO, 'built', 'otlp.js'),
    absWorkingDir: ROOT, metafile: true, bundle: true, minify: true, platform: 'node', target: 'node18', legalComments: 'inline', logLevel: 'warning', plugins: [given],
  });
  return Object.keys(metafile.inputs);
}

if (require.main === module) void buildCodec();

module.exports = { buildCodec };
