'use strict';

const path = require('node:path');

const { readValue } = require('../arguments');
const { BACKENDS, placeholderOf } = require('../backends');
const { CommandError, EXIT, UsageError } = require('../errors');
const { wrap } = require('../wrap');
const options = require('./options');

const OTHER = 'other';
/** What stands in place of a suggestion. */
const UNCHANGED = 'unchanged';
const REQUIRED = 'required';
/** How often a question is asked. */
const TRIES = 3;

/** Asks for what `init` was not told. An empty answer takes the suggestion. Without one the file is not changed. */
class Questions {
  #terminal;
  #help;

  constructor(terminal, help) {
    this.#terminal = terminal;
    this.#help = help;
  }

  /**
   * @param {Record<string, string|string[]>} given values of the options
   * @param {{isNew: boolean, top: string}} project whether it has no file yet, and where that would be
   * @returns {Promise<Record<string, string|string[]>>} `given` with the answers
   */
  async complete(given, { isNew, top }) {
    const values = { ...given };
    if (isNew && values.backend === undefined && values.endpoint === undefined) values.backend = await this.#backend();
    const backend = BACKENDS[values.backend];
    values.endpoint ??= await this.#endpoint(backend, isNew);
    if (backend && values.header === undefined) values.header = await this.#headers(backend);
    values.tier ??= await this.#option('tier', 'How much may be sent (0 nothing, 1 anonymous numbers, 2 with your name)?', { suggestion: isNew ? '1' : undefined });
    if (values.tier === '2') values.identity ??= await this.#needed('identity', 'Under which name?');
    values.project ??= await this.#option('project', 'What is the name of the project?', { suggestion: isNew ? path.basename(top) : undefined });
    return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  }

  async #backend() {
    const choices = [...Object.keys(BACKENDS), OTHER];
    this.#terminal.err(...wrap(`Backends: ${choices.join(', ')}`));
    const name = await this.#option('backend', 'Which backend?', { suggestion: 'collector', option: { ...options.backend, oneOf: choices } });
    return name === OTHER ? undefined : name;
  }

  #endpoint(backend, isNew) {
    const question = 'To which URL are the numbers sent?';
    if (backend === undefined) return isNew ? this.#needed('endpoint', question) : this.#option('endpoint', question);
    const unknown = placeholderOf(backend);
    if (unknown === undefined) return this.#option('endpoint', question, { suggestion: backend.endpoint });
    return this.#needed('endpoint', `${question} Like ${backend.endpoint}, with your ${unknown}:`);
  }

  /** Only the names of variables: a secret is never typed here. */
  async #headers({ headers = {} }) {
    const all = [];
    for (const [name, template] of Object.entries(headers)) {
      const variable = /\$\{(\w+)\}/.exec(template)?.[1];
      const chosen = variable && await this.#until(`Which environment variable has the value for the header ${name}?`, variable, variableName);
      all.push(`${name}=${variable ? template.replace(variable, chosen) : template}`);
    }
    return all;
  }

  #needed(name, question) {
    return this.#option(name, question, { isRequired: true });
  }

  #option(name, question, { suggestion, isRequired = false, option = options[name] } = {}) {
    const read = (value) => (value === undefined ? undefined : readValue(name, value, option, this.#help));
    return this.#until(question, suggestion ?? (isRequired ? REQUIRED : UNCHANGED), (value) => {
      if (value === REQUIRED) throw new UsageError('This needs an answer.', this.#help);
      return read(value === UNCHANGED ? undefined : value);
    });
  }

  /** Repeats the question after an invalid value. An empty line is the suggestion. */
  async #until(question, suggestion, read) {
    for (let tries = 1; ; tries += 1) {
      const answer = await this.#terminal.ask(`${question} [${suggestion}]`);
      if (answer === undefined) throw new CommandError(EXIT.DECLINED, 'There was no answer, so nothing is written.');
      try {
        return read(answer.trim() || suggestion);
      } catch (error) {
        if (!(error instanceof UsageError) || tries === TRIES) throw error;
        this.#terminal.err(error.problem);
      }
    }
  }
}

/** Only the name of a variable: a secret is never typed here, and not repeated. */
function variableName(text) {
  if (!/^[A-Za-z_]\w*$/.test(text)) throw new UsageError('This is not the name of a variable. Do not type a secret here.', 'init --help');
  return text;
}

module.exports = { Questions };
