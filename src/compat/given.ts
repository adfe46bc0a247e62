/** Programs leave an option out by `null`, by `false`, or by an empty text. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== '';
}

/** The options that say something. */
export function given(options: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => isGiven(value)));
}
