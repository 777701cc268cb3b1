/** Lines or stacked bars over time. */

import uPlot from 'uplot';

import { DASHES, coloursOf, strokeOf } from './colours.js';
import { makeLegend } from './legend.js';
import { make } from '../dom.js';

const HEIGHT = 200;
/** The distances of an axis that counts something: 1, 2, 5, 10 and so on. */
const WHOLE = Array.from({ length: 45 }, (_, index) => [1, 2, 5][index % 3] * 10 ** Math.floor(index / 3));
const FONT = '12px system-ui, sans-serif';

/**
 * @typedef {object} TimeData
 * @property {number[]} times the starts of the steps, in milliseconds
 * @property {number} stepMs
 * @property {number} [endMs] of the axis
 * @property {'lines'|'stacked'} style
 * @property {string} unit
 * @property {string} [stepText] says how long a step is
 * @property {number} [max] of the axis, if the values do not exceed it
 * @property {{name: string, values: ArrayLike<number>, colour: number, isRest?: boolean, isTotal?: boolean}[]} series
 */

/** A chart over time in an element. It is drawn again with `draw`. */
export class TimeChart {
  #element;
  #format;
  #plot;
  #shape;
  #legend;
  #data;
  #colours;

  /**
   * @param {Element} parent
   * @param {import('../format.js').Format} format
   */
  constructor(parent, format) {
    this.#format = format;
    this.#element = make('div', { class: 'plot' });
    this.#legend = makeLegend(format);
    parent.append(this.#element, this.#legend.element);
  }

  /** @param {TimeData} data */
  draw(data) {
    this.#data = data;
    const width = Math.max(200, Math.floor(this.#element.clientWidth));
    const shape = JSON.stringify([data.style, data.unit, data.stepMs, data.series.map(({ name, colour, isRest }) => [name, colour, isRest])]);
    if (shape !== this.#shape) this.#create(data, shape, width);
    else if (this.#plot.width !== width) this.#plot.setSize({ width, height: HEIGHT });
    this.#plot.setData(plotData(data), true);
    this.#legend.show(data, undefined);
  }

  /** Removes the chart. */
  destroy() {
    this.#plot?.destroy();
    this.#element.remove();
    this.#legend.element.remove();
  }

  #create(data, shape, width) {
    this.#plot?.destroy();
    this.#shape = shape;
    this.#colours = coloursOf(this.#element);
    this.#plot = new uPlot(this.#options(data, width), plotData(data), this.#element);
    this.#legend.reset(data, this.#colours);
  }

  #options({ style, series, unit }, width) {
    const colours = this.#colours;
    const axis = { stroke: colours.text, font: FONT, grid: { stroke: colours.grid, width: 1 }, ticks: { show: false } };
    return {
      width,
      height: HEIGHT,
      ms: 1,
      padding: [10, 22, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: style === 'lines' } },
      scales: { x: { time: true, range: () => this.#span() }, y: { range: (_, low, high) => this.#valueRange(high) } },
      axes: [
        { ...axis, space: 70, size: 30, gap: 8, values: (plot, ticks) => ticks.map((tick) => this.#format.tick(tick, plot.scales.x.max - plot.scales.x.min)) },
        { ...axis, size: 58, space: 34, ...isCount(unit) ? { incrs: WHOLE } : {}, values: (plot, ticks) => ticks.map((tick) => this.#format.axis(tick, unit)) },
      ],
      series: [{}, ...series.map((each, index) => (style === 'stacked' ? barSeries(each, colours) : lineSeries(each, index, colours)))],
      hooks: { setCursor: [({ cursor: { idx } }) => this.#legend.show(this.#data, idx ?? undefined)] },
    };
  }

  #span() {
    const { times, stepMs, endMs } = this.#data;
    return [times[0], endMs ?? times.at(-1) + stepMs];
  }

  /** Begins at zero. Without values, the axis goes to one. */
  #valueRange(high) {
    const { max } = this.#data;
    if (max !== undefined && !(high > max)) return [0, max];
    return [0, high > 0 ? high * 1.08 : 1];
  }
}

/** Whether values are whole numbers of things. */
function isCount(unit) {
  return unit.startsWith('{') && unit !== '{USD}';
}

/** The columns of uPlot. A stack is drawn from its whole height downwards, so each column has the sum of the rest. */
function plotData({ times, style, series }) {
  if (style !== 'stacked') return [times, ...series.map(({ values }) => Array.from(values, (value) => (Number.isFinite(value) ? value : null)))];
  const columns = series.map(() => []);
  let above = new Float64Array(times.length);
  for (let index = series.length - 1; index >= 0; index -= 1) {
    const { values } = series[index];
    above = above.map((sum, step) => sum + values[step]);
    columns[index] = Array.from(above, (value) => (value > 0 ? value : null));
  }
  return [times, ...columns];
}

/** The steps that have a value, and none before and after. */
function isolated(values) {
  const steps = [];
  for (let step = 0; step < values.length; step += 1) if (values[step] !== null && (values[step - 1] ?? null) === null && (values[step + 1] ?? null) === null) steps.push(step);
  return steps;
}

function barSeries(series, colours) {
  const fill = strokeOf(series, colours);
  // The edge in the colour of the background separates the parts of a stack, also for those who cannot see the colours.
  return { label: series.name, fill, stroke: colours.background, width: 1, points: { show: false }, paths: uPlot.paths.bars({ align: 1, size: [0.92, 60] }) };
}

function lineSeries(series, index, colours) {
  const stroke = strokeOf(series, colours);
  // A value between two gaps is not a line, so it gets a dot.
  const points = { show: true, size: 5, fill: stroke, filter: (plot, seriesIndex, isShown) => (isShown ? isolated(plot.data[seriesIndex]) : []) };
  return { label: series.name, stroke, width: 2, dash: DASHES[index % DASHES.length], points };
}
