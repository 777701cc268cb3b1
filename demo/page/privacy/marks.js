/** Marks of what a setting adds, withholds or replaces: a sign, a word and a colour. */

import { make } from '../dom.js';

const SIGNS = { added: '+', withheld: '−', changed: '⇄', replaced: '⇄' };

/**
 * @param {(key: string) => string} t
 * @param {'same'|'added'|'withheld'|'changed'|'replaced'} mark
 * @param {...(Node|string)} children
 * @returns {HTMLLIElement}
 */
export function markedItem(t, mark, ...children) {
  if (mark === 'same') return make('li', {}, ...children);
  return make('li', { class: `marked marked-${mark}` }, make('span', { class: 'mark' }, `${SIGNS[mark]} ${t(`mark.${mark}`)}`), ' ', ...children);
}

/** A list of such items; `–` if there are none. */
export function markedList(items, layout = 'block') {
  return make('ul', { class: `marked-list marked-list-${layout}` }, ...items.length === 0 ? [make('li', {}, '–')] : items);
}

/** A part of the panel with its heading. */
export function titled(title, content) {
  return make('section', {}, make('h3', {}, title), content);
}
