/** How many of something a long test does: less in a run of all tests than in `npm run soak`. */
export function soaked(usual: number, soak: number): number {
  return process.env['SOAK'] === '1' ? soak : usual;
}

/** A number as a test name shows it: 10,000. */
export function shown(amount: number): string {
  return amount.toLocaleString('en');
}
