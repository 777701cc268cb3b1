/** A table of a chart's numbers. A screen reader gets it also while the chart is shown. */

import { make, setText } from '../dom.js';

/** A table in an element. Only cells that differ are written, so a reader keeps its place. */
export class DataTable {
  #table;
  #caption;
  #head;
  #body;
  #foot;
  #format;

  /**
   * @param {Element} parent
   * @param {import('../format.js').Format} format
   */
  constructor(parent, format) {
    this.#format = format;
    this.#caption = make('caption');
    [this.#head, this.#body, this.#foot] = ['thead', 'tbody', 'tfoot'].map((tag) => make(tag));
    this.#table = make('table', {}, this.#caption, this.#head, this.#body, this.#foot);
    parent.append(this.#table);
  }

  /**
   * @param {import('../views/table.js').Table} table
   * @param {string} caption
   */
  draw({ columns, rows, total }, caption) {
    setText(this.#caption, caption);
    this.#fill(this.#head, [columns.map(({ label }) => label)], () => ({ tag: 'th', scope: 'col' }));
    this.#fill(this.#body, rows.map((row) => this.#texts(row, columns)), (column) => (column === 0 ? { tag: 'th', scope: 'row' } : { tag: 'td' }));
    this.#fill(this.#foot, total === undefined ? [] : [this.#texts(total, columns)], (column) => (column === 0 ? { tag: 'th', scope: 'row' } : { tag: 'td' }));
  }

  #texts(row, columns) {
    return row.map((cell, index) => {
      if (typeof cell !== 'number') return String(cell);
      if (cell === Infinity) return '∞';
      return columns[index].isTime ? this.#format.time(cell) : this.#format.value(cell, columns[index].unit);
    });
  }

  #fill(part, rows, cellOf) {
    while (part.rows.length > rows.length) part.deleteRow(-1);
    for (const [index, cells] of rows.entries()) {
      const row = part.rows[index] ?? part.insertRow();
      while (row.cells.length > cells.length) row.deleteCell(-1);
      for (const [column, text] of cells.entries()) {
        if (row.cells[column] === undefined) {
          const { tag, ...attributes } = cellOf(column);
          row.append(make(tag, attributes));
        }
        setText(row.cells[column], text);
      }
    }
  }
}
