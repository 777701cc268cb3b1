/** Decides when parts of the page are drawn. */

/** How long drawing may take in one frame, in milliseconds. The rest waits for the next frame. */
const BUDGET_MS = 6;
/** How long after the last scroll event drawing is put off. */
const SCROLL_MS = 120;

/**
 * @typedef {object} Part something that is drawn
 * @property {boolean} isVisible
 * @property {boolean} isStale whether it is to be drawn
 * @property {boolean} isNew whether it was never drawn
 * @property {() => void} draw
 */

/** Draws the stale parts that are visible, a few in each frame. While the user scrolls, only new ones are drawn. */
export class Schedule {
  #parts;
  #requestFrame;
  #readMs;
  #isRequested = false;
  #scrolledAt = -Infinity;
  #turn = 0;
  /** When each part was drawn last, as a number that rises. */
  #turns = new Map();

  /**
   * @param {Part[]} parts
   * @param {object} platform
   * @param {(callback: () => void) => void} platform.requestFrame
   * @param {() => number} platform.readMs
   */
  constructor(parts, { requestFrame, readMs }) {
    this.#parts = parts;
    this.#requestFrame = requestFrame;
    this.#readMs = readMs;
  }

  /** All parts are to be drawn again, when they are visible. */
  markAll() {
    for (const part of this.#parts) part.isStale = true;
    this.request();
  }

  /** The user scrolls. */
  scrolled() {
    this.#scrolledAt = this.#readMs();
  }

  /** Asks for a frame, at most once at a time. */
  request() {
    if (this.#isRequested) return;
    this.#isRequested = true;
    this.#requestFrame(() => {
      this.#isRequested = false;
      this.#frame();
    });
  }

  #frame() {
    const start = this.#readMs();
    const isScrolling = start - this.#scrolledAt < SCROLL_MS;
    const waiting = this.#parts.filter(({ isVisible, isStale }) => isVisible && isStale);
    const drawable = isScrolling ? waiting.filter(({ isNew }) => isNew) : waiting;
    // The part that was drawn longest ago comes first. Otherwise a slow machine would draw only the first parts.
    drawable.sort((one, other) => (this.#turns.get(one) ?? 0) - (this.#turns.get(other) ?? 0));
    for (const part of drawable) {
      if (this.#readMs() - start > BUDGET_MS) break;
      part.isStale = false;
      part.isNew = false;
      this.#turns.set(part, this.#turn += 1);
      part.draw();
    }
    if (this.#parts.some(({ isVisible, isStale }) => isVisible && isStale)) this.request();
  }
}
