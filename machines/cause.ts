/** Inspectors copy and print contexts and events, so a cause is one short text and never an error object. */
const longestCause = 500;

/** An error as one short text. */
export function causeOf(error: unknown): string {
  const text = error instanceof Error ? error.message : typeof error === 'string' ? error : `${typeof error} thrown`;
  return text.slice(0, longestCause);
}

/** Whether an error says of itself, with `fatal: true`, that trying again is useless. */
export function isFatal(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'fatal' in error && error.fatal === true;
}
