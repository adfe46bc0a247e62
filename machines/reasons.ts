/**
 * Every reason for which a shell leaves its pool; the one list of them.
 *
 * A removal always carries a reason, as in Elixir's NimblePool and in poolboy.
 */
export const removalReasons = [
  /** The process ended by itself. */
  'exited',
  /** No process could be started. */
  'spawn-failed',
  /** The set-up of a new shell failed. */
  'init-failed',
  /** Starting and setting up took longer than `initTimeout`. */
  'init-timeout',
  /** Nobody had borrowed it for `idleTimeout`, and the pool was above `min`. */
  'idle-timeout',
  /** A command had to be killed, and the shell's state went with it. */
  'state-lost',
  /** What came from the shell cannot be told apart any more, so no further result could be trusted. */
  'protocol-error',
  /** Its user asked for it: `session.invalidate()`. */
  'invalidated',
  /** It ran `maxUses` commands. */
  'max-uses',
  /** It lived for `maxLifetime`. */
  'max-lifetime',
  /** What a command wrote matched `invalidateOn`. */
  'pattern-matched',
  /** `validate` said no, or did not decide in time. */
  'validate-failed',
  /** A health check spoke against it, or did not end in time. */
  'health-failed',
  /** Its borrower has let go, and the pool has a new shell for each: `reset: 'respawn'`. */
  'reset',
  /** A command of `reset` failed, or did not end in time. */
  'reset-failed',
  /** The keyed session that held it has ended: its state is nobody else's. */
  'session-ended',
  /** The pool closed, and let it end in its own time. */
  'pool-closed',
  /** The pool closed by force, or its time to close was over. */
  'pool-killed',
] as const;

/** Why a shell left its pool. */
export type RemovalReason = (typeof removalReasons)[number];

/** Whether a shell that leaves for this reason still answers, so that its `destroy` commands can run. */
export function isInStep(reason: RemovalReason): boolean {
  return reason !== 'state-lost' && reason !== 'protocol-error';
}
