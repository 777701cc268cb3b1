/**
 * Copies a text.
 * @param {string} text
 * @returns {Promise<boolean>} whether the browser allowed it
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // The browser can refuse it, for example without a click. The caller reports that.
    return false;
  }
}
