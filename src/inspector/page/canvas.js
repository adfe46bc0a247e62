/**
 * A canvas as wide as its place, and sharp on every screen.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {number} height px
 * @returns {{ context: CanvasRenderingContext2D, width: number, height: number } | undefined} undefined where it is not shown
 */
export function prepare(canvas, height) {
  const width = canvas.clientWidth;
  const context = canvas.getContext('2d');
  if (width === 0 || !context) return undefined;
  const ratio = devicePixelRatio || 1;
  const wide = Math.round(width * ratio);
  const high = Math.round(height * ratio);
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

/** @type {Map<string, string>} */
const colors = new Map();

/** The color that the style sheet has under this name. @param {string} name */
export function color(name) {
  const known = colors.get(name);
  if (known !== undefined) return known;
  const value = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || '#888';
  colors.set(name, value);
  return value;
}

/** The theme has changed. */
export function forgetColors() {
  colors.clear();
}
