/** The health of the exporter, and what the receiver has got. */

import { make, setText } from './dom.js';

/** Which symbol stands beside a state, so that its colour is not the only sign. */
const SYMBOLS = { active: '●', degraded: '▲', circuit_open: '■', half_open: '◆', disabled: '○' };

/** A panel with the newest state that the server has sent. */
export class HealthPanel {
  isVisible = true;
  isStale = true;
  isNew = true;
  #page;
  #state = make('p', { class: 'health-state' });
  #body = make('tbody');

  /** @param {object} page */
  constructor(page) {
    const { t } = page;
    this.#page = page;
    this.element = make(
      'section', { class: 'panel panel-wide', 'aria-labelledby': 'title-health', 'data-chart': 'health' },
      make('div', { class: 'panel-head' }, make('h3', { id: 'title-health' }, t('chart.health'))),
      make('p', { class: 'panel-about' }, t('chart.health.about')),
      this.#state,
      make('table', { class: 'health' }, make('caption', { class: 'visually-hidden' }, t('chart.health')), this.#body),
    );
  }

  /** Writes the newest state. */
  draw() {
    const { t, format, server } = this.#page;
    const { exporter, receiver, dropped } = server.state ?? {};
    const known = exporter?.state;
    this.#state.className = `health-state health-${known ?? 'none'}`;
    setText(this.#state, known === undefined ? t('health.none') : `${SYMBOLS[known] ?? '○'} ${t.has(`health.state.${known}`) ? t(`health.state.${known}`) : known}`);
    const number = (value) => format.value(value);
    const rows = [];
    if (exporter) {
      const { exports: { attempted, delivered, failed, lastError }, entries: { accepted, processed, queued, dropped: lost } } = exporter;
      const reasons = Object.entries(lost ?? {}).filter(([, amount]) => amount > 0);
      rows.push(
        ['health.exports', t('health.exports.value', { attempted: number(attempted), delivered: number(delivered), failed: number(failed) })],
        ['health.entries', t('health.entries.value', { accepted: number(accepted), processed: number(processed), queued: number(queued) })],
        ['health.dropped', reasons.length === 0 ? t('none') : reasons.map(([reason, amount]) => `${reason} ${number(amount)}`).join(', ')],
        ['health.error', lastError ?? t('none')],
      );
    }
    if (receiver) {
      const { requests: { accepted, rejected }, points, bytes } = receiver;
      rows.push(['health.receiver', t('health.receiver.value', { accepted: number(accepted), rejected: number(rejected), points: number(points), bytes: number(bytes) })]);
    }
    if (dropped) rows.push(['health.page', t('health.page.value', { series: number(dropped.series), points: number(dropped.points) })]);
    this.#fill(rows.map(([key, value]) => [t(key), value]));
  }

  /** The panel has nothing to remove. */
  destroy() {}

  #fill(rows) {
    while (this.#body.rows.length > rows.length) this.#body.deleteRow(-1);
    for (const [index, [name, value]] of rows.entries()) {
      const row = this.#body.rows[index] ?? this.#body.appendChild(make('tr', {}, make('th', { scope: 'row' }), make('td')));
      setText(row.cells[0], name);
      setText(row.cells[1], value);
    }
  }
}
