'use strict';

/*
 * Writes the dashboards and rules in `dashboards/`:
 *
 *     node scripts/dashboards.js [--names underscores|dots] [--check]
 *
 * `--names` writes only the build with these names. `--check` writes nothing, and exits with 1 if a file is not up to date.
 */

const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');

const { BUILDS, generatedFiles } = require('../dashboards/source/builds');

const ROOT = path.join(__dirname, '..', 'dashboards');
const SPELLINGS = BUILDS.map(({ names }) => names.id);

/**
 * @param {string[]} argv arguments after the script's name
 * @param {{stdout: object, stderr: object}} io
 * @returns {number} exit code
 */
function run(argv, io) {
  let options;
  try {
    options = parseArgs({ args: argv, options: { names: { type: 'string' }, check: { type: 'boolean', default: false } } }).values;
    if (options.names !== undefined && !SPELLINGS.includes(options.names)) throw new TypeError(`--names is ${SPELLINGS.join(' or ')}, not ${options.names}`);
  } catch (error) {
    io.stderr.write(`${error.message}\n`);
    return 2;
  }
  const files = generatedFiles(options.names);
  const stale = [...files].filter(([file, text]) => readIfThere(path.join(ROOT, file)) !== text).map(([file]) => file);
  if (options.check) {
    for (const file of stale) io.stderr.write(`dashboards/${file} is not up to date. Run: node scripts/dashboards.js\n`);
    return stale.length === 0 ? 0 : 1;
  }
  for (const file of stale) write(path.join(ROOT, file), files.get(file));
  io.stdout.write(`${stale.length} of ${files.size} files written\n`);
  return 0;
}

function readIfThere(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined;
}

function write(file, text) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}

if (require.main === module) process.exitCode = run(process.argv.slice(2), process);

module.exports = { run };
