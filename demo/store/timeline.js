'use strict';

/**
 * @typedef {object} Layout
 * @property {number} fineMs length of a fine slot
 * @property {number} pageSlots how many fine slots one coarse slot has
 * @property {number} pages how many pages of fine slots are kept
 * @property {number} coarseMs length of a coarse slot
 * @property {number} coarseSlots how many coarse slots are kept
 */

/**
 * The values of one series over time, in a bounded amount of memory.
 *
 * One page has the fine slots of one coarse slot. A page that becomes too old is merged into its coarse slot. So each point
 * is counted in one place only, and a sum is the same whichever slots it is read from.
 */
class Timeline {
  #layout;
  #cells;
  #pages;
  #coarse;
  #newest = -Infinity;
  #latest;

  /**
   * @param {Layout} layout
   * @param {import('./cells').Cells} cells
   */
  constructor(layout, cells) {
    this.#layout = layout;
    this.#cells = cells;
    this.#pages = Array.from({ length: layout.pages });
  }

  /** The newest point: `{timeMs, value}`; undefined before the first one. */
  get latest() {
    return this.#latest;
  }

  /** The first and the last coarse slot that can have values, as numbers since 1970. */
  get span() {
    return { first: Math.max(0, this.#newest - this.#layout.coarseSlots + 1), last: this.#newest };
  }

  /** The coarse slots that have values, as numbers since 1970, oldest first. */
  * hours() {
    const { first, last } = this.span;
    for (let hour = first; hour <= last; hour += 1) {
      const value = this.#coarse?.[hour % this.#layout.coarseSlots];
      if (this.#pageOf(hour) !== undefined || this.#coarse !== undefined && !this.#cells.isEmpty(value)) yield hour;
    }
  }

  /**
   * @param {number} timeMs
   * @param {unknown} value
   * @returns {boolean} false if the point has no usable value or is too old
   */
  add(timeMs, value) {
    if (!Number.isFinite(timeMs) || timeMs < 0 || !this.#cells.accepts(value)) return false;
    // An increase of zero changes nothing. It must not make older values leave, because a replay does not contain it.
    if (this.#cells.isEmpty(value)) return true;
    const { coarseMs, coarseSlots, fineMs, pages } = this.#layout;
    const hour = Math.floor(timeMs / coarseMs);
    if (hour <= this.#newest - coarseSlots) return false;
    if (hour > this.#newest) this.#advance(hour);
    if (hour <= this.#newest - pages) this.#mergeCoarse(hour, value);
    else this.#mergeFine(hour, Math.floor((timeMs - hour * coarseMs) / fineMs), timeMs, value);
    if (this.#latest === undefined || timeMs >= this.#latest.timeMs) this.#latest = { timeMs, value };
    return true;
  }

  /**
   * Visits the slots that begin in a range of time and have a value, oldest first.
   * @param {number} fromMs
   * @param {number} toMs excluded
   * @param {(startMs: number, value: unknown) => void} visit
   * @param {number} [blockMs] slots within a block of this length, a fraction of a coarse slot, may be visited as one
   */
  each(fromMs, toMs, visit, blockMs) {
    const { coarseMs } = this.#layout;
    const { first, last } = this.span;
    const end = Math.min(last, Math.ceil(toMs / coarseMs) - 1);
    for (let hour = Math.max(first, Math.floor(fromMs / coarseMs)); hour <= end; hour += 1) {
      const isWhole = blockMs !== undefined && hour * coarseMs >= fromMs && (hour + 1) * coarseMs <= toMs;
      if (isWhole && this.#pageOf(hour) !== undefined) this.#eachBlock(this.#pageOf(hour), blockMs, visit);
      else this.eachOf(hour, fromMs, toMs, visit);
    }
  }

  /** As `each`, for one coarse slot. */
  eachOf(hour, fromMs, toMs, visit) {
    const { coarseMs, fineMs, pageSlots } = this.#layout;
    const startMs = hour * coarseMs;
    const page = this.#pageOf(hour);
    if (page === undefined) {
      const isInside = startMs >= fromMs && startMs < toMs && hour >= this.span.first && hour <= this.span.last;
      const value = this.#coarse?.[hour % this.#layout.coarseSlots];
      if (isInside && this.#coarse !== undefined && !this.#cells.isEmpty(value)) visit(startMs, value);
      return;
    }
    const begin = Math.max(0, Math.ceil((fromMs - startMs) / fineMs));
    const end = Math.min(pageSlots, Math.ceil((toMs - startMs) / fineMs));
    for (let slot = begin; slot < end; slot += 1) {
      const value = page.slots[slot];
      if (!this.#cells.isEmpty(value)) visit(startMs + slot * fineMs, value);
    }
  }

  /** Most pages do not change any more, so their blocks are kept: drawing a day again reads only the newest page. */
  #eachBlock(page, blockMs, visit) {
    const blocks = page.blocks.get(blockMs) ?? this.#blocksOf(page.slots, blockMs / this.#layout.fineMs);
    page.blocks.set(blockMs, blocks);
    const startMs = page.hour * this.#layout.coarseMs;
    for (let index = 0; index < blocks.length; index += 1) if (!this.#cells.isEmpty(blocks[index])) visit(startMs + index * blockMs, blocks[index]);
  }

  /** Increases are added to the blocks, too. Where the newest value counts, the blocks are made again. */
  #updateBlocks({ blocks }, slot, value) {
    if (this.#cells.isReplaced) {
      blocks.clear();
      return;
    }
    for (const [blockMs, values] of blocks) {
      const block = Math.floor(slot * this.#layout.fineMs / blockMs);
      values[block] = this.#cells.merge(values[block], value);
    }
  }

  #blocksOf(slots, length) {
    const blocks = this.#cells.allocate(slots.length / length);
    for (let slot = 0; slot < slots.length; slot += 1) {
      const block = Math.floor(slot / length);
      if (!this.#cells.isEmpty(slots[slot])) blocks[block] = this.#cells.merge(blocks[block], slots[slot]);
    }
    return blocks;
  }

  /** Makes room for a newer coarse slot. */
  #advance(hour) {
    const { coarseSlots, pages } = this.#layout;
    const before = this.#newest;
    this.#newest = hour;
    this.#clearCoarse(Math.max(before + 1, hour - coarseSlots + 1), hour);
    for (const [position, page] of this.#pages.entries()) {
      if (page === undefined || page.hour > hour - pages) continue;
      this.#pages[position] = undefined;
      if (page.hour > hour - coarseSlots) for (const value of page.slots) if (!this.#cells.isEmpty(value)) this.#mergeCoarse(page.hour, value);
    }
  }

  /** The ring's places of these coarse slots may have values of older ones. */
  #clearCoarse(first, last) {
    if (this.#coarse === undefined) return;
    const [empty] = this.#cells.allocate(1);
    for (let hour = first; hour <= last; hour += 1) this.#coarse[hour % this.#layout.coarseSlots] = empty;
  }

  #mergeCoarse(hour, value) {
    const { coarseSlots } = this.#layout;
    this.#coarse ??= this.#cells.allocate(coarseSlots);
    this.#coarse[hour % coarseSlots] = this.#cells.merge(this.#coarse[hour % coarseSlots], value);
  }

  #mergeFine(hour, slot, timeMs, value) {
    const { pages, pageSlots } = this.#layout;
    const page = this.#pageOf(hour) ?? { hour, slots: this.#cells.allocate(pageSlots), blocks: new Map() };
    this.#pages[hour % pages] = page;
    // A gauge's point that comes late does not replace a newer value of the same slot.
    if (this.#cells.isReplaced && this.#isOlderInSlot(timeMs)) return;
    page.slots[slot] = this.#cells.merge(page.slots[slot], value);
    this.#updateBlocks(page, slot, value);
  }

  #isOlderInSlot(timeMs) {
    const { fineMs } = this.#layout;
    return this.#latest !== undefined && timeMs < this.#latest.timeMs && Math.floor(timeMs / fineMs) === Math.floor(this.#latest.timeMs / fineMs);
  }

  #pageOf(hour) {
    const page = this.#pages[hour % this.#layout.pages];
    return page?.hour === hour ? page : undefined;
  }
}

/**
 * @param {Layout} layout
 * @param {number} fromMs where a grid begins
 * @param {number} stepMs
 * @returns {number|undefined} the largest block of slots that a step is made of; undefined if steps and pages do not begin
 *   together
 */
function blockOf({ coarseMs, fineMs }, fromMs, stepMs) {
  if (stepMs % fineMs !== 0) return undefined;
  const blockMs = stepMs % coarseMs === 0 ? coarseMs : stepMs;
  return coarseMs % blockMs === 0 && fromMs % blockMs === 0 ? blockMs : undefined;
}

module.exports = { Timeline, blockOf };
