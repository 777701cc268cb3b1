/** The whole page in one language. It is made again for another language. */

import { CardsBar } from './cards-bar.js';
import { FilterBar, makeSwitches } from './controls.js';
import { make, setAttribute, setText } from './dom.js';
import { HealthPanel } from './health.js';
import { OtherSection } from './other.js';
import { Panel } from './panel.js';
import { PrivacyPanel } from './privacy/panel.js';
import { GROUPS } from './views/index.js';

/** The links to the parts of the page: the id of each, and its text. */
const LINKS = [...[...GROUPS.map(({ id }) => id), 'health'].map((id) => [id, `group.${id}`]), ['privacy', 'privacy']];
/** Which symbol stands beside the state of the connection, so that its colour is not the only sign. */
const SYMBOLS = { connecting: '○', live: '●', lost: '▲', ended: '■' };

/** The page's elements, and the parts that are drawn. */
export class Screen {
  #page;
  #time = make('time', { class: 'clock' });
  #source = make('span', { class: 'source' });
  #badge = make('strong', { class: 'badge' });
  #connection = make('span', { class: 'connection', role: 'status' });
  #endpoint = make('p', { class: 'endpoint' });
  #status = make('div', { class: 'visually-hidden', role: 'status' });
  #synthetic = make('span', {});

  /** @param {object} page */
  constructor(page) {
    const { t } = page;
    this.#page = page;
    const cards = new CardsBar(page);
    const filters = new FilterBar(page);
    const panels = GROUPS.map(({ id, charts }) => ({ id, panels: charts.map((definition) => new Panel(definition, page)) }));
    const health = new HealthPanel(page);
    const other = new OtherSection(page);
    this.privacy = new PrivacyPanel(page);
    this.parts = [filters, cards, ...panels.flatMap((group) => group.panels), health, other, other.panel];
    this.observed = [...panels.flatMap((group) => group.panels), other.panel];
    this.elements = [
      make('a', { class: 'skip', href: '#main', on: { click: (event) => this.#skip(event) } }, t('skip')),
      make(
        'header', {},
        make(
          'div', { class: 'head' },
          make('div', { class: 'title' }, make('h1', {}, t('title')), this.#badge, this.#source),
          make('div', { class: 'now' }, make('span', { class: 'visually-hidden' }, `${t('time.data')}: `), this.#time, this.#connection),
          makeSwitches(page),
        ),
        make('div', { class: 'banner' }, make('p', {}, make('span', { 'aria-hidden': 'true' }, '⌂ '), t('banner.local'), ' ', this.#synthetic), this.#endpoint),
      ),
      make('div', { class: 'bar' }, filters.element, make('nav', { class: 'jump', 'aria-label': t('jump') }, ...LINKS.map(([id, key]) => make('a', { href: `#${id}`, on: { click: (event) => this.#jump(event, id) } }, t(key))))),
      make(
        'div', { class: 'columns' },
        make(
          'main', { id: 'main', tabindex: '-1' },
          make('section', { 'aria-label': t('cards') }, cards.element),
          ...panels.map((group) => section(t, group.id, make('div', { class: 'panels' }, ...group.panels.map(({ element }) => element)))),
          section(t, 'health', make('div', { class: 'panels' }, health.element)),
          section(t, 'other', other.element),
        ),
        this.privacy.element,
      ),
      this.#status,
    ];
  }

  /** Writes what does not come from the store: the source, the time and the connection. */
  drawHeader() {
    const { t, format, server: { hello, connection, state }, clock } = this.#page;
    const shown = connection === 'live' && state?.isDone ? 'ended' : connection;
    setAttribute(this.#connection, 'class', `connection connection-${shown}`);
    setText(this.#connection, `${SYMBOLS[shown]} ${t(`connection.${shown}`)}`);
    if (hello === undefined) return;
    const { source: { kind, speed, directory, project }, endpoint } = hello;
    setText(this.#source, t(`source.${kind}`, { speed, directory: directory ?? project ?? '' }));
    this.#badge.hidden = kind !== 'synthetic';
    setText(this.#badge, t('source.synthetic.badge'));
    setText(this.#synthetic, kind === 'synthetic' ? t('banner.synthetic') : '');
    setText(this.#endpoint, endpoint === undefined ? '' : t('endpoint', { endpoint }));
    setText(this.#time, format.clock(clock.nowMs));
  }

  /** Makes a screen reader read a text. */
  announce(text) {
    this.#status.textContent = '';
    setTimeout(() => setText(this.#status, text), 50);
  }

  #skip(event) {
    event.preventDefault();
    document.getElementById('main').focus();
  }

  /** The fragment has the user's choices, so a link must not change it. */
  #jump(event, id) {
    event.preventDefault();
    const target = document.getElementById(id);
    target.scrollIntoView({ behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
    const heading = target.querySelector('h2');
    heading.setAttribute('tabindex', '-1');
    heading.focus({ preventScroll: true });
  }
}

function section(t, id, content) {
  return make('section', { class: 'group', id, 'aria-labelledby': `title-group-${id}` }, make('h2', { id: `title-group-${id}` }, t(`group.${id}`)), content);
}
