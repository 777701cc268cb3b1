/** Starts the page: receives data, keeps the user's choices, and draws. */

import { fragmentOf, parseChoices } from './address.js';
import { Clock } from './clock.js';
import { openFeed } from './feed.js';
import { formatOf } from './format.js';
import { Palette } from './palette.js';
import { rangeOf } from './range.js';
import { Schedule } from './schedule.js';
import { Screen } from './screen.js';
import { translator } from './text/index.js';
import { modelsByCost } from './views/cost.js';
import { MetricStore } from '../store/index.js';

/** How often new points are drawn, in milliseconds. */
const DRAW_MS = 1000;
/** How often the next request is computed again. */
const PRIVACY_MS = 30_000;
/** The same while it is about no turn. */
const PRIVACY_EMPTY_MS = 3000;

const readMs = () => performance.now();
const clock = new Clock(readMs);
const server = { hello: undefined, state: undefined, connection: 'connecting' };
let choices = parseChoices(location.hash, navigator.language);
let store = new MetricStore();
let palette = new Palette();
let isReady = false;
let hasNewPoints = false;
let privacyAt = -Infinity;
/** Rises with each choice of the user, and with each new store. */
let choiceNumber = 0;
let frameContext;
let screen;
let schedule;
let page;

/** Makes the page in the language that is chosen. */
function build() {
  const chosen = screen?.privacy.chosen;
  for (const part of screen?.parts ?? []) part.destroy();
  observer.disconnect();
  const t = translator(choices.language);
  page = {
    t, clock, server, readMs, choose, context,
    format: formatOf(choices.language),
    announce: (text) => screen.announce(text),
    get choices() { return choices; },
    get palette() { return palette; },
    get isReady() { return isReady; },
    get choiceNumber() { return choiceNumber; },
  };
  document.documentElement.lang = choices.language;
  document.documentElement.dataset.theme = choices.theme;
  document.title = t('title');
  screen = new Screen(page);
  schedule = new Schedule(screen.parts, { requestFrame: (callback) => requestAnimationFrame(callback), readMs });
  document.body.replaceChildren(...screen.elements);
  if (chosen?.answer !== undefined) screen.privacy.adopt(chosen);
  for (const panel of screen.observed) observer.observe(panel.element);
  screen.drawHeader();
  redraw();
}

/** What all parts are drawn from. It is the same for all parts that are drawn at once, so that their numbers agree. */
function context() {
  frameContext ??= { store, range: rangeOf(choices.range, clock.nowMs), filter: choices.filter, nowMs: clock.nowMs, t: page.t };
  return frameContext;
}

function redraw() {
  frameContext = undefined;
  schedule.markAll();
}

/** The user has chosen something. */
function choose(change, { isRebuilt = false } = {}) {
  choices = { ...choices, ...change };
  choiceNumber += 1;
  history.replaceState(undefined, '', fragmentOf(choices));
  if (change.language === undefined && change.theme === undefined && !isRebuilt) {
    redraw();
    return;
  }
  const { id } = document.activeElement ?? {};
  build();
  if (id) document.getElementById(id)?.focus();
}

const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const panel = screen.observed.find(({ element }) => element === target);
    if (panel !== undefined) panel.isVisible = isIntersecting;
  }
  schedule.request();
}, { rootMargin: '200px' });

function everySecond() {
  screen.drawHeader();
  if (!isReady) return;
  if (hasNewPoints || clock.rate > 0) redraw();
  hasNewPoints = false;
  if (readMs() - privacyAt < (screen.privacy.isEmpty ? PRIVACY_EMPTY_MS : PRIVACY_MS) || document.hidden) return;
  privacyAt = readMs();
  screen.privacy.refresh();
}

build();
addEventListener('scroll', () => schedule.scrolled(), { passive: true });
addEventListener('resize', () => redraw());
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => build());
setInterval(everySecond, DRAW_MS);
openFeed('./api/stream', {
  onHello(hello) {
    server.hello = hello;
    // A history may have nothing of the last hours.
    if (hello.source.kind === 'history' && !location.hash.includes('range=')) choose({ range: { preset: '30d' } });
    clock.set(hello.clock);
    screen.drawHeader();
  },
  onStore(filled) {
    store = filled;
    choiceNumber += 1;
    palette = new Palette();
    for (const { name } of modelsByCost(store)) palette.colour('model', name);
    isReady = true;
    everySecond();
    redraw();
  },
  onPoints() {
    hasNewPoints = true;
  },
  onState(state) {
    server.state = state;
    clock.set(state.clock);
  },
  onConnection(connection) {
    server.connection = connection;
    screen.drawHeader();
  },
});
