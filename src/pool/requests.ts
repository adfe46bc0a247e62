import type { ShellwrightError } from '../errors.ts';
import type { Waiting } from './request-queue.ts';
import type { Borrower } from './shell-roles.ts';
import type { Shell } from './shell.ts';

/** Something that wants a shell: one command, or a lease. */
export interface Request extends Waiting, Borrower {
  /** When it was made, of `performance.now()`. */
  readonly since: number;
  /** It has got a shell. */
  readonly granted: boolean;
  /** Takes the shell. False: the shell turned out to be gone; the request goes back to the head of the queue. */
  grant(shell: Shell): boolean;
  /** It will get none. */
  fail(error: ShellwrightError): void;
}

/** What is done with shells between borrowers. It takes a shell by `tend`, and gives it back by `giveBack` or takes it out of use. */
export interface Upkeep {
  /** A borrower has let go. False: nothing is to be done, or it was taken out of use. */
  after(shell: Shell): boolean;
  /** Somebody wants it. False: it cannot be lent, not yet or not any more. */
  before(shell: Shell): boolean;
}

/** What the pool's machine hears from here: edges, not commands. */
export type DispatchEvent = { type: 'demand'; waiting: number } | { type: 'saturate' } | { type: 'drain' };
