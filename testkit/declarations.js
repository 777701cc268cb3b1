'use strict';

/**
 * @typedef {object} Field
 * @property {string} type as written
 * @property {boolean} isOptional
 */

/**
 * The interfaces and the type aliases of a declaration file.
 *
 * @param {string} text of a `.d.ts` file
 * @returns {{interfaces: Map<string, Map<string, Field>>, aliases: Map<string, string>}} each interface with its
 *   fields by name, and each alias with its type
 */
function declarationsIn(text) {
  const interfaces = new Map();
  for (const [, name, body] of text.matchAll(/^export interface (\w+) \{\n([\s\S]*?)^\}/gm)) {
    const fields = [...body.matchAll(/^ {2}(\w+)(\?)?: (.+)$/gm)];
    interfaces.set(name, new Map(fields.map(([, field, optional, type]) => [field, { type, isOptional: optional !== undefined }])));
  }
  const aliases = new Map([...text.matchAll(/^export type (\w+) = (.+)$/gm)].map(([, name, type]) => [name, type]));
  return { interfaces, aliases };
}

/**
 * Walks through a value along its declared type.
 *
 * @param {ReturnType<typeof declarationsIn>} declarations
 * @param {string} type the declared type of `value`
 * @param {unknown} value
 * @param {(name: string, value: object) => void} onInterface gets every value that is declared as an interface
 * @param {string} [path] the name of the value in an error
 * @throws {Error} if the value, or a value in it, does not have its declared type
 */
function walk(declarations, type, value, onInterface, path = type) {
  const { interfaces, aliases } = declarations;
  const [, generic, keys, parameter] = /^(Array|Record)<(?:(\w+), )?(\w+)>$/.exec(type.replace(/^Partial<(.+)>$/, '$1')) ?? [];
  const fields = interfaces.get(type);
  if (aliases.has(type)) return walk(declarations, aliases.get(type), value, onInterface, path);
  if (generic === 'Array' && Array.isArray(value)) {
    for (const [i, element] of value.entries()) walk(declarations, parameter, element, onInterface, `${path}[${i}]`);
  } else if (generic === 'Record' && isObject(value)) {
    for (const [key, element] of Object.entries(value)) {
      walk(declarations, keys, key, onInterface, `a key of ${path}`);
      walk(declarations, parameter, element, onInterface, `${path}.${key}`);
    }
  } else if (fields && isObject(value)) {
    onInterface(type, value);
    for (const [name, field] of fields) {
      if (name in value) walk(declarations, field.type, value[name], onInterface, `${path}.${name}`);
    }
  } else if (typeof value !== type && !literals(type).includes(value)) {
    throw new Error(`${path} is ${JSON.stringify(value)}, and not ${type}`);
  }
  return undefined;
}

/** The values of a union of literals, such as `'a' | 'b'` or `0 | 1`. */
function literals(type) {
  const members = type.split(' | ');
  if (!members.every((member) => /^('.*'|\d+)$/.test(member))) return [];
  return members.map((member) => (member.startsWith("'") ? member.slice(1, -1) : Number(member)));
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

module.exports = { declarationsIn, walk };
