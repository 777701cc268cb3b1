'use strict';

const { read } = require('../reference/catalog');
const { BUILT_IN, SKILLS, TEXTS } = require('./words');

/** Texts that mean something at the head of a message, as the catalogs have them. */
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
 * The texts of a message that somebody typed: what they want, with commands and with what the client adds.
 * @param {import('../traffic/random').Random} random
 * @param {'claude'|'codex'|'grok'} agent
 * @returns {string[]}
 */
function typedTexts(random, agent) {
  const texts = random.chance(0.1) ? ['<system-reminder>\nThe following skills are available.\n</system-reminder>'] : [];
  if (agent !== 'codex' && random.chance(0.05)) texts.push(random.pick(random.chance(0.8) ? MARKS.plan : MARKS.left));
  if (agent === 'claude' && random.chance(0.15)) texts.push(random.weighted(COMMANDS)(random));
  return [...texts, random.pick(TEXTS)];
}

/** @returns {string} what marks the command by which a user compacts */
function compactCommand(random) {
  return marker(random.pick(['compact', '/compact', 'compact is running…']));
}

/** @returns {string} the head of a text of that meaning with something behind it, after white space now and then */
function marked(random, meaning, rest) {
  return `${random.pick(['', '', '\n ', '\t'])}${random.pick(MARKS[meaning])} ${rest}`;
}

/** @returns {object} a user's message on the Anthropic wire; one text may come without a block */
function userMessage(random, texts, blocks = []) {
  if (texts.length === 1 && blocks.length === 0 && random.chance(0.4)) return { role: 'user', content: texts[0] };
  return { role: 'user', content: [...blocks, ...texts.map((text) => ({ type: 'text', text }))] };
}

/** @returns {object} what tools gave back, with a text that means nothing there and now and then one of the client's that does */
function resultsMessage(random) {
  const notes = '# notes\nPlan mode is active. <command-message>pdf</command-message>';
  const content = random.pick(['ok', [{ type: 'text', text: notes }], 'exit: 1']);
  const results = Array.from({ length: random.int(1, 3) }, () => ({
    type: 'tool_result', tool_use_id: `toolu_01${random.hex(16)}`, content,
  }));
  return userMessage(random, random.chance(0.06) ? [random.pick([...MARKS.plan, ...MARKS.left])] : [], results);
}

function marker(words) {
  const name = words.split(' ')[0].replace('/', '');
  return `<command-message>${words}</command-message>\n<command-name>/${name}</command-name>`;
}

/** What users command: skills in all forms, what the client does itself, and markers that are broken. */
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

module.exports = { typedTexts, compactCommand, marked, userMessage, resultsMessage };
