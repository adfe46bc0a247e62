/**
 * Texts in the language of a dialect, from which its contract is made. What the language has not is left out, and the cases that need it are too.
 */
export interface ContractScripts {
  /** Writes a value, given as `quote` gives it, to a stream: exactly, with nothing around it. */
  readonly write: (quoted: string, stream: 'stdout' | 'stderr') => string;
  /** Where what is written to stderr makes a command fail: it is then asked for stdout only. @default false */
  readonly failsByStderr?: boolean;
  /** Makes one text of two. @default a newline between them */
  readonly join?: (first: string, second: string) => string;
  /** Keeps a value, given as `quote` gives it, for later commands. */
  readonly keep: (quoted: string) => string;
  /** Writes what `keep` has kept to stdout, exactly. */
  readonly recall: string;
  /** Fails, and says so on stderr. */
  readonly fail: string;
  /** Texts that are not of the language, unfinished ones above all. */
  readonly broken: readonly string[];
  /** Fails with that status and leaves the shell as it is. */
  readonly status?: (exitCode: number) => string;
  /** Ends the shell with that status. */
  readonly exit?: (exitCode: number) => string;
  /** Kills the shell by SIGKILL. */
  readonly killed?: string;
  /** By what they do: texts that write `ready` to stdout, go on for ever, and end with status 130 by an interrupt. */
  readonly endless?: Readonly<Record<string, string>>;
  /** Writes `ready` to stdout and goes on for ever, whatever interrupts come. */
  readonly stubborn?: string;
  /** Reads stdin to its end and writes it to stdout. */
  readonly copyStdin?: string;
  /** Writes every byte, from 0 to 255, to stdout. */
  readonly everyByte?: string;
  /** Writes so many bytes to stdout. */
  readonly large?: (bytes: number) => string;
  /** Runs another program, which writes `out` to stdout and `err` to stderr, without newlines, and waits for it. */
  readonly child?: string;
  /** Leaves something running that writes `late` to stdout when the command has ended. */
  readonly late?: string;
  /** By expression: the text that its result has for `value`. */
  readonly values?: Readonly<Record<string, string | undefined>>;
}
