'use strict';

const path = require('node:path');

const { readValue } = require('../arguments');
const { BACKENDS, placeholderOf } = require('../backends');
const { UsageError } = require('../errors');
const options = require('./options');

const OTHER = 'other';

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
    values.tier ??= await this.#option('tier', 'How much may be sent (0 nothing, 1 anonymous numbers, 2 with your name)?', isNew ? '1' : undefined);
    if (values.tier === '2') values.identity ??= await this.#needed('identity', 'Under which name?');
    values.project ??= await this.#option('project', 'What is the name of the project?', isNew ? path.basename(top) : undefined);
    return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  }

  async #backend() {
    const name = await this.#ask(`Which backend (${[...Object.keys(BACKENDS), OTHER].join(', ')})?`, 'collector');
    return name === OTHER ? undefined : readValue('backend', name, options.backend, this.#help);
  }

  #endpoint(backend, isNew) {
    const question = 'To which URL are the numbers sent?';
    if (backend === undefined) return isNew ? this.#needed('endpoint', question) : this.#option('endpoint', question);
    const unknown = placeholderOf(backend);
    if (unknown === undefined) return this.#option('endpoint', question, backend.endpoint);
    return this.#needed('endpoint', `${question} Like ${backend.endpoint}, with your ${unknown}:`);
  }

  /** Only the names of variables: a secret is never typed here. */
  async #headers({ headers = {} }) {
    const all = [];
    for (const [name, template] of Object.entries(headers)) {
      const variable = /\$\{(\w+)\}/.exec(template)?.[1];
      const chosen = variable && await this.#ask(`Which environment variable has the value for the header ${name}?`, variable);
      if (chosen && !/^[A-Za-z_]\w*$/.test(chosen)) throw new UsageError('This is not the name of a variable. Do not type a secret here.', this.#help);
      all.push(`${name}=${variable ? template.replace(variable, chosen) : template}`);
    }
    return all;
  }

  async #needed(name, question) {
    const value = await this.#option(name, question);
    if (value === undefined) throw new UsageError(`There is no suggestion for this, so --${name} needs a value. Nothing is written.`, this.#help);
    return value;
  }

  async #option(name, question, suggestion) {
    const value = await this.#ask(question, suggestion);
    return value === undefined ? undefined : readValue(name, value, options[name], this.#help);
  }

  async #ask(question, suggestion) {
    const answer = await this.#terminal.ask(`${question} [${suggestion ?? 'unchanged'}]`);
    if (answer === undefined) throw new UsageError('There was no answer, so nothing is written.', this.#help);
    return answer.trim() || suggestion;
  }
}

module.exports = { Questions };
