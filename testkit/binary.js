'use strict';

// The addon that was built for this machine, and the Cargo profile that it was built with. Needs only Node's own
// modules: `npm start` uses it before the dependencies are installed.

const fs = require('node:fs');
const path = require('node:path');

const PACKAGE = path.join(__dirname, '..');

/**
 * @param {string} [folder] where to look. Default: this package
 * @returns {string|undefined} path of the newest addon for this platform, if there is one
 */
function findBinary(folder = PACKAGE) {
  const prefix = `otel-native.${process.platform}-${process.arch}`;
  const names = fs.readdirSync(folder).filter((name) => name.startsWith(prefix) && name.endsWith('.node'));
  const built = names.map((name) => path.join(folder, name));
  built.sort((a, b) => fs.statSync(b).mtimeMs - fs.statSync(a).mtimeMs);
  return built[0];
}

/**
 * Writes down, in a file beside an addon, with which Cargo profile it was built.
 * @param {string} binary
 * @param {string} profile
 */
function noteProfile(binary, profile) {
  fs.writeFileSync(noteOf(binary), `${JSON.stringify({ profile, builtAtMs: fs.statSync(binary).mtimeMs })}\n`);
}

/**
 * @param {string} binary
 * @returns {string|undefined} the profile from `noteProfile`; undefined if the addon was built in another way since
 */
function profileOf(binary) {
  if (!fs.existsSync(noteOf(binary))) return undefined;
  const { profile, builtAtMs } = JSON.parse(fs.readFileSync(noteOf(binary), 'utf8'));
  return builtAtMs === fs.statSync(binary).mtimeMs ? profile : undefined;
}

function noteOf(binary) {
  return binary.replace(/\.node$/, '.profile');
}

module.exports = { findBinary, noteProfile, profileOf };
