/** A distribution: a column for each bucket, and marks such as the median. */

import { make, setText } from '../dom.js';

/** A distribution in an element. */
export class DistributionChart {
  #columns;
  #marks;
  #element;
  #format;
  #parts = [];

  /**
   * @param {Element} parent
   * @param {import('../format.js').Format} format
   */
  constructor(parent, format) {
    this.#format = format;
    this.#columns = make('div', { class: 'distribution-columns' });
    this.#marks = make('p', { class: 'distribution-marks' });
    this.#element = make('div', { class: 'distribution', 'aria-hidden': 'true' }, this.#columns, this.#marks);
    parent.append(this.#element);
  }

  /** @param {{bars: {from: number, to: number, value: number}[], unit: string, boundUnit: string, marks: {name: string, value: number}[]}} data */
  draw({ bars, unit, boundUnit, marks }) {
    if (this.#parts.length !== bars.length) this.#makeColumns(bars);
    const largest = Math.max(1, ...bars.map(({ value }) => value));
    for (const [index, { from, to, value }] of bars.entries()) {
      const { column, bar, label } = this.#parts[index];
      bar.style.height = `${(value / largest * 100).toFixed(1)}%`;
      setText(label, Number.isFinite(to) ? this.#format.axis(to, boundUnit) : '∞');
      column.title = `${this.#format.axis(from, boundUnit)} – ${Number.isFinite(to) ? this.#format.axis(to, boundUnit) : '∞'}: ${this.#format.value(value, unit)}`;
    }
    setText(this.#marks, marks.map(({ name, value }) => `${name} ${this.#format.value(value, boundUnit)}`).join(' · '));
  }

  /** Removes the chart. */
  destroy() {
    this.#element.remove();
  }

  #makeColumns(bars) {
    this.#parts = bars.map(() => {
      const [bar, label] = [make('span', { class: 'distribution-bar' }), make('span', { class: 'distribution-label' })];
      return { column: make('div', { class: 'distribution-column' }, make('span', { class: 'distribution-space' }, bar), label), bar, label };
    });
    this.#columns.replaceChildren(...this.#parts.map(({ column }) => column));
  }
}
