'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

/*
 * Installs clients from the npm registry, into a cache outside of the repository. Nothing of them is run: their install
 * scripts stay off, because the programs are in packages of their own.
 */

/** How long npm may take, for some hundred megabytes. Milliseconds. */
const INSTALL_MS = 900_000;
const VERSION = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/;

/** That a client cannot be fetched. */
class NotFetched extends Error {}

/** @returns {string} the folder of all clients */
function cacheFolder(env = process.env) {
  return path.join(env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'ccxray-otel', 'agents');
}

/**
 * @param {object} client module of the client
 * @param {string} [wanted] a version. Default: the newest one in the registry
 * @returns {{version: string, program: string[]}}
 * @throws {NotFetched} if there is no such version, or no registry
 */
function installed(client, wanted) {
  const version = wanted ?? newestOf(client);
  if (!isVersion(version)) throw new NotFetched(`${version} is not a version`);
  const folder = path.join(cacheFolder(), client.name, version);
  const mark = path.join(folder, '.complete');
  if (!fs.existsSync(mark)) {
    // What an interrupted installation has left.
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true });
    try {
      npm(['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--include=optional', `${client.package}@${version}`], folder);
    } catch (error) {
      fs.rmSync(folder, { recursive: true, force: true });
      throw error;
    }
    fs.writeFileSync(mark, '');
  }
  return { version, program: client.program(folder) };
}

/** @returns {boolean} whether this is one whole version, and not a range of them */
function isVersion(text) {
  return VERSION.test(text);
}

module.exports = { installed, isVersion, cacheFolder, NotFetched };

function newestOf(client) {
  return npm(['view', client.package, 'dist-tags.latest']).trim();
}

/** With --prefix, npm may write its reason to the standard output. */
function reasonOf({ stderr, stdout, message }) {
  return [stderr, stdout, message].map((text) => String(text ?? '')).find((text) => text.trim() !== '');
}

function npm(args, cwd = os.tmpdir()) {
  try {
    return execFileSync('npm', [...args, '--fetch-retries=1', '--fetch-timeout=120000'], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: INSTALL_MS });
  } catch (error) {
    throw new NotFetched(`npm ${args.join(' ')}: ${reasonOf(error).trim().split('\n').slice(-3).join(' ')}`);
  }
}
