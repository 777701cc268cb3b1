/** The cards at the top of the page. */

import { make, setAttribute, setText } from './dom.js';
import { cards } from './views/cards.js';

/** The cards. */
export class CardsBar {
  isVisible = true;
  isStale = true;
  isNew = true;
  #page;
  #parts = new Map();

  /** @param {object} page */
  constructor(page) {
    this.#page = page;
    this.element = make('dl', { class: 'cards' });
  }

  /** Writes the numbers of now. */
  draw() {
    const { t, format } = this.#page;
    const { preset } = this.#page.choices.range;
    for (const { id, value, unit, note, ignored } of cards(this.#page.context())) {
      const { valueElement, noteElement } = this.#parts.get(id) ?? this.#make(id);
      setText(valueElement, format.short(value, unit));
      setAttribute(valueElement, 'title', format.value(value, unit));
      setAttribute(valueElement, 'data-value', String(value));
      const limits = ignored.map((name) => t(`filter.${name}`)).join(t('list.and'));
      const notes = [
        id === 'cost' ? '' : t(`range.${preset}`),
        note === undefined ? '' : t(note.key, this.#shown(note.values)),
        limits === '' ? '' : t('filter.ignored.short', { filters: limits }),
      ];
      setText(noteElement, notes.filter((text) => text !== '').join(' · '));
    }
  }

  /** The cards have nothing to remove. */
  destroy() {}

  #shown(values) {
    const entries = Object.entries(values).map(([name, each]) => [name, typeof each === 'object' ? this.#page.format.value(each.value, each.unit) : each]);
    return Object.fromEntries(entries);
  }

  #make(id) {
    const valueElement = make('dd', { class: 'card-value' });
    const noteElement = make('dd', { class: 'card-note' });
    this.element.append(make('div', { class: 'card', 'data-card': id }, make('dt', {}, this.#page.t(`card.${id}`)), valueElement, noteElement));
    this.#parts.set(id, { valueElement, noteElement });
    return this.#parts.get(id);
  }
}
