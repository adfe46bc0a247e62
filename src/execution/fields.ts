/** Output omitted by `maxBuffer`, in bytes per stream. */
export interface Truncation {
  stdout: number;
  stderr: number;
  /** Of the value, where that was too large; of a value that is no text there is then none. */
  value?: number;
}

/** What is known of a command that ran: the fields of a result, and of an error where the command had begun. */
export interface ResultFields<Output extends string | Buffer = string> {
  /** Unique within this process. */
  id: string;
  /** The command text as the shell got it. */
  command: string;
  /** The status, 0 to 255; absent when the shell itself died of a signal, or when the command was stopped before it reported. */
  exitCode?: number;
  /** Set only when the shell itself died of it; a child's signal n is `exitCode` 128 + n. */
  signal?: NodeJS.Signals;
  /** What its last expression gave, apart from what it printed: only in shells that tell (`python()`, `node()`, as text); absent where there is none. */
  value?: unknown;
  /** Byte for byte what was written: nothing is trimmed. */
  stdout: Output;
  stderr: Output;
  /** A status other than 0, or a signal. */
  failed: boolean;
  /** The shell ended under the command (`exit`, `exec`, a signal) and was replaced. */
  shellExited: boolean;
  /** `false`, or the omitted bytes. */
  truncated: false | Truncation;
  /** From the first byte written to the shell to the end of its answer, ms. */
  durationMs: number;
  /** In the queue, ms. */
  waitMs: number;
  /** Epoch ms. */
  startedAt: number;
  /** Why it made the shell invalid: by its output (`invalidateOn`), or by taking descriptors of the driver. The shell is out of use by now. */
  invalid?: string;
  /** As given to the command. */
  meta?: Readonly<Record<string, unknown>>;
  /** The pool's name. */
  pool: string;
  /** The slot that ran it, e.g. `shell.0`; absent when nothing ran. */
  shellId?: string;
  /** Of the shell that ran it; absent when nothing ran. */
  pid?: number;
  /** The lease it ran in, if it ran in one. */
  sessionId?: string;
}
