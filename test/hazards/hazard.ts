/** The shells that hazards are tried in. */
export const shellNames = ['bash', 'dash', 'busybox', 'zsh', 'ksh'] as const;
export type ShellName = (typeof shellNames)[number];

/** What may come of a hazard: docs/hazards.md explains them. Whatever comes, the next answer is right, in this shell or in another. */
export const outcomes = {
  answer: 'The command ends, and its shell lives on; the next command has its right answer there.',
  exit: 'The shell ends by it: the result, or that of the next command, says `shellExited`.',
  stopped: 'It does not end by itself: `ERR_TIMEOUT`, and the shell lives on.',
  lost: 'The shell is lost: `ERR_TIMEOUT` or `ERR_PROTOCOL` with `stateLost`, at this command or the next one, or `invalid` in the result.',
} as const;
export type Outcome = keyof typeof outcomes;

interface Options {
  /** The shells that it means something to. @default all */
  in?: ShellName | readonly ShellName[];
  /** It does not end by itself, or keeps the next command from ending, in some shell. */
  hangs?: boolean;
  /** What the next command can still do: run a program, a builtin only, or all of it with noise from traps and traces. @default 'program' */
  probe?: 'program' | 'builtin' | 'noisy';
}

/** `[name, command, what is special]` */
export type Row = readonly [name: string, command: string, options?: Options];

export interface Hazard extends Required<Omit<Options, 'in'>> {
  readonly name: string;
  readonly command: string;
  readonly shells: readonly ShellName[];
}

export function hazard([name, command, options = {}]: Row): Hazard {
  const { in: shells = shellNames, hangs = false, probe = 'program' } = options;
  return { name, command, shells: [shells].flat(), hangs, probe };
}
