/** The request itself: readable, and as it is sent. Both are made when they are opened, because a request is long. */

import { copyText } from '../copy.js';
import { make } from '../dom.js';
import { metricsOf, pretty } from './request.js';

/**
 * @param {{requests: string[]}} variant
 * @param {object} page
 * @returns {HTMLDetailsElement} the metrics with their points
 */
export function readableDetails({ requests }, page) {
  const { t, format } = page;
  const metric = ({ name, unit, description, points }) => lazy(`${name} (${t('privacy.points', { count: format.value(points.length) })})`, 'metric', () => [
    make('p', { class: 'panel-about' }, [description, unit].filter((text) => text !== '').join(' · ')),
    make('ul', { class: 'points' }, ...points.map(({ attributes, value }) => make('li', {}, attributes === '' ? '' : make('code', {}, attributes), ` ${value}`))),
  ]);
  return lazy(t('privacy.readable'), 'readable', () => metricsOf(requests).map(metric));
}

/**
 * @param {{requests: string[]}} variant
 * @param {object} page
 * @returns {HTMLDetailsElement} the text of the requests
 */
export function rawDetails({ requests }, page) {
  const { t } = page;
  return lazy(t('privacy.raw'), 'raw', () => requests.flatMap((request, index) => [
    make('div', { class: 'panel-head' }, make('h4', {}, t('privacy.request', { number: index + 1 })), copyButton(request, page)),
    make('pre', { tabindex: '0', 'aria-label': t('privacy.request', { number: index + 1 }), role: 'region' }, pretty(request)),
  ]));
}

function copyButton(text, { t, announce }) {
  const click = async () => announce(t(await copyText(text) ? 'copied' : 'copy.failed'));
  return make('button', { type: 'button', on: { click } }, t('copy'));
}

function lazy(title, name, contents) {
  const body = make('div', { class: 'details-body' });
  const toggle = ({ currentTarget: { open } }) => {
    if (open && body.childElementCount === 0) body.append(...contents());
  };
  return make('details', { class: `details-${name}`, on: { keydown: closeOnEscape, toggle } }, make('summary', {}, title), body);
}

function closeOnEscape(event) {
  const { currentTarget: details, key } = event;
  if (key !== 'Escape' || !details.open) return;
  // Only the innermost one is closed.
  event.stopPropagation();
  details.open = false;
  details.querySelector('summary').focus();
}
