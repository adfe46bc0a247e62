import type { Command, CommandValue } from '../commands/command.ts';
import type { Execution } from '../execution/execution.ts';
import type { ExecResult } from '../execution/result.ts';
import type { ExecOptions } from '../options/exec-options.ts';
import type { ShellStatus } from './status.ts';

/** The type of the output for the type of some options: told by `encoding` where that is known, else either. */
export type OutputOf<Options, Default extends string | Buffer> = Options extends { encoding: 'buffer' }
  ? Buffer
  : Options extends { encoding: 'utf8' }
    ? string
    : 'encoding' extends keyof Options
      ? string | Buffer
      : Default;

/** No options given: nothing says of the encoding. */
export type NoOptions = Omit<ExecOptions, 'encoding'>;

/** Runs a template with quoted values, and rejects when the command fails; called with options, it gives one bound to them. */
export interface ShellTag<Default extends string | Buffer = string> {
  (strings: TemplateStringsArray, ...values: CommandValue[]): Execution<Default>;
  <const Options extends ExecOptions>(options: Options): ShellTag<OutputOf<Options, Default>>;
}

/** What runs commands: a pool, a session, or the shell that `init` gets. */
export interface CommandRunner<Default extends string | Buffer = string> {
  /**
   * Runs one command. Never throws: it rejects, when the command could not run or was stopped (`error.code` says why),
   * and with `reject: true` also when it failed.
   */
  exec<const Options extends ExecOptions = NoOptions>(
    command: string | Command,
    options?: Options,
  ): Execution<OutputOf<Options, Default>>;
  /** Runs all commands in one shell, in order. Rejects at the first that could not run; with `reject: true` also at the first that failed. */
  execAll<const Options extends ExecOptions = NoOptions>(
    commands: readonly (string | Command)[],
    options?: Options,
  ): Promise<ExecResult<OutputOf<Options, Default>>[]>;
  /** Runs a template; its values are quoted by the dialect. */
  readonly $: ShellTag<Default>;
  /** One word of the shell's language for a value; several for an array. @throws {ShellwrightError} ERR_OPTIONS */
  quote(value: CommandValue): string;
}

/** One shell, as `init` sees it. */
export interface ShellAccess extends CommandRunner {
  /** The slot, e.g. `shell.0`. */
  readonly shellId: string;
  readonly pid: number;
}

/** An idle shell, as `validate` sees it: its status, and commands in it, which are neither counted nor published. */
export interface IdleShell extends ShellAccess, Readonly<ShellStatus> {}
/** A lease on one shell: its commands run in order, with the shell's state to themselves. */
export interface Session<Default extends string | Buffer = string> extends CommandRunner<Default>, AsyncDisposable {
  readonly id: string;
  /** The slot of its shell, e.g. `shell.0`. */
  readonly shellId: string;
  readonly pid: number;
  /**
   * Runs one command beside the others: in a subshell of the session's shell, with its folder, variables and functions as they are when its turn
   * comes, and with live output of its own. It is ended, not waited for, when the session is released. To interrupt it is SIGTERM.
   *
   * In `bash()`, `sh()`, `zsh()` and `ksh()` on this host: elsewhere ERR_OPTIONS.
   */
  background<const Options extends ExecOptions = NoOptions>(
    command: string | Command,
    options?: Options,
  ): Execution<OutputOf<Options, Default>>;
  /** Takes the shell out of use: it is replaced once the session is released. Later calls get ERR_SESSION_LOST. */
  invalidate(reason?: string): void;
  /** Gives the shell back when what was given before has ended. Later calls get ERR_SESSION_RELEASED. */
  release(): Promise<void>;
}

/** One caller's hold on the session of a key: each call of `pool.session` gives one, and those of a key share a shell and its state. */
export interface KeyedSession<Default extends string | Buffer = string> extends Session<Default> {
  readonly key: string;
  /** The state is new, and this is the first to get it: of all who share it, one is told so. */
  readonly fresh: boolean;
  /** Resolves when what was given here has ended. The session stays until it is idle; later calls here get ERR_SESSION_RELEASED. */
  release(): Promise<void>;
  /** Ends the session, for all who share it, when what was given has ended; its shell is replaced. */
  end(): Promise<void>;
}
