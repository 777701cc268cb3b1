/** Draws a dashboard from the results of its queries, with the charts of the live page. */

import { DistributionChart } from '../../../demo/page/charts/distribution.js';
import { RankChart } from '../../../demo/page/charts/rank.js';
import { DataTable } from '../../../demo/page/charts/table.js';
import { TimeChart } from '../../../demo/page/charts/time.js';
import { make } from '../../../demo/page/dom.js';
import { GrafanaFormat } from './units.js';

const format = new GrafanaFormat('en');

const DRAWERS = {
  number: (parent, { value, unit, color }) => parent.append(make('div', { class: `number number-${color}` }, format.value(value, unit))),
  rank: (parent, data) => new RankChart(parent, format, (count) => `${count} more`).draw(data),
  time: (parent, data) => new TimeChart(parent, format).draw(data),
  distribution: (parent, data) => new DistributionChart(parent, format).draw(data),
  table: (parent, data) => new DataTable(parent, format).draw(data, ''),
  empty: (parent, { text }) => parent.append(make('div', { class: 'empty' }, text)),
};

/** @param {{title: string, about: string, rows: object[], panels: object[]}} picture see `drawing.js` */
function draw({ title, about, rows, panels }) {
  const board = make('div', { class: 'board' });
  document.body.append(make('h1', {}, title), make('p', { class: 'about' }, about), board);
  for (const { title: name, place } of rows) board.append(make('h2', { class: 'board-row', style: place }, name));
  for (const { title: name, place, kind, data } of panels) {
    const body = make('div', { class: 'panel-body' });
    board.append(make('section', { class: 'panel', style: place }, make('h3', {}, name), body));
    DRAWERS[kind](body, data);
  }
}

globalThis.drawDashboard = draw;
