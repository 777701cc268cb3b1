/** Metrics of other tools that send to the receiver. */

import { DataTable } from './charts/table.js';
import { make } from './dom.js';
import { Panel } from './panel.js';
import { otherMetrics, otherOverTime, otherTable } from './views/other.js';

/** A list of the metrics that are not ours, and a chart of one of them. It is hidden while there are none. */
export class OtherSection {
  isVisible = true;
  isStale = true;
  isNew = true;
  #page;
  #select;
  #table;
  #metric;
  #names = '';

  /** @param {object} page */
  constructor(page) {
    const { t, format } = page;
    this.#page = page;
    this.#select = make('select', { on: { change: ({ target }) => this.#show(target.value) } });
    this.panel = new Panel({ id: 'other', view: otherOverTime, isWide: true, option: () => ({ metric: this.#metric }) }, page);
    const box = make('div', { class: 'table-box', role: 'region', tabindex: '0', 'aria-label': t('group.other') });
    this.#table = new DataTable(box, format);
    this.element = make('div', {}, make('label', { class: 'other-select' }, t('other.metric'), this.#select), make('div', { class: 'panels' }, this.panel.element, make('div', { class: 'panel panel-wide' }, box)));
  }

  /** Lists the metrics of now. */
  draw() {
    const names = otherMetrics(this.#page.context());
    this.element.parentElement.hidden = names.length === 0;
    if (names.length === 0) return;
    this.#metric ??= names[0];
    if (this.#names !== names.join()) this.#select.replaceChildren(...names.map((name) => make('option', { value: name, selected: name === this.#metric }, name)));
    this.#names = names.join();
    const { t } = this.#page;
    const columns = ['other.metric', 'other.kind', 'other.unit', 'other.series', 'table.value'].map((key) => ({ label: t(key) }));
    this.#table.draw({ columns, rows: otherTable(this.#page.context()).map(({ metric, kind, unit, series, value }) => [metric, t(`kind.${kind}`), unit, series, value]) }, t('other.caption'));
  }

  /** The panel removes its own chart. */
  destroy() {}

  #show(metric) {
    this.#metric = metric;
    this.panel.draw();
  }
}
