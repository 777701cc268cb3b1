'use strict';

const { execFileSync, spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { cacheFolder } = require('./install');

/*
 * Where real clients run: in namespaces of their own. The network has only the loopback interface, the file system is read-only
 * except for the scratch folder and a private /tmp, and all processes end with the first one. They have no privileges of root.
 */

/** What of the file system is not a place for files. */
const NOT_FILES = /^\/(?:proc|sys|dev)(?:\/|$)/;
/** Directories that clients may write besides their homes. They are new, and nobody else sees them. */
const PRIVATE = ['/tmp', '/var/tmp', '/dev/shm'];

/** That the clients cannot be contained on this machine. They are not started then. */
class NotContained extends Error {}

/**
 * @returns {string|undefined} why no namespaces can be made on this machine; `undefined` if they can
 */
function obstacle() {
  if (process.platform !== 'linux') return 'network namespaces exist on Linux only';
  const { status, error, stderr } = spawnSync('unshare', [...flags(), 'true'], { encoding: 'utf8' });
  if (error) return `unshare cannot be started (${error.code}); it is part of util-linux`;
  if (status !== 0) return `${stderr.trim()}. Run the command as root, or allow user namespaces`;
  if (spawnSync(...withoutPrivileges('true', [])).status !== 0) return 'setpriv cannot take privileges away; it is part of util-linux';
  if (loopbackCommand() === undefined) return 'neither ip nor ifconfig is installed, so the loopback interface cannot be used';
  return trial();
}

/** Makes the namespaces once, with nothing in them. Containers can forbid single steps of it. */
function trial() {
  let scratch;
  try {
    const parent = path.join(cacheFolder(), 'scratch');
    fs.mkdirSync(parent, { recursive: true });
    scratch = fs.realpathSync(fs.mkdtempSync(path.join(parent, 'trial-')));
  } catch (error) {
    return `the cache cannot be used: ${error.message}`;
  }
  const { status, stderr } = spawnSync('unshare', [...flags(), process.execPath, __filename, scratch], { encoding: 'utf8' });
  fs.rmSync(scratch, { recursive: true, force: true });
  return status === 0 ? undefined : stderr.trim().split('\n').find((line) => line !== '') ?? `the trial has ended with ${status}`;
}

/**
 * A command without the privileges of root, with which it could undo what `contain` has done: mounts, for example.
 * @param {string} command
 * @param {string[]} args
 * @returns {[string, string[]]} the arguments of `spawn`
 */
function withoutPrivileges(command, args) {
  return ['setpriv', ['--bounding-set=-all', '--inh-caps=-all', '--no-new-privs', command, ...args]];
}

/** @throws {NotContained} if this process has privileges of root */
function requireNoPrivileges() {
  const [, capabilities] = /^CapEff:\s*(\w+)$/m.exec(fs.readFileSync('/proc/self/status', 'utf8'));
  if (!/^0+$/.test(capabilities)) throw new NotContained(`the clients would have privileges of root (${capabilities})`);
}

/**
 * Starts a script within new namespaces.
 * @param {string} script path
 * @param {string[]} args
 * @param {object} options for `spawn`
 * @returns {import('node:child_process').ChildProcess}
 */
function contained(script, args, options) {
  return spawn('unshare', [...flags(), process.execPath, script, ...args], options);
}

/**
 * Makes everything read-only but `scratch` and the private directories, and starts the loopback interface. Must be called first
 * within the namespaces.
 * @param {string} scratch directory
 * @param {string[]} needed directories that must stay visible, wherever they are
 * @throws {NotContained} if something outside can still be reached or written
 */
function contain(scratch, needed) {
  if (process.pid !== 1) throw new NotContained('this process is not the first one of its namespace');
  if (isPrivate(scratch)) throw new NotContained(`the cache must not be in ${scratch.split('/').slice(0, 2).join('/')}: set XDG_CACHE_HOME to another directory`);
  execFileSync(...loopbackCommand());
  mount(['--bind', scratch, scratch]);
  // A private directory hides what was in it, so what is needed of that is mounted again.
  const hidden = needed.map((place) => fs.realpathSync(place)).filter(isPrivate);
  const kept = hidden.map((place, i) => ({ place, copy: path.join(scratch, `.kept-${i}`) }));
  for (const { place, copy } of kept) bind(place, copy);
  for (const directory of privateDirectories()) mount(['-t', 'tmpfs', '-o', 'mode=1777', 'tmpfs', directory]);
  for (const { place, copy } of kept) {
    bind(copy, place);
    execFileSync('umount', [copy]);
  }
  const isReadOnly = (name) => hidden.includes(name) || !(isWithin(name, scratch) || isPrivate(name) || NOT_FILES.test(name));
  for (const place of mounts().filter(isReadOnly)) mount(['-o', 'remount,bind,ro', place]);
  requireReadOnly(scratch);
  const foreign = foreignInterfaces();
  if (foreign.length > 0) throw new NotContained(`the network has more than the loopback interface: ${foreign.join(', ')}`);
}

/**
 * @returns {string[]} files in the private directories: what clients have written besides their homes
 */
function strayFiles() {
  const kept = mounts().filter((place) => isPrivate(place) && !PRIVATE.includes(place));
  return privateDirectories().flatMap((name) => filesIn(name)).filter((file) => !kept.some((place) => isWithin(file, place)));
}

/** @throws {NotContained} if a file outside of the scratch folder can be written */
function requireReadOnly(scratch) {
  for (const directory of new Set([os.homedir(), process.cwd(), path.dirname(scratch), '/', '/etc', '/var', '/usr', __dirname])) {
    if (!fs.existsSync(directory) || isPrivate(directory) || isWithin(directory, scratch)) continue;
    const probe = path.join(directory, `.containment-${process.pid}`);
    try {
      fs.writeFileSync(probe, '');
      fs.unlinkSync(probe);
    } catch {
      continue;
    }
    throw new NotContained(`${directory} can be written from within the namespace`);
  }
}

module.exports = { NotContained, obstacle, contained, contain, withoutPrivileges, requireNoPrivileges, strayFiles, requireReadOnly };

/** A user who is not root is root only within a namespace of users. */
function flags() {
  const user = process.getuid() === 0 ? [] : ['--user', '--map-root-user'];
  return [...user, '--net', '--pid', '--mount', '--fork', '--mount-proc', '--kill-child'];
}

function loopbackCommand() {
  const commands = [['ip', ['link', 'set', 'lo', 'up']], ['ifconfig', ['lo', 'up']]];
  const folders = ['/usr/sbin', '/sbin', '/usr/bin', '/bin', ...(process.env.PATH ?? '').split(path.delimiter)];
  for (const [name, args] of commands) {
    const found = folders.map((folder) => path.join(folder, name)).find((file) => fs.existsSync(file));
    if (found) return [found, args];
  }
  return undefined;
}

function mount(args) {
  try {
    execFileSync('mount', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    throw new NotContained(`mount ${args.join(' ')}: ${error.stderr ?? error.message}`);
  }
}

/** The places where something is mounted, the outer ones first. */
function mounts() {
  const lines = fs.readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n');
  const places = lines.map((line) => line.split(' ')[4].replace(/\\(\d{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8))));
  return [...new Set(places)].toSorted((a, b) => a.length - b.length);
}

function privateDirectories() {
  return PRIVATE.filter((name) => fs.existsSync(name));
}

function isPrivate(place) {
  return privateDirectories().some((name) => isWithin(place, name));
}

function bind(from, to) {
  fs.mkdirSync(to, { recursive: true });
  mount(['--bind', from, to]);
}

function isWithin(place, folder) {
  return place === folder || place.startsWith(`${folder}/`);
}

function foreignInterfaces() {
  const names = fs.readFileSync('/proc/net/dev', 'utf8').trim().split('\n').slice(2).map((line) => line.split(':')[0].trim());
  // Tunnels that the kernel makes in every namespace are down, and so not among these.
  const up = os.networkInterfaces();
  return names.filter((name) => name !== 'lo' && Object.hasOwn(up, name));
}

function filesIn(folder) {
  return fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory()).map(({ parentPath, path: parent, name }) => path.join(parentPath ?? parent, name));
}

if (require.main === module) {
  try {
    contain(process.argv[2], [path.resolve(__dirname, '../..'), path.dirname(process.execPath)]);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
