/** The colours of the theme, as the style sheets define them. A canvas cannot use them by name. */

import { COLOURS } from '../palette.js';

/** How lines differ, beside their colours. The unit is a pixel. */
export const DASHES = [[], [7, 4], [2, 3], [10, 4, 2, 4], [5, 2], [1, 3, 6, 3], [12, 3], [3, 3, 9, 3]];

/**
 * @param {Element} element
 * @returns {{series: string[], rest: string, total: string, text: string, grid: string, background: string}}
 */
export function coloursOf(element) {
  const style = getComputedStyle(element);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    series: Array.from({ length: COLOURS }, (_, index) => read(`--series-${index}`)),
    rest: read('--series-rest'),
    total: read('--text'),
    text: read('--text-soft'),
    grid: read('--grid'),
    background: read('--panel'),
  };
}

/**
 * @param {{isRest?: boolean, isTotal?: boolean, colour: number}} series
 * @param {ReturnType<typeof coloursOf>} colours
 * @returns {string}
 */
export function strokeOf({ isRest, isTotal, colour }, colours) {
  if (isRest) return colours.rest;
  return isTotal ? colours.total : colours.series[colour];
}
