'use strict';
// `node scripts/package/release-notes.js TAG`: prints the section of CHANGELOG.md with the number of a tag, such as v0.1.0. Fails if
// the tag is not the version in package.json, or has no section.

const fs = require('node:fs');
const path = require('node:path');

/**
 * @param {string} changelog
 * @param {string} version
 * @returns {string | undefined} the section's text without its heading
 */
function notesOf(changelog, version) {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.startsWith(`[${version}]`));
  return section?.slice(section.indexOf('\n') + 1).trim();
}

function main([tag]) {
  const { version } = require('../../package.json');
  if (tag !== `v${version}`) {
    process.stderr.write(`The tag is ${tag}, and the version in package.json ${version}. Correct one of them.\n`);
    return 1;
  }
  const notes = notesOf(fs.readFileSync(path.join(__dirname, '..', '..', 'CHANGELOG.md'), 'utf8'), version);
  if (!notes) {
    process.stderr.write(`CHANGELOG.md has no section [${version}]. Rename [Unreleased].\n`);
    return 1;
  }
  process.stdout.write(`${notes}\n`);
  return 0;
}

if (require.main === module) process.exitCode = main(process.argv.slice(2));

module.exports = { notesOf };
