/** What the user typed cannot be done: a message for them, and exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
