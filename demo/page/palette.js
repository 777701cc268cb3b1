/** Colours of series. The page has one palette, so a model has the same colour in every chart. */

/** How many colours `style/theme.css` defines as `--series-0` and so on. */
export const COLOURS = 12;

/** Gives each name a colour, in the order of their first use. */
export class Palette {
  #places = new Map();
  #taken = new Map();

  /**
   * @param {string} group such as `model`; names of different groups do not share their colours
   * @param {string} name
   * @returns {number} the number of a colour
   */
  colour(group, name) {
    const key = JSON.stringify([group, name]);
    if (!this.#places.has(key)) {
      const next = this.#taken.get(group) ?? 0;
      this.#places.set(key, next % COLOURS);
      this.#taken.set(group, next + 1);
    }
    return this.#places.get(key);
  }
}
