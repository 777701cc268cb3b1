'use strict';

const { read } = require('../reference/catalog');
const { BUILT_IN, SKILLS, TEXTS } = require('./lexicon');

/** Texts that have a meaning at the head of a message, from the catalogs. */
const MARKS = {
  request: prefixes('request'),
  continuation: prefixes('continuation'),
  plan: [
    '<system-reminder>\nPlan mode is active. Do not edit.\n</system-reminder>', 'Plan mode is still active.',
    '## Re-entering Plan Mode\n\nAs before.',
  ],
  left: ['## Exited Plan Mode\n\nYou have exited plan mode.', '<system-reminder>\n## Exited Plan Mode\n</system-reminder>'],
};

/**
 * The texts of a message that the user typed, with commands and with texts that the client adds.
 * @param {import('../traffic/random').Random} random
 * @param {'claude'|'codex'|'grok'} agent
 * @returns {string[]}
 */
function typedTexts(random, agent) {
  const texts = random.chance(0.1) ? ['<system-reminder>\nThe following skills are available.\n</system-reminder>'] : [];
  if (agent !== 'codex' && random.chance(0.05)) texts.push(random.pick(random.chance(0.5) ? MARKS.plan : MARKS.left));
  if (agent === 'claude' && random.chance(0.15)) texts.push(random.weighted(COMMANDS)(random));
  return [...texts, random.pick(TEXTS)];
}

/** @returns {string} the reminders of a client in one text: lists, what the user quotes, and perhaps plan mode somewhere in it */
function reminders(random) {
  const lists = ['Available agent types:\n- zoo: made up', 'why does it say that Plan mode is active?', `# Notes\n${random.pick(TEXTS)}`];
  const marks = random.chance(0.15) ? [random.pick(random.chance(0.4) ? MARKS.plan : MARKS.left)] : [];
  const texts = [...lists.slice(0, random.int(0, 3)), ...marks, ...lists.slice(random.int(1, 3))];
  return texts.join('\n\n');
}

/** @returns {string} the marker of the command by which a user compacts */
function compactCommand(random) {
  return marker(random.pick(['compact', '/compact', 'compact is running…']));
}

/** @returns {string} a text that begins with a head of that meaning, sometimes after white space */
function marked(random, meaning, rest) {
  return `${random.pick(['', '', '\n ', '\t'])}${random.pick(MARKS[meaning])} ${rest}`;
}

/** @returns {object} a user message on the Anthropic wire. A single text may be without a block */
function userMessage(random, texts, blocks = []) {
  if (texts.length === 1 && blocks.length === 0 && random.chance(0.4)) return { role: 'user', content: texts[0] };
  return { role: 'user', content: [...blocks, ...texts.map((text) => ({ type: 'text', text }))] };
}

/** @returns {object} results of tools, with a text that has no meaning there, and sometimes with a text of the client that has one */
function resultsMessage(random) {
  const notes = '# notes\nPlan mode is active. <command-message>pdf</command-message>';
  const content = random.pick(['ok', [{ type: 'text', text: notes }], 'exit: 1']);
  const results = Array.from({ length: random.int(1, 3) }, () => ({
    type: 'tool_result', tool_use_id: `toolu_01${random.hex(16)}`, content,
  }));
  const texts = random.chance(0.06) ? [random.pick([...MARKS.plan, ...MARKS.left])] : [];
  return userMessage(random, random.chance(0.05) ? [...texts, REFUSAL, 'do it otherwise'] : texts, results);
}

/** What the client writes when the user refuses a call. */
const REFUSAL = '[Request interrupted by user for tool use]';

function marker(text) {
  const name = text.split(' ')[0].replace('/', '');
  return `<command-message>${text}</command-message>\n<command-name>/${name}</command-name>`;
}

/** Commands of users: skills in all forms, commands built into the client, and broken markers. */
const COMMANDS = [
  [(random) => marker(random.pick(SKILLS)), 40],
  [(random) => marker(`/${random.pick(SKILLS)}`), 10],
  [(random) => marker(`${random.pick(SKILLS)} is running…`), 15],
  [(random) => `<command-message>The "${random.pick(SKILLS)}" skill is ${random.pick(['running', 'loading'])}</command-message>`, 5],
  [() => '<command-message>please fix the login</command-message>', 2],
  [(random) => `${marker(random.pick(SKILLS))}\n${marker(random.pick(SKILLS))}`, 5],
  [(random) => marker(random.pick(BUILT_IN)), 15],
  [() => '<command-message></command-message>', 3],
  [() => '<command-message> / </command-message> and more', 2],
  [(random) => `and then <command-message>${random.pick(SKILLS)}`, 3],
  [(random) => `${marker(random.pick(SKILLS))} <command-message>`, 1],
];

function prefixes(meaning) {
  return read('compactions').patterns.filter(({ prefix, is }) => prefix !== undefined && is === meaning).map(({ prefix }) => prefix);
}

module.exports = { typedTexts, reminders, compactCommand, marked, userMessage, resultsMessage };
