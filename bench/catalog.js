'use strict'

// The addon's own catalogs, so that the comparison knows the same names and looks for the same dangers.

const { readFileSync } = require('node:fs')
const { join } = require('node:path')

const FOLDER = join(__dirname, '..', 'src', 'catalog')
const IGNORE_CASE = '(?i)'

/** Tool name to what it does; `''` for most. */
const TOOLS = new Map(['anthropic-tools', 'codex-tools', 'grok-tools'].flatMap((name) => roles(name)))
/** Agent type to `main`, `sub` or `side`. */
const AGENT_TYPES = new Map(roles('agent-types'))
const MCP_SERVERS = names('mcp-tools')
const SKILLS = names('anthropic-skills')
const ERROR_TYPES = names('error-types')
const STOP_REASONS = names('stop-reasons')

const DANGERS = read('dangerous-patterns').map(({ class: name, regex }) => ({ name, pattern: compile(regex) }))
/** Nearly every command is innocent, and two patterns say so sooner than fifteen. */
const ANY_DANGER = ['', 'i'].map((flags) => union(DANGERS.filter(({ pattern }) => pattern.flags === flags), flags))

/** Longest first, so that the first hit is the best. */
const FAMILIES = read('models').map(({ family }) => family)
FAMILIES.sort((a, b) => b.length - a.length)

/**
 * @param {string} model a model's name as on the wire
 * @returns {string | undefined} the family that it belongs to
 */
function familyOf(model) {
  const name = model.slice(model.lastIndexOf('/') + 1)
  return FAMILIES.find((family) => name.startsWith(family) && /^(?:$|[-@:[])/.test(name.slice(family.length)))
}

/**
 * @param {string} command a command line
 * @returns {string[]} the classes of danger in it
 */
function dangersIn(command) {
  if (!ANY_DANGER.some((pattern) => pattern.test(command))) return []
  return DANGERS.filter(({ pattern }) => pattern.test(command)).map(({ name }) => name)
}

function read(name) {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')).patterns
}

function names(name) {
  return new Set(read(name).map(({ exact }) => exact))
}

function roles(name) {
  return read(name).map(({ exact, role = '' }) => [exact, role])
}

function compile(regex) {
  return regex.startsWith(IGNORE_CASE) ? new RegExp(regex.slice(IGNORE_CASE.length), 'i') : new RegExp(regex)
}

function union(dangers, flags) {
  return new RegExp(dangers.map(({ pattern }) => `(?:${pattern.source})`).join('|'), flags)
}

module.exports = { TOOLS, AGENT_TYPES, MCP_SERVERS, SKILLS, ERROR_TYPES, STOP_REASONS, familyOf, dangersIn }
