'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { isRunning, startOf } = require('./process-start');

/*
 * One small file for each client of a hub: what the launch of the client says. The client writes it before it registers
 * with the hub, and removes it when it ends. The hub reads it when a request of that client arrives.
 */

const VERSION = 1;
/** A larger file is none of ours. */
const MAX_BYTES = 64 << 10;
/** Files of one directory that are looked at. */
const MAX_FILES = 256;
const NAME = /^([1-9]\d{0,9})\.json$/;
const PARTIAL = /^\.[1-9]\d{0,9}\.[0-9a-f]+\.partial$/;
/** A file that was not finished for so long never will be. Milliseconds. */
const PARTIAL_MS = 60_000;
const { O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY, O_WRONLY } = fs.constants;

/** @returns {string|undefined} the directory of the files, as a launch with this environment finds it */
function directoryOf(env) {
  const home = env.HOME ?? env.USERPROFILE ?? os.homedir();
  const own = [env.CCXRAY_HOME, home && path.join(home, '.ccxray')].find((directory) => directory && path.isAbsolute(directory));
  return own && path.join(own, 'otel', 'clients');
}

/**
 * Writes the file of a process.
 *
 * @param {string} directory
 * @param {number} pid
 * @param {object} launch what it says
 * @throws {Error} if that is not possible
 */
function write(directory, pid, launch) {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  requireOwn(directory);
  const partial = path.join(directory, `.${pid}.${crypto.randomBytes(6).toString('hex')}.partial`);
  const text = JSON.stringify({ version: VERSION, pid, start: startOf(pid), ...launch });
  const file = fs.openSync(partial, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600);
  try {
    try {
      fs.writeFileSync(file, text);
    } finally {
      fs.closeSync(file);
    }
    fs.renameSync(partial, fileOf(directory, pid));
  } catch (error) {
    remove(partial);
    throw error;
  }
}

/**
 * Reads the file of a process.
 *
 * @param {string} directory
 * @param {number} pid
 * @param {{id: string, launch: object}} [known] what was read before
 * @returns {{id: string, launch: object}|undefined} `undefined` if there is none, if somebody else may have written it, or if it
 *   is malformed. `known` itself, if the file is the same
 */
function read(directory, pid, known) {
  let file;
  try {
    file = fs.openSync(fileOf(directory, pid), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const stats = fs.fstatSync(file, { bigint: true });
    const id = [stats.dev, stats.ino, stats.mtimeNs, stats.ctimeNs].join('-');
    if (known?.id === id) return known;
    if (!stats.isFile() || !isOwn(stats) || stats.size > BigInt(MAX_BYTES)) return undefined;
    requireOwn(directory);
    const bytes = Buffer.alloc(MAX_BYTES);
    const launch = parse(bytes.toString('utf8', 0, fs.readSync(file, bytes, 0, MAX_BYTES, 0)));
    return launch?.pid === pid ? { id, launch } : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) fs.closeSync(file);
  }
}

/** @returns {number[]} the processes that have a file, whether they run or not. More than `MAX_FILES` if there are others */
function list(directory) {
  return namesIn(directory).flatMap((name) => NAME.exec(name)?.slice(1).map(Number) ?? []);
}

/** Removes the files of processes that have ended, and files that were never finished. */
function sweep(directory, now) {
  for (const pid of list(directory)) {
    const found = read(directory, pid);
    if (!isRunning(pid, found?.launch.start)) remove(fileOf(directory, pid));
  }
  for (const name of namesIn(directory).filter((it) => PARTIAL.test(it))) {
    const file = path.join(directory, name);
    try {
      if (now - fs.lstatSync(file).mtimeMs > PARTIAL_MS) fs.unlinkSync(file);
    } catch {
      // Another client has removed it.
    }
  }
}

/** @returns {bigint|undefined} when a file was added or removed last, Unix nanoseconds. `undefined` if there is no directory */
function changedAt(directory) {
  return fs.statSync(directory, { bigint: true, throwIfNoEntry: false })?.mtimeNs;
}

/** Removes the file of a process, if there is one. */
function forget(directory, pid) {
  remove(fileOf(directory, pid));
}

function fileOf(directory, pid) {
  return path.join(directory, `${pid}.json`);
}

function namesIn(directory) {
  try {
    return fs.readdirSync(directory).slice(0, MAX_FILES + 1);
  } catch {
    return [];
  }
}

function remove(file) {
  try {
    fs.unlinkSync(file);
  } catch {
    // It is gone, or stays: then the next client tries again.
  }
}

function parse(text) {
  const launch = JSON.parse(text);
  const { version, cwd, tier, variables, salt, digests } = launch;
  const isComplete = version === VERSION && [0, 1, 2].includes(tier) && typeof cwd === 'string' && typeof salt === 'string' && isTexts(variables) && isTexts(digests);
  return isComplete ? launch : undefined;
}

function isTexts(value) {
  return typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string');
}

/** @throws {Error} if another user can write to the directory */
function requireOwn(directory) {
  const stats = fs.lstatSync(directory, { bigint: true });
  if (!stats.isDirectory() || !isOwn(stats)) throw new Error(`${directory} belongs to another user, or others can write to it`);
}

/** Whether only this user can have written a file. Where there are no users, nothing tells. */
function isOwn({ uid, mode }) {
  return !process.getuid || (uid === BigInt(process.getuid()) && (mode & 0o022n) === 0n);
}

module.exports = { directoryOf, write, read, list, changedAt, sweep, forget, MAX_FILES };
