/** Ranked bars: a name, a bar and a number in each row. */

import { make, setText } from '../dom.js';

/** How many rows are shown. The table has all of them. */
const MOST_ROWS = 8;

/** A list of ranked bars in an element. */
export class RankChart {
  #list;
  #more;
  #format;
  #rows = [];
  #moreText;

  /**
   * @param {Element} parent
   * @param {import('../format.js').Format} format
   * @param {(count: number) => string} moreText says how many rows are not shown
   */
  constructor(parent, format, moreText) {
    this.#format = format;
    this.#moreText = moreText;
    this.#list = make('ol', { class: 'rank' });
    this.#more = make('p', { class: 'rank-more' });
    parent.append(this.#list, this.#more);
  }

  /** @param {{rows: {name: string, value: number}[], unit: string}} data the largest row first */
  draw({ rows, unit }) {
    const shown = rows.slice(0, MOST_ROWS);
    const largest = shown[0]?.value ?? 1;
    while (this.#rows.length < shown.length) this.#rows.push(this.#makeRow());
    for (const { item } of this.#rows.splice(shown.length)) item.remove();
    for (const [index, { name, value }] of shown.entries()) {
      const row = this.#rows[index];
      setText(row.name, name);
      row.name.title = name;
      setText(row.value, this.#format.short(value, unit));
      row.bar.style.width = `${Math.max(0.5, value / largest * 100).toFixed(1)}%`;
    }
    const hidden = rows.length - shown.length;
    setText(this.#more, hidden > 0 ? this.#moreText(hidden) : '');
  }

  /** Removes the list. */
  destroy() {
    this.#list.remove();
    this.#more.remove();
  }

  #makeRow() {
    const [name, bar, value] = [make('span', { class: 'rank-name' }), make('span', { class: 'rank-bar' }), make('span', { class: 'rank-value' })];
    const item = make('li', {}, name, make('span', { class: 'rank-track', 'aria-hidden': 'true' }, bar), value);
    this.#list.append(item);
    return { item, name, bar, value };
  }
}
