'use strict';
// `npm test`: everything, in one command, from a clean clone. Only built-in modules: it may run before the install.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const windows = process.platform === 'win32';

/** What runs, cheapest first. A step that fails ends the run. */
const steps = [
  { name: 'format', command: 'cargo', args: ['fmt', '--check'] },
  { name: 'format of the model checks', command: 'cargo', args: ['fmt', '--check', '--all', '--manifest-path', 'loom/Cargo.toml'] },
  { name: 'clippy', command: 'cargo', args: ['clippy', '--all-targets', '--features', 'failpoints', '--', '-D', 'warnings'] },
  { name: 'Rust tests', command: 'cargo', args: ['test'] },
  { name: 'Rust tests with failures of our own', command: 'cargo', args: ['test', '--features', 'failpoints', '--test', 'failpoints'] },
  { name: 'every order in which threads can meet', command: 'cargo', args: ['test', '--locked', '--manifest-path', 'loom/Cargo.toml', '--target-dir', 'target/loom'] },
  { name: 'Rust documents', command: 'cargo', args: ['doc', '--no-deps'], env: { RUSTDOCFLAGS: '-D warnings' } },
  { name: 'build', command: 'npm', args: ['run', 'build'] },
  { name: 'generated files are committed', command: 'git', args: ['diff', '--exit-code', 'native.js', 'index.d.ts'], when: inGit },
  { name: 'fuzz, to see that nothing turns up at once', command: 'node', args: ['scripts/fuzz.js', '--seconds', '10'], when: onLinux },
  { name: 'oxlint', command: 'npx', args: ['oxlint', '--deny-warnings'] },
  { name: 'Jest', command: 'npx', args: ['jest'] },
];

/** The fuzzer comes with its own runtime in C++, which is tried on Linux only. */
function onLinux() {
  return process.platform === 'linux';
}

function inGit() {
  return fs.existsSync(path.join(root, '.git'));
}

function run({ name, command, args, env }) {
  process.stdout.write(`\n== ${name}: ${command} ${args.join(' ')}\n`);
  const started = Date.now();
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: windows, // npm and npx are scripts there
    env: { ...process.env, ...env },
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  if (result.error) {
    process.stderr.write(`${command} cannot be started (${result.error.code}); ${cure(command)}\n`);
    return false;
  }
  const ok = result.status === 0;
  process.stdout.write(`== ${name}: ${ok ? 'ok' : `failed (${result.signal ?? `exit ${result.status}`})`} after ${seconds} s\n`);
  return ok;
}

function cure(command) {
  return command === 'cargo' ? 'install Rust from https://rustup.rs' : `install ${command}`;
}

/** The development tools, once: npm ci removes node_modules, so it runs only where it has to. */
function installed() {
  const marker = path.join(root, 'node_modules', '.package-lock.json');
  const lock = path.join(root, 'package-lock.json');
  return fs.existsSync(marker) && fs.statSync(marker).mtimeMs >= fs.statSync(lock).mtimeMs;
}

function main() {
  const install = { name: 'install', command: 'npm', args: ['ci'] };
  const plan = [...(installed() ? [] : [install]), ...steps.filter((step) => step.when?.() ?? true)];
  for (const step of plan) {
    if (!run(step)) {
      process.stderr.write(`\nnpm test failed at: ${step.name}\n`);
      return 1;
    }
  }
  process.stdout.write('\nnpm test: all steps passed\n');
  return 0;
}

process.exitCode = main();
