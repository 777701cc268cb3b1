/** One chart with its title, its switches, and the table behind it. */

import { DistributionChart } from './charts/distribution.js';
import { RankChart } from './charts/rank.js';
import { DataTable } from './charts/table.js';
import { TimeChart } from './charts/time.js';
import { copyText } from './copy.js';
import { make, setAttribute, setText } from './dom.js';
import { csvOf, isEmpty, tableOf } from './views/table.js';

/** How often the table is written while only a screen reader can see it. */
const HIDDEN_TABLE_MS = 5000;

/** Makes the chart of each kind of view. */
const CHARTS = {
  time: (parent, format) => new TimeChart(parent, format),
  rank: (parent, format, t) => new RankChart(parent, format, (count) => t('rank.more', { count })),
  distribution: (parent, format) => new DistributionChart(parent, format),
};

/** A chart on the page. */
export class Panel {
  isVisible = false;
  isStale = true;
  isNew = true;
  #definition;
  #page;
  #body = make('div', { class: 'panel-chart' });
  #note = make('p', { class: 'panel-note' });
  #empty = make('p', { class: 'panel-empty' });
  #box;
  #tableButton;
  #copyButton;
  #chart;
  #table;
  #view;
  #isTable = false;
  #tableAt = -Infinity;
  #tableOf;

  /**
   * @param {object} definition of `views/index.js`
   * @param {object} page
   */
  constructor(definition, page) {
    this.#definition = definition;
    this.#page = page;
    const { t } = page;
    const { id } = definition;
    this.#tableButton = make('button', { type: 'button', 'aria-pressed': 'false', on: { click: () => this.#toggle() } }, t('table'));
    this.#copyButton = make('button', { type: 'button', on: { click: () => this.#copy() } }, t('copy.csv'));
    // It can scroll, so the keyboard must reach it; only while it is shown.
    this.#box = make('div', { class: 'table-box visually-hidden', role: 'region', 'aria-label': t('table.of', { name: t(`chart.${id}`) }) });
    this.#empty.hidden = true;
    this.#copyButton.hidden = true;
    this.element = make(
      'section',
      { class: `panel${definition.isWide ? ' panel-wide' : ''}`, 'aria-labelledby': `title-${id}`, 'data-chart': id },
      make('div', { class: 'panel-head' }, make('h3', { id: `title-${id}` }, t(`chart.${id}`)), make('div', { class: 'panel-actions' }, this.#splitSwitch(), this.#copyButton, this.#tableButton)),
      make('p', { class: 'panel-about' }, t(`chart.${id}.about`)),
      this.#note, this.#body, this.#empty, this.#box,
    );
    this.element.addEventListener('keydown', (event) => this.#escape(event));
  }

  /** Draws the chart from what the page shows now. */
  draw() {
    const { id, view, option } = this.#definition;
    const { t, choices } = this.#page;
    this.#view = view(this.#page.context(), { by: choices.split[id], ...option?.() });
    this.#complete(this.#view);
    const nothing = isEmpty(this.#view);
    setText(this.#note, this.#view.ignored.length === 0 ? '' : t('filter.ignored', { filters: this.#view.ignored.map((name) => t(`filter.${name}`)).join(t('list.and')) }));
    this.#empty.hidden = !nothing || this.#isTable;
    setText(this.#empty, this.#page.isReady ? t('empty') : t('loading'));
    this.#body.hidden = nothing || this.#isTable;
    if (!this.#body.hidden) this.#drawChart();
    this.#drawTable();
  }

  /** Removes what belongs to the chart. */
  destroy() {
    this.#chart?.destroy();
  }

  #drawChart() {
    const { format, t } = this.#page;
    const { kind } = this.#view;
    this.#chart ??= CHARTS[kind](this.#body, format, t);
    this.#chart.draw(this.#view);
  }

  #drawTable() {
    const { readMs, t, format } = this.#page;
    const { choiceNumber } = this.#page;
    if (!this.#isTable && choiceNumber === this.#tableOf && readMs() - this.#tableAt < HIDDEN_TABLE_MS) return;
    this.#tableAt = readMs();
    this.#tableOf = choiceNumber;
    this.#table ??= new DataTable(this.#box, format);
    const { range } = this.#page.context();
    const name = t(`chart.${this.#definition.id}`);
    this.#table.draw(tableOf(this.#view, t), t('table.caption', { name, from: format.time(this.#view.times?.[0] ?? range.fromMs), to: format.time(this.#view.endMs ?? range.toMs) }));
  }

  /** A name has the same colour in all charts of its group. */
  #complete(view) {
    if (view.kind !== 'time') return;
    view.stepText = this.#page.t('step', { step: this.#page.format.duration(view.stepMs) });
    for (const series of view.series) series.colour = this.#page.palette.colour(view.group, series.name);
  }

  #toggle() {
    this.#isTable = !this.#isTable;
    this.#tableAt = -Infinity;
    setAttribute(this.#tableButton, 'aria-pressed', String(this.#isTable));
    this.#box.classList.toggle('visually-hidden', !this.#isTable);
    if (this.#isTable) this.#box.setAttribute('tabindex', '0');
    else this.#box.removeAttribute('tabindex');
    this.#copyButton.hidden = !this.#isTable;
    this.draw();
  }

  /** Escape closes the table. */
  #escape({ key }) {
    if (key !== 'Escape' || !this.#isTable) return;
    this.#toggle();
    this.#tableButton.focus();
  }

  async #copy() {
    const isCopied = await copyText(csvOf(tableOf(this.#view, this.#page.t)));
    this.#page.announce(this.#page.t(isCopied ? 'copied' : 'copy.failed'));
  }

  #splitSwitch() {
    const { id, splits } = this.#definition;
    if (splits === undefined) return undefined;
    const { t, choices } = this.#page;
    const change = ({ target }) => this.#page.choose({ split: { ...this.#page.choices.split, [id]: target.value } });
    const select = make('select', { on: { change } }, ...splits.map((by) => make('option', { value: by, selected: choices.split[id] === by }, t(`by.${by}`))));
    return make('label', { class: 'split' }, make('span', { class: 'visually-hidden' }, t('by')), select);
  }
}
