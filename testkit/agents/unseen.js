'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { metadataOf } = require('./upstream/conversation');

/*
 * The vocabulary of a client's requests: headers, fields, roles, types, tools. What an earlier version has used is kept in a file
 * for each client. What is not in it is listed after a run, so that a release of the client can be read in minutes.
 */

const FOLDER = path.join(__dirname, 'known');
/** Headers whose values are words, separated by commas. */
const WORDS = ['anthropic-beta', 'openai-beta'];
/** Names that come from the scenarios themselves. */
const OWN = /^mcp__|zebra|made_?up/i;

/**
 * @param {object[]} requests as `ScriptedUpstream` keeps them
 * @returns {Record<string, string[]>} words by kind, sorted
 */
function vocabularyOf(requests) {
  const found = {};
  const add = (kind, words) => {
    found[kind] ??= new Set();
    for (const word of words) if (typeof word === 'string' && !OWN.test(word)) found[kind].add(word);
  };
  for (const { method, url, headers = {}, body, frame } of requests) {
    if (method) add('requests', [`${method} ${url.split('?')[0]}`]);
    add('headers', Object.keys(headers));
    for (const name of WORDS) add(name, (headers[name] ?? '').split(',').map((word) => word.trim()).filter(Boolean));
    const content = frame ?? body;
    if (typeof content === 'object' && content !== null) addBody(add, content, headers);
  }
  return Object.fromEntries(Object.entries(found).map(([kind, words]) => [kind, [...words].toSorted()]));
}

/**
 * @param {Record<string, string[]>} vocabulary
 * @param {Record<string, string[]>} known
 * @returns {string[]} what is not known, such as `headers: x-new`
 */
function unseenIn(vocabulary, known) {
  return Object.entries(vocabulary).flatMap(([kind, words]) => words.filter((word) => !known[kind]?.includes(word)).map((word) => `${kind}: ${word}`));
}

/** @returns {Record<string, string[]>} what is known of a client */
function knownOf(client) {
  const file = path.join(FOLDER, `${client}.json`);
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {};
}

/** Adds words to what is known of a client. */
function writeKnown(client, vocabulary) {
  const known = knownOf(client);
  const kinds = [...new Set([...Object.keys(known), ...Object.keys(vocabulary)])].toSorted();
  const all = Object.fromEntries(kinds.map((kind) => [kind, [...new Set([...(known[kind] ?? []), ...(vocabulary[kind] ?? [])])].toSorted()]));
  fs.mkdirSync(FOLDER, { recursive: true });
  fs.writeFileSync(path.join(FOLDER, `${client}.json`), `${JSON.stringify(all, null, 1)}\n`);
}

module.exports = { vocabularyOf, unseenIn, knownOf, writeKnown };

function addBody(add, body, headers) {
  const { messages, input, system, tools, metadata, client_metadata: client, thinking, output_config: output, context_management: management } = body;
  add('fields', Object.keys(body));
  for (const [name, part] of Object.entries({ metadata, client_metadata: client, output_config: output, context_management: management, thinking })) {
    if (typeof part === 'object' && part !== null) add(name, Object.keys(part));
  }
  add('thinking types', [thinking?.type]);
  add('turn metadata', Object.keys(metadataOf(body, headers)));
  add('system', (Array.isArray(system) ? system : []).slice(0, 1).flatMap(({ text = '' }) => Array.from(text.matchAll(/\b(cc_\w+)=/g), ([, word]) => word)));
  addTools(add, tools);
  for (const message of Array.isArray(messages) ? messages : []) addMessage(add, message);
  for (const item of Array.isArray(input) ? input : []) addItem(add, item);
}

function addMessage(add, { role, content }) {
  add('roles', [role]);
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  for (const block of Array.isArray(blocks) ? blocks : []) {
    add('blocks', [block.type]);
    if (role !== 'assistant') add('marks', marksIn(block.text));
  }
}

function addItem(add, item) {
  add('items', [item.type]);
  add('roles', [item.role]);
  if (item.type === 'additional_tools') addTools(add, item.tools);
  for (const part of Array.isArray(item.content) ? item.content : []) {
    add('parts', [part.type]);
    if (item.role !== 'assistant') add('marks', marksIn(part.text));
  }
}

/** The tags with which a client marks its own texts, at the beginning of a line. */
function marksIn(text) {
  return typeof text === 'string' ? Array.from(text.matchAll(/^<([a-z][\w -]{2,40})>/gm), ([, word]) => word) : [];
}

function addTools(add, tools) {
  for (const tool of Array.isArray(tools) ? tools : []) {
    add('tools', [tool.name ?? tool.type]);
    add('tool fields', Object.keys(tool));
    if (Array.isArray(tool.tools)) addTools(add, tool.tools);
  }
}
