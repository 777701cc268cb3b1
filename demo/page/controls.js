/** The header's switches, and the filters. */

import { make, setText } from './dom.js';
import { FILTERS, valuesOf } from './filters.js';
import { PRESETS } from './range.js';

const LANGUAGES = [['en', 'English'], ['zh-TW', '繁體中文']];
const THEMES = ['system', 'light', 'dark'];

/**
 * @param {object} page
 * @returns {HTMLElement} the switches of language and theme
 */
export function makeSwitches({ t, choices, choose }) {
  return make(
    'div', { class: 'switches' },
    labelled(t('language'), select('language', LANGUAGES.map(([value, text]) => make('option', { value, lang: value, selected: choices.language === value }, text)), (language) => choose({ language }))),
    labelled(t('theme'), select('theme', THEMES.map((value) => make('option', { value, selected: choices.theme === value }, t(`theme.${value}`))), (theme) => choose({ theme }))),
  );
}

/** The date range and the filters. The values of the filters come from the data. */
export class FilterBar {
  isVisible = true;
  isStale = true;
  isNew = true;
  #page;
  #selects = new Map();
  #values = '';
  #times;

  /** @param {object} page */
  constructor(page) {
    const { t } = page;
    this.#page = page;
    this.#times = this.#makeTimes();
    for (const name of FILTERS) this.#selects.set(name, select(`filter-${name}`, [], (value) => this.#filter(name, value)));
    const presets = [...Object.keys(PRESETS), 'custom'].map((value) => make('option', { value, selected: page.choices.range.preset === value }, t(`range.${value}`)));
    this.element = make(
      'form', { class: 'filters', 'aria-label': t('filters'), on: { submit: (event) => event.preventDefault() } },
      labelled(t('range'), select('filter-range', presets, (preset) => this.#range(preset))),
      this.#times,
      ...FILTERS.map((name) => labelled(t(`filter.${name}`), this.#selects.get(name))),
      make('button', { type: 'button', on: { click: () => this.#reset() } }, t('filters.reset')),
    );
  }

  /** Offers the values that the data has now. */
  draw() {
    const { t, choices: { filter } } = this.#page;
    const values = valuesOf(this.#page.context().store);
    const key = JSON.stringify([values, filter]);
    if (key === this.#values) return;
    this.#values = key;
    for (const [name, element] of this.#selects) {
      const chosen = filter[name];
      // A value of the address can be missing in the data.
      const offered = chosen === undefined || values[name].includes(chosen) ? values[name] : [chosen, ...values[name]];
      element.replaceChildren(make('option', { value: '' }, t('filter.all')), ...offered.map((value) => make('option', { value, selected: value === chosen }, value)));
    }
  }

  /** The bar has nothing to remove. */
  destroy() {}

  #filter(name, value) {
    this.#page.choose({ filter: { ...this.#page.choices.filter, [name]: value === '' ? undefined : value } });
  }

  #reset() {
    this.#page.choose({ filter: {}, range: { preset: '24h' } }, { isRebuilt: true });
  }

  #range(preset) {
    this.#times.hidden = preset !== 'custom';
    if (preset !== 'custom') {
      this.#page.choose({ range: { preset } });
      return;
    }
    const { fromMs } = this.#page.context().range;
    this.#setTimes(fromMs, this.#page.context().nowMs);
    this.#page.choose({ range: { preset, fromMs, toMs: this.#page.context().nowMs } });
  }

  #makeTimes() {
    const { t, choices: { range } } = this.#page;
    const change = () => this.#changeTimes();
    const fieldset = make(
      'fieldset', { class: 'times' },
      make('legend', { class: 'visually-hidden' }, t('range.custom')),
      ...['from', 'to'].map((name) => labelled(t(`range.${name}`), make('input', { type: 'datetime-local', id: `range-${name}`, required: true, on: { change } }))),
      make('span', { class: 'times-error', role: 'alert' }),
    );
    fieldset.hidden = range.preset !== 'custom';
    if (range.preset === 'custom') this.#setTimes(range.fromMs, range.toMs, fieldset);
    return fieldset;
  }

  #setTimes(fromMs, toMs, fieldset = this.#times) {
    for (const [name, timeMs] of [['from', fromMs], ['to', toMs]]) fieldset.querySelector(`#range-${name}`).value = localInput(timeMs);
  }

  #changeTimes() {
    const [fromMs, toMs] = ['from', 'to'].map((name) => new Date(this.#times.querySelector(`#range-${name}`).value).getTime());
    const isRight = fromMs < toMs;
    setText(this.#times.querySelector('.times-error'), isRight ? '' : this.#page.t('range.wrong'));
    if (isRight) this.#page.choose({ range: { preset: 'custom', fromMs, toMs } });
  }
}

/** A local time in the form that an input needs. */
function localInput(timeMs) {
  const date = new Date(timeMs);
  return new Date(timeMs - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function select(id, options, choose) {
  return make('select', { id, on: { change: ({ target }) => choose(target.value) } }, ...options);
}

function labelled(text, control) {
  return make('label', {}, make('span', {}, text), control);
}
