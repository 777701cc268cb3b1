/** The panel that shows the next request under each privacy setting. */

import { isReplaced } from '../../../cli/preview/names.js';
import { make } from '../dom.js';
import { DEFAULT, compare, variantOf } from './compare.js';
import { rawDetails, readableDetails } from './details.js';
import { markedItem, markedList, titled } from './marks.js';

/** How many names a list shows. */
const MOST_NAMES = 30;

/** The panel. It asks the server for what the next request would contain. */
export class PrivacyPanel {
  #page;
  #setting = { ...DEFAULT };
  #content = make('div', { class: 'privacy-content', 'aria-live': 'polite' });
  #names;
  #answer;
  #problem;

  /** @param {object} page */
  constructor(page) {
    const { t } = page;
    this.#page = page;
    this.#names = this.#choice('names', ['known', 'all']);
    this.element = make(
      'aside', { class: 'privacy', id: 'privacy', 'aria-labelledby': 'title-privacy' },
      make('div', { class: 'panel-head' }, make('h2', { id: 'title-privacy' }, t('privacy')), make('button', { type: 'button', on: { click: () => this.load() } }, t('privacy.refresh'))),
      make('p', { class: 'panel-about' }, t('privacy.about')),
      this.#choice('tier', [0, 1, 2]), this.#names, this.#content,
    );
    this.#draw();
  }

  /** Whether the answer is about no turn yet, so that there is nothing to read. */
  get isEmpty() {
    return this.#answer?.turns === 0;
  }

  /** Asks the server for the newest answer, unless the user reads or uses the present one. */
  async refresh() {
    const isUsed = this.element.querySelector('details[open]') !== null || this.element.contains(document.activeElement);
    if (isUsed && !this.isEmpty) return;
    await this.load({ isQuiet: true });
  }

  /** Asks the server for the newest answer. `isQuiet`: draws nothing while there are no turns. */
  async load({ isQuiet = false } = {}) {
    try {
      const response = await fetch('./api/privacy');
      if (!response.ok) throw new Error(`status ${response.status}`);
      const answer = await response.json();
      // A screen reader reads aloud what is drawn again, so it is not drawn for nothing.
      const isSame = isQuiet && this.isEmpty && answer.turns === 0 && this.#problem === undefined;
      this.#answer = answer;
      this.#problem = undefined;
      if (isSame) return;
    } catch (error) {
      this.#problem = error;
    }
    this.#draw();
  }

  /** Takes over the choice of an earlier panel, in another language. */
  adopt({ setting, answer }) {
    this.#setting = setting;
    this.#answer = answer;
    for (const [name, value] of Object.entries(setting)) this.element.querySelector(`input[name="${name}"][value="${value}"]`).checked = true;
    this.#draw();
  }

  /** What `adopt` needs. */
  get chosen() {
    return { setting: this.#setting, answer: this.#answer };
  }

  #choice(name, values) {
    const { t } = this.#page;
    const options = values.map((value) => {
      const input = make('input', { type: 'radio', name, value, checked: this.#setting[name] === value, on: { change: () => this.#choose(name, value) } });
      return make('label', {}, input, make('span', {}, t(`privacy.${name}.${value}`)));
    });
    return make('fieldset', { class: 'choice' }, make('legend', {}, t(`privacy.${name}`)), make('div', { class: 'choice-options' }, ...options));
  }

  #choose(name, value) {
    this.#setting = { ...this.#setting, [name]: value };
    this.#draw();
  }

  #draw() {
    this.#names.disabled = this.#setting.tier !== 1;
    const open = new Set(Array.from(this.#content.querySelectorAll(':scope > details[open]'), ({ className }) => className));
    this.#write();
    for (const details of this.#content.querySelectorAll(':scope > details')) details.open = open.has(details.className);
  }

  #write() {
    const { t } = this.#page;
    if (this.#answer === undefined) {
      this.#content.replaceChildren(make('p', { class: 'panel-empty' }, t(this.#problem === undefined ? 'privacy.loading' : 'privacy.failed')));
      return;
    }
    const { variants, never, turns } = this.#answer;
    const [before, after] = [variantOf(variants, DEFAULT), variantOf(variants, this.#setting)];
    const changes = compare(before, after);
    const isDefault = before.tier === after.tier && before.names === after.names;
    this.#content.replaceChildren(
      ...this.#problem === undefined ? [] : [make('p', { class: 'panel-note' }, t('privacy.failed'))],
      make('p', { class: 'privacy-summary' }, ...isDefault ? [t('privacy.same')] : [t('privacy.compared'), make('br'), make('strong', {}, t('privacy.count', this.#numbers(changes.counts)))]),
      ...this.#situation(after),
      ...after.tier === 0 ? [make('p', { class: 'privacy-nothing' }, `○ ${t('privacy.nothing')}`)] : [this.#facts(after, turns)],
      titled(t('privacy.resource'), markedList(changes.resource.map((row) => markedItem(t, row.mark, make('code', {}, row.key), ' ', row.before === undefined ? row.value : `${row.before} → ${row.value}`)))),
      ...this.#changedNames(changes.names),
      titled(t('privacy.attributes'), markedList(changes.attributes.map(({ value, mark }) => markedItem(t, mark, make('code', {}, value))), 'inline')),
      ...this.#nameLists(after),
      ...after.limits.length === 0 ? [] : [titled(t('privacy.limits'), markedList(after.limits.map(({ attribute, metrics }) => markedItem(t, 'same', make('code', {}, attribute), ` ${metrics.join(', ')}`))))],
      make('details', { class: 'details-metrics' }, make('summary', {}, `${t('privacy.metrics')} (${this.#page.format.value(after.metrics.length)})`), markedList(changes.metrics.map(({ value, mark }) => markedItem(t, mark, make('code', {}, value))))),
      titled(t('privacy.never'), markedList(never.map((text) => make('li', { class: 'never' }, make('span', { 'aria-hidden': 'true' }, '✕ '), t.has(`never.${text}`) ? t(`never.${text}`) : text)))),
      ...after.tier === 0 ? [] : [readableDetails(after, this.#page), rawDetails(after, this.#page)],
    );
  }

  /** Why nothing is sent now. Synthetic turns are shown with the settings of an example. */
  #situation({ off }) {
    const { t, server: { hello } } = this.#page;
    const isExample = hello?.source.kind === 'synthetic';
    if (off === undefined && !isExample) return [];
    return [make('p', { class: 'panel-about' }, t(isExample ? 'privacy.example' : 'privacy.off'))];
  }

  #facts({ endpoint, protocol, compression, intervalSeconds, requests, points, bytes, sentBytes }, turns) {
    const { t, format } = this.#page;
    const rows = [
      ['privacy.to', endpoint ?? t('privacy.to.nowhere')],
      ['privacy.as', [protocol, compression].filter((part) => part !== undefined && part !== 'none').join(', ')],
      ['privacy.size', t('privacy.size.value', this.#numbers({ seconds: intervalSeconds, requests: requests.length, points, bytes, sent: sentBytes ?? bytes }))],
      ['privacy.turns', t('privacy.turns.value', { turns: format.value(turns) })],
    ];
    return make('dl', { class: 'privacy-facts' }, ...rows.flatMap(([key, text]) => [make('dt', {}, t(key)), make('dd', {}, text)]));
  }

  #changedNames(names) {
    const { t } = this.#page;
    if (names.length === 0) return [];
    const items = groups(names.map(({ kind, name, before, after }) => ({ kind, name, sent: after === name ? t('privacy.itself') : after, reason: before })));
    const item = ({ kind, names: list, sent, reason: before = '' }) => markedItem(t, 'changed', `${t(`name.${kind}`)} `, ...this.#listed(list), `: ${before} → ${sent}`);
    return [titled(t('privacy.changed'), markedList(items.map(item)))];
  }

  /** The names that are sent as they are, by kind, and those for which something else is sent. */
  #nameLists({ decisions }) {
    const { t } = this.#page;
    const sent = decisions.filter(({ reason }) => !isReplaced(reason));
    const replaced = decisions.filter(({ reason }) => isReplaced(reason));
    const kinds = [...new Set(sent.map(({ kind }) => kind))];
    const lines = kinds.map((kind) => {
      const names = [...new Set(sent.filter((each) => each.kind === kind).map((each) => each.sent))];
      return make('li', {}, make('span', { class: 'kind' }, `${t(`name.${kind}`)}: `), names.slice(0, MOST_NAMES).join(', '), names.length > MOST_NAMES ? ` ${t('privacy.more', { count: names.length - MOST_NAMES })}` : '');
    });
    const replacedItems = groups(replaced).map(({ kind, sent: instead, reason, names }) => markedItem(t, 'replaced', `${t(`name.${kind}`)} `, ...this.#listed(names), ` → ${instead} (${t(`reason.${reason}`)})`));
    return [
      ...lines.length === 0 ? [] : [titled(t('privacy.published'), markedList(lines))],
      ...replaced.length === 0 ? [] : [titled(t('privacy.replaced'), markedList(replacedItems))],
    ];
  }

  #listed(names) {
    const { t, format } = this.#page;
    const parts = names.slice(0, MOST_NAMES).flatMap((name, index) => [index === 0 ? '' : ', ', make('code', {}, name ?? t('privacy.hidden'))]);
    return names.length > MOST_NAMES ? [...parts, ` ${t('privacy.more', { count: format.value(names.length - MOST_NAMES) })}`] : parts;
  }

  #numbers(values) {
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, this.#page.format.value(value)]));
  }
}

/** Names of one kind that are replaced by the same, for the same reason. */
function groups(decisions) {
  const byKey = new Map();
  for (const { kind, name, sent, reason } of decisions) {
    const key = JSON.stringify([kind, sent, reason]);
    if (!byKey.has(key)) byKey.set(key, { kind, sent, reason, names: [] });
    byKey.get(key).names.push(name);
  }
  return [...byKey.values()];
}
