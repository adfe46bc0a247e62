import type { RemovalReason } from '../../machines/reasons.ts';
import type { ProcessEvent } from '../../machines/shell/types.ts';

/** Who holds a shell. */
export interface Borrower {
  /** Of its keyed session. */
  readonly key?: string | undefined;
  /** The shell must not be used again; what runs in it has ended or is about to. */
  shellLost(): void;
}

/** What is done with a shell that nobody holds, and that cannot be lent meanwhile. */
export type UpkeepState = 'validating' | 'checking' | 'resetting';

/** What the shell's actor is told. */
export type Tell = (
  event:
    | ProcessEvent
    | { type: 'borrow' }
    | { type: 'return' }
    | { type: 'validate' | 'check' | 'reset' }
    | { type: 'invalidate'; reason: RemovalReason; cause?: string }
    | { type: 'retire' | 'kill'; reason: RemovalReason },
) => void;
