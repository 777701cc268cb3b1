/** The legend of a chart over time. It shows totals, or the values under the pointer. */

import { DASHES, strokeOf } from './colours.js';
import { make, makeSvg, setText } from '../dom.js';

/**
 * @param {import('../format.js').Format} format
 * @returns {{element: HTMLElement, reset: Function, show: Function}}
 */
export function makeLegend(format) {
  const time = make('span', { class: 'legend-time' });
  const list = make('ul', { class: 'legend' });
  const element = make('div', { class: 'legend-box', 'aria-hidden': 'true' }, list, time);
  let values = [];
  return {
    element,
    /** Makes the entries for other series. */
    reset({ series, style }, colours) {
      values = series.map(() => make('span', { class: 'legend-value' }));
      list.replaceChildren(...series.map((each, index) => make('li', {}, sample(each, index, style, colours), make('span', { class: 'legend-name', title: each.name }, each.name), values[index])));
    },
    /** Shows the values of one step; without a step the totals, or the newest values of lines. */
    show({ series, times, unit, style, stepText = '' }, step) {
      setText(time, step === undefined ? stepText : format.time(times[step]));
      for (const [index, each] of series.entries()) {
        const whole = style === 'stacked' ? each.total : lastOf(each.values);
        setText(values[index], format.short(step === undefined ? whole : each.values[step], unit));
      }
    },
  };
}

/** A square for a part of a stack, or a piece of the line with its dashes. */
function sample(series, index, style, colours) {
  const stroke = strokeOf(series, colours);
  if (style === 'stacked') return makeSvg('svg', { width: 12, height: 12, viewBox: '0 0 12 12' }, makeSvg('rect', { width: 12, height: 12, rx: 2, fill: stroke }));
  const dashes = DASHES[index % DASHES.length].join(' ') || 'none';
  return makeSvg('svg', { width: 26, height: 12, viewBox: '0 0 26 12' }, makeSvg('line', { x1: 0, x2: 26, y1: 6, y2: 6, stroke, 'stroke-width': 2.5, 'stroke-dasharray': dashes }));
}

function lastOf(values) {
  for (let step = values.length - 1; step >= 0; step -= 1) if (Number.isFinite(values[step])) return values[step];
  return Number.NaN;
}
