'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { pageModule } = require('../../testkit/browser/page-modules');

const { COLOURS } = pageModule('palette.js');
const CSS = fs.readFileSync(path.join(__dirname, '..', '..', 'demo', 'page', 'style', 'theme.css'), 'utf8');
const [LIGHT, DARK, SYSTEM] = Array.from(CSS.matchAll(/:root[^{]*\{([^}]*)\}/g), ([, body]) => Object.fromEntries(Array.from(body.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g), ([, name, colour]) => [name, colour])));
const THEMES = [['light', LIGHT], ['dark', DARK]];

test.each(THEMES)('%s: each series has a contrast of 3:1 or more', (name, theme) => {
  const series = [...Array.from({ length: COLOURS }, (_, index) => `series-${index}`), 'series-rest'];
  expect(series.filter((key) => !(contrast(theme[key], theme.panel) >= 3))).toEqual([]);
});

test.each(THEMES)('%s: each text has a contrast of 4.5:1 or more', (name, theme) => {
  const pairs = [['text', 'page'], ['text', 'panel'], ['text-soft', 'panel'], ['text-soft', 'page'], ['accent', 'page'], ['accent-text', 'accent'], ['banner-text', 'banner'], ['badge-text', 'badge'], ['good', 'page'], ['warn', 'panel'], ['bad', 'page'], ['text', 'added'], ['text', 'withheld'], ['text', 'changed']];
  expect(pairs.filter(([text, ground]) => !(contrast(theme[text], theme[ground]) >= 4.5))).toEqual([]);
});

test.each(THEMES)('%s: no two series have the same colour', (name, theme) => {
  const colours = Object.entries(theme).filter(([key]) => key.startsWith('series-')).map(([, colour]) => colour);
  expect(new Set(colours).size).toBe(COLOURS + 1);
});

test('the first colours differ for people who cannot see red or green', () => {
  for (const [, theme] of THEMES) {
    for (const see of [deuteranopia, protanopia]) {
      const seen = Array.from({ length: 3 }, (_, index) => see(channels(theme[`series-${index}`])));
      for (const [index, one] of seen.entries()) for (const other of seen.slice(index + 1)) expect(Math.hypot(...one.map((value, channel) => value - other[channel]))).toBeGreaterThan(0.1);
    }
  }
});

test('the dark theme of the system is the dark theme', () => {
  expect(SYSTEM).toEqual(DARK);
});

function contrast(one, other) {
  const both = [one, other].map(luminance);
  const [high, low] = [Math.max(...both), Math.min(...both)];
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour) {
  const [red, green, blue] = channels(colour);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Linear light from 0 to 1. */
function channels(colour) {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
}

/** How the colour looks without green or red cones (Viénot, Brettel and Mollon, 1999). */
function deuteranopia([red, green, blue]) {
  return [0.29275 * red + 0.70725 * green, 0.29275 * red + 0.70725 * green, -0.02234 * red + 0.02234 * green + blue];
}

function protanopia([red, green, blue]) {
  return [0.11238 * red + 0.88762 * green, 0.11238 * red + 0.88762 * green, 0.00401 * red - 0.00401 * green + blue];
}
