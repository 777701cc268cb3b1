'use strict';

const { COMMANDS, HARMLESS, TEXTS } = require('./lexicon');

/** @returns {string} a shell command, harmless or not, alone or within another one, or a patch for a tool */
function shellCommand(random) {
  return random.weighted(COMMAND_FORMS)(random);
}

/** @returns {string} a patch of up to four files, some of them twice, with lines that look like headers but are not */
function patchText(random) {
  const paths = Array.from({ length: random.int(1, 5) }, () => random.pick(PATHS));
  const changes = paths.map((path) => {
    const verb = random.pick(['Update', 'Update', 'Add', 'Delete']);
    return `*** ${verb} File: ${path}\n${verb === 'Delete' ? '' : `@@\n-old\n+${random.pick(LINES)}\n`}`;
  });
  return `*** Begin Patch\n${changes.join('')}*** End Patch\n`;
}

/** @returns {string} the JSON of a value, sometimes with every other character of its texts escaped */
function jsonOf(random, value) {
  const text = JSON.stringify(value);
  return random.chance(0.15) ? escaped(text) : text;
}

/** @returns {string} the same JSON with its texts escaped as far as possible */
function escaped(json) {
  const units = /\\u[\da-f]{4}|\\.|[^"\\]/gu;
  return json.replace(/"(?:[^"\\]|\\.)*"/g, (string) => string.replace(units, everyOther));
}

function everyOther(unit, at) {
  return unit.length > 1 || at % 2 === 0 ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The forms in which a call can hold a command. */
const COMMAND_FORMS = [
  [(random) => random.pick(HARMLESS), 30],
  [(random) => random.pick(COMMANDS), 30],
  [(random) => `cd /home/dev/shop && ${random.pick(COMMANDS)}`, 10],
  [(random) => `${random.pick(HARMLESS)} && ${random.pick(COMMANDS)}; ${random.pick(COMMANDS)}`, 6],
  [(random) => `bash -lc "${random.pick(COMMANDS)}"`, 6],
  [(random) => `echo ${JSON.stringify(random.pick(TEXTS))}\n${random.pick(COMMANDS)}\n`, 6],
  [(random) => `echo half an emoji \ud83d\n${random.pick(COMMANDS)}`, 2],
  [(random) => `apply_patch <<'EOF'\n${patchText(random)}EOF`, 8],
  [(random) => `const r = await tools.exec_command({cmd:${JSON.stringify(random.pick(COMMANDS))}});\ntext(r);`, 4],
];

const PATHS = ['src/a.js', 'src/b.js', 'src/購物車.js', 'docs/old notes.md', 'src/nested/deep/c.rs', 'src/\ude00.js'];
const LINES = ['new line', '*** Add File: not/a/header.js', '  *** Update File: indented.js', '*** Move to: elsewhere.js', '變更'];

module.exports = { shellCommand, patchText, jsonOf, escaped };
