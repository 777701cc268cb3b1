'use strict';

const fs = require('node:fs');
const path = require('node:path');

/*
 * Whether something asks for telemetry, for a launch on which the addon cannot be loaded. The answer decides only whether
 * a line is printed, so it is a guess: it does not read the config.
 */

const FILES = ['.ccxray.json', '.ccxray.user.json'];
/** A larger file is no config. */
const MAX_BYTES = 1 << 20;
/** What a file sets that asks for telemetry, and what turns it off. */
const ASKS = /"tier"\s*:\s*[12]\b/;
const FORBIDS = /"tier"\s*:\s*0|"enabled"\s*:\s*false/;
const OFF = new Set(['', '0', 'false', 'no', 'off']);

/**
 * @param {object} launch
 * @param {string|undefined} launch.cwd the project's directory
 * @param {Record<string, string|undefined>} launch.env
 * @returns {boolean} whether a variable or a config file asks for telemetry, and no variable turns it off
 */
function isAsked({ cwd, env }) {
  if (isVetoed(env)) return false;
  if (isSet(env.CCXRAY_OTEL_TIER)) return true;
  const home = env.HOME ?? env.USERPROFILE;
  const files = [...directoriesOf(cwd).flatMap((directory) => FILES.map((name) => path.join(directory, name))), home && path.join(home, FILES[1])];
  const texts = files.map((file) => (file ? textOf(file) : '')).filter((text) => text.includes('"otel"'));
  return texts.some((text) => ASKS.test(text)) && !texts.some((text) => FORBIDS.test(text));
}

/** @returns {boolean} whether a variable of the launch turns telemetry off, whatever the files say */
function isVetoed(env) {
  const isTierZero = env.CCXRAY_OTEL_TIER?.trim() === '0';
  const isNone = /(^|,)\s*none\s*(,|$)/i.test(env.OTEL_METRICS_EXPORTER ?? '');
  return isTierZero || isNone || isSet(env.DO_NOT_TRACK) || isSet(env.OTEL_SDK_DISABLED);
}

/** A variable that turns telemetry off does so with any value but those that mean no. */
function isSet(value) {
  return value !== undefined && !OFF.has(value.trim().toLowerCase());
}

/** From the directory up to the root of its repository; outside of one, only the directory. */
function directoriesOf(cwd) {
  if (!cwd) return [];
  const all = [];
  for (let at = path.resolve(cwd); ; at = path.dirname(at)) {
    all.push(at);
    if (fs.existsSync(path.join(at, '.git'))) return all;
    if (path.dirname(at) === at) return all.slice(0, 1);
  }
}

/** The text of a file; none if it is no config. */
function textOf(file) {
  try {
    const stats = fs.statSync(file);
    return stats.isFile() && stats.size <= MAX_BYTES ? fs.readFileSync(file, 'utf8') : '';
  } catch {
    return '';
  }
}

module.exports = { isAsked, isVetoed };
