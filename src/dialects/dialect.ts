/** What a dialect's shells can do on this host; what is missing is refused, or said by `stateLost`. */
export interface Capabilities {
  /** The shell leads a process group of this host: its commands can be interrupted, and its descendants found. */
  signals: boolean;
  /** A command can be given input of its own. */
  streamInput: boolean;
  /** The shell sees this host's files. */
  localFiles: boolean;
}

/** What one command has of its own, where others have what the shell has. */
export interface Extras {
  /** A file or FIFO for stdin. */
  readonly input?: string | undefined;
  /** Where it runs; the shell is back where it was when the command has ended. */
  readonly cwd?: string | undefined;
  /** Exported to it. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** stderr goes where stdout goes. */
  readonly merge?: boolean | undefined;
  /** FIFOs to which the shell writes from now on, as something that an earlier command left behind holds those of before. */
  readonly outputs?: { readonly stdout: string; readonly stderr: string } | undefined;
  /** What it puts out is to be its value, as JSON. */
  readonly output?: 'json' | undefined;
  /** A file that holds the text: given for one of more than `Driver.longText` characters. */
  readonly textFile?: string | undefined;
}

/** A command that is to run beside others, as the shell gets it. */
export interface BackgroundWork {
  readonly text: string;
  /** Its fence on stdout is `\0`, this, a blank, the status (or `cwd`, `env`: could not be had), a blank and a newline. */
  readonly secret: string;
  /** FIFOs of its own. */
  readonly outputs: { readonly stdout: string; readonly stderr: string };
  readonly input?: string | undefined;
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly merge?: boolean | undefined;
}

/** What the fence at the end of a command said. */
export interface Report {
  exitCode: number;
  /** Of a command with `Extras`: it was not run, since one of these could not be had (`file`: its input or its text). */
  lacked?: 'cwd' | 'env' | 'file';
  /** Of a command with a `cwd`: the shell could not go back to where it was. */
  displaced?: boolean;
  /** Of a command with `output: 'json'`: why its value is none. */
  unfit?: string;
  /** The driver's loop was left by the command (a stray `break`, an interrupt): write `Driver.resume` before the next command. */
  left?: boolean;
  /** What its last expression gave. */
  value?: unknown;
  /** `$!`: the last job that was started in the background; absent or 0 where there is none, or none is told. */
  job?: number;
}

/**
 * Who writes the fence on stderr: the shell, or (`stdout`) the host, through a writing end of its own. That is as good: what the command wrote
 * to a pipe of this host is in it before the shell writes the fence on stdout, and so before the host, which has read that, writes its own.
 */
export type Fences = 'both' | 'stdout';

/** The numbers under which a driver keeps what it needs in the shell, apart from 0, 1 and 2, which are its commands'. */
export interface Descriptors {
  /** Where frames are read from. */
  readonly channel?: number;
  /** `/dev/null`. */
  readonly stdin?: number;
  readonly stdout: number;
  readonly stderr: number;
}

/**
 * How to talk to one shell process: made anew for each, as its secret is.
 *
 * The end of a command is a fence on stdout and one on stderr: `marker(tag)`, a payload and a newline (on stderr the payload is empty).
 * Nothing else ends a command.
 *
 * Where a command has a value, that stands before the fence on stdout: its UTF-8 bytes in parts, each `marker(tag)`, a `=`, base64 and a
 * newline, in all at most 4096 bytes, which a pipe takes at once, whoever else writes to it.
 */
export interface Driver {
  /** Written first: sets the shell up to take frames. */
  readonly boot: string;
  /** Where the numbers are known; then the host can see when a command takes one. */
  readonly descriptors?: Descriptors;
  /** Adds to a tag what the shell has to know of the text before it runs it. */
  label?(tag: string, text: string, isSpecial: boolean): string;
  /** The bytes, or the message, that make the shell run `text` once, and then write both fences. */
  frame(tag: string, text: string, extras?: Extras): string;
  /** Characters from which on a text is better read from a file: where the shell reads its channel byte by byte. */
  readonly longText?: number;
  /** Of the file that a text is given as: what its name ends with, and what it holds, where that is more than the text. */
  readonly textFile?: { readonly suffix: string; readonly content: (text: string) => string };
  /**
   * What both fences of the command `tag` begin with: with the secret in it, and with a first byte that does not come again in it, best one that
   * is not printed by accident.
   */
  marker(tag: string): Buffer;
  /**
   * Reads the payload of the fence on stdout; undefined when it is not one.
   * @param value the text of the command's value, up to `maxBuffer`; undefined where none was sent
   */
  report(payload: string, value?: string): Report | undefined;
  /** Written before the next frame when a report said `left`. */
  readonly resume?: string;
  /**
   * A signal that makes the shell send SIGINT to itself when it can take it; sent, on Linux, where the shell does not wait for anything.
   * One that programs ignore by default, and that scripts have no use for.
   */
  readonly relay?: NodeJS.Signals;
  /** With `Dialect.control`: the message that stops the command `tag`, in place of a signal to the shell's group. */
  cancel?(tag: string): string;
  /** With `Dialect.control`: the tag of the command of which the shell says that a program goes on in it after `cancel`: that gets a SIGINT. */
  stuck?(message: string): string | undefined;
  /** Where the program tells no status: a command that wrote to stderr has failed, with status 1. @default false */
  readonly failsByStderr?: boolean;
  /** It frames `Extras.outputs`. Without it what a command leaves running shares the pipes of the commands after it. @default false */
  readonly takesOutputs?: boolean;
  /** Marks a tag after an interrupt was sent: one that came too late must not hit the next command. */
  afterInterrupt(tag: string): string;
}

/** What is said in the shell's language without a caller's text: the words around a quoted value. */
export interface Phrases {
  /** A command that does nothing. */
  readonly nothing: string;
  /** Makes a folder the current one. */
  readonly changeFolder: readonly [before: string, after: string];
  /** Gives a variable to the programs that the shell starts. */
  readonly setVariable: (name: string) => readonly [before: string, after: string];
  readonly unsetVariable: (name: string) => string;
  /** Stands between two commands, of which the second is to run when the first has succeeded. */
  readonly and: string;
}

/** How to talk to one kind of shell: start it, frame a command, quote a value. One file each in this folder. */
export interface Dialect {
  /** For messages and logs, e.g. `bash`. */
  readonly name: string;
  readonly path: string;
  readonly args: readonly string[];
  readonly capabilities: Capabilities;
  /** Environment for the shell, above the pool's own: undefined drops a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What stdin should be, where there is a choice: a shell may read one in blocks and the other byte by byte. @default 'pipe' */
  readonly stdin?: 'pipe' | 'socket';
  /** Its commands can give what they put out as JSON: `Extras.output`. */
  readonly json?: boolean;
  /**
   * The variable that tells the shell where to connect to get frames as messages, over a local socket (process/control.ts). Its stdin is then empty.
   */
  readonly control?: string;
  driver(secret: string, fences: Fences): Driver;
  /** Whether its driver frames `Extras`: otherwise a command that is given any of them is refused. @default false */
  readonly extras?: boolean;
  /** The text that starts a command beside others, leaves the shell as it was, and writes the id of the process that waits for it. */
  background?(work: BackgroundWork): string;
  /**
   * One word of the shell's language that gives `value`, byte for byte.
   * @throws {ShellwrightError} ERR_OPTIONS for a value with a NUL or a lone surrogate
   */
  quote(value: string): string;
  /** What stands between the items of a list in a template. @default ' ' */
  readonly separator?: string;
  /** @default those of a POSIX shell */
  readonly phrases?: Phrases;
  /** Whether a value put after `text` would stand inside quotes, where it cannot be quoted. */
  insideQuotes(text: string): boolean;
}
