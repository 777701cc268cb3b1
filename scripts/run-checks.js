'use strict';

// Runs the groups of `checks.js`. Needs only Node's own modules: it may run before the install.

const { spawn } = require('node:child_process');
const os = require('node:os');
const path = require('node:path');

const ROOT = path.join(__dirname, '..');
const IS_WINDOWS = process.platform === 'win32';

/**
 * Runs all checks. Prints the output of a check as one block when the check ends. The first failure stops all others.
 * @param {{first: import('./checks').Check[], groups: import('./checks').Group[], last: import('./checks').Check[]}} plan
 * @param {(text: string) => void} out
 * @param {AbortSignal} [stop] ends everything, for example on Ctrl-C
 * @returns {Promise<{took: [string, number][], failed?: string}>} seconds by check, and the check that failed
 */
async function runChecks({ first, groups, last }, out, stop) {
  const took = [];
  const failure = new AbortController();
  stop?.addEventListener('abort', () => failure.abort('interrupted'), { once: true });
  const runGroup = async ({ checks, isBackground }) => {
    for (const check of checks) {
      if (failure.signal.aborted) return;
      const { ok, seconds } = await runCheck(check, { isBackground, out, signal: failure.signal });
      took.push([check.name, seconds]);
      if (!ok && !failure.signal.aborted) failure.abort(check.name);
    }
  };
  await runGroup({ checks: first, isBackground: false });
  await Promise.all(groups.map(runGroup));
  await runGroup({ checks: last, isBackground: false });
  return { took, failed: failure.signal.aborted ? failure.signal.reason : undefined };
}

async function runCheck({ name, command, args, env }, { isBackground, out, signal }) {
  out(`== ${name}: started\n`);
  const started = Date.now();
  const { output, end } = await run(command, args, { env, isBackground, signal });
  const seconds = (Date.now() - started) / 1000;
  const ok = end === 'ok';
  out(`\n== ${name}: ${command} ${args.join(' ')}\n${output}== ${name}: ${end} after ${seconds.toFixed(1)} s\n\n`);
  return { ok, seconds };
}

/** Resolves to all that the command printed, and to `ok` or how it failed. */
function run(command, args, { env, isBackground, signal }) {
  return new Promise((resolve) => {
    const output = [];
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: IS_WINDOWS, // npm and npx are scripts there
      detached: !IS_WINDOWS, // A group of its own, so that its children can be stopped with it.
      env: { ...process.env, ...env },
    });
    const stop = () => stopGroup(child);
    signal.addEventListener('abort', stop, { once: true });
    if (isBackground && child.pid !== undefined) lowerPriority(child.pid);
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => output.push(text));
    const settle = (end) => {
      signal.removeEventListener('abort', stop);
      resolve({ output: Buffer.concat(output).toString(), end });
    };
    child.on('error', (error) => settle(`${command} cannot be started (${error.code}); ${cure(command)}; failed`));
    child.on('close', (code, killedBy) => {
      if (code === 0) settle('ok');
      else settle(signal.aborted ? 'stopped' : `failed (${killedBy ?? `exit ${code}`})`);
    });
  });
}

function lowerPriority(pid) {
  try {
    os.setPriority(pid, os.constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already.
  }
}

function stopGroup({ pid }) {
  try {
    process.kill(IS_WINDOWS ? pid : -pid);
  } catch {
    // It has ended already, or was never started.
  }
}

function cure(command) {
  return command === 'cargo' ? 'install Rust from https://rustup.rs' : `install ${command}`;
}

module.exports = { runChecks };
