'use strict';
// `npm run test:soak`: an hour of mixed faults against real hosts with steady traffic. See testkit/soak.

const fs = require('node:fs');

const { parseArguments } = require('../cli/arguments');
const { UsageError } = require('../cli/errors');
const { optionLines } = require('../cli/help');
const { judge } = require('../testkit/soak/judge');
const { progress, report, sequence } = require('../testkit/soak/report');
const { Soak } = require('../testkit/soak/soak');

const PROGRESS_MS = 60_000;
/** Less than the day that the status counts. */
const MOST_MINUTES = 22 * 60;

const HELP = 'npm run test:soak -- --help';
const OPTIONS = {
  minutes: { type: 'string', value: 'N', upTo: MOST_MINUTES, text: 'how long (default: 60)' },
  seed: { type: 'string', value: 'N', whole: [0, 999_999_999], text: 'which sequence of faults, any whole number from 0 (default: 1)' },
  out: { type: 'string', value: 'FILE', text: 'also write all measurements, as JSON' },
  addon: { type: 'string', value: 'PATH', text: 'the addon that the hosts use instead of this package' },
  help: { type: 'boolean', short: 'h', text: 'print this text' },
};
const HELP_TEXT = `Usage: npm run test:soak -- [options]

Runs two hosts with the addon, one with cumulative and one with delta temporality, and one without it beside them, under
steady traffic, against a collector with one fault after the other. In the end all turns must be accounted for.
From 30 minutes on it also checks whether memory, descriptors or threads grow. Linux only.

${optionLines(OPTIONS).join('\n')}

Ctrl-C ends the run early, with a report.
Exit codes: 0 passed, 1 failed, 2 wrong usage
`;

/**
 * Runs the command.
 * @param {string[]} argv arguments after the script's name
 * @param {{out: (text: string) => void, err: (text: string) => void}} io
 * @param {AbortSignal} [signal] ends the run early
 * @returns {Promise<number>} exit code
 */
async function main(argv, io, signal) {
  let options;
  try {
    options = parse(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.err(`${error.message}\n`);
    return error.exitCode;
  }
  if (options.help) {
    io.out(HELP_TEXT);
    return 0;
  }
  const { seed, minutes, out } = options;
  const soak = new Soak({ ...options, signal });
  const save = (result) => out && fs.writeFileSync(out, `${JSON.stringify({ seed, phases: soak.phases, ...result }, null, 1)}\n`);
  const soFar = () => ({ seen: { samples: soak.samples, broken: soak.broken } });
  io.err(`seed ${seed}, ${minutes} minutes:\n${sequence(soak.phases)}`);
  const timer = setInterval(() => {
    io.err(progress(soak));
    try {
      save(soFar());
    } catch (failure) {
      // The next attempt is in a minute.
      io.err(`${failure.message}\n`);
    }
  }, PROGRESS_MS);
  try {
    // A file that cannot be written must be reported now, not after an hour.
    save(soFar());
    const seen = await soak.run();
    const verdict = judge(seen);
    if (signal?.aborted) verdict.notes.push('the run was ended early');
    io.out(report(seen, verdict));
    save({ verdict, seen });
    return verdict.problems.length === 0 ? 0 : 1;
  } catch (failure) {
    io.err(`the soak itself failed: ${failure.stack}\n`);
    return 1;
  } finally {
    clearInterval(timer);
  }
}

function parse(argv) {
  const { minutes = 60, seed = 1, addon, ...rest } = parseArguments(argv, OPTIONS, { help: HELP }).values;
  return { ...rest, minutes, seed, addon: addon && resolved(addon) };
}

function resolved(addon) {
  try {
    return require.resolve(addon, { paths: [process.cwd()] });
  } catch (error) {
    throw new UsageError(`--addon: ${error.message.split('\n')[0]}.`, HELP);
  }
}

if (require.main === module) {
  const io = { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) };
  const interrupt = new AbortController();
  // The second signal ends the process at once.
  process.once('SIGINT', () => interrupt.abort()).once('SIGTERM', () => interrupt.abort());
  void main(process.argv.slice(2), io, interrupt.signal).then((code) => {
    process.exitCode = code;
  });
}

module.exports = { main };
