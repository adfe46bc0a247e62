import type { Run } from './reference.ts';
import type { SessionRun } from './session.ts';

/** One program whose two runs differ. */
export interface Difference {
  readonly id: string;
  readonly code: string;
  readonly reference: Run;
  readonly session: SessionRun;
}

interface DifferenceClass {
  readonly why: string;
  fits(difference: Difference): boolean;
}

/** Why two runs may differ. The first that fits counts; docs/parity.md has every one of these lines. */
export const classes = {
  'no-end': {
    why: 'It does not end in the time it has, in either.',
    fits: ({ reference, session }) => reference.late && session.late,
  },
  hang: {
    why: 'It ends by itself with `-c`, and in the pool it has to be ended: a defect.',
    fits: ({ reference, session }) => session.error === 'hang' || (session.late && !reference.late),
  },
  'pool-error': {
    why: 'The pool says that the shell was lost: `ERR_PROTOCOL` and the like.',
    fits: ({ session }) => session.error !== undefined,
  },
  'own-names': {
    why: 'It shows all variables, functions, traps, options or descriptors that there are, those of the driver among them.',
    fits: ({ reference, session }) => ownName.test(session.stdout) && !ownName.test(reference.stdout),
  },
  'own-text': {
    why: 'It shows its own text, which is in `BASH_EXECUTION_STRING`, or in `$0` or the arguments of its process.',
    fits: ({ reference }) => /BASH_EXECUTION_STRING|\s-c\s/.test(reference.stdout),
  },
  'stray-loop-control': {
    why: 'A `break` or `continue` outside a loop ends the rest of the text in `bash()` and `zsh()`, which says so on stderr.',
    fits: ({ reference, session }) => /only meaningful|not in while/.test(`${reference.stderr}${session.stderr}`),
  },
  'syntax-error': {
    why: 'A syntax error gives status 2 and leaves the shell alive; with `-c` it can be the status of the command before, or 127.',
    fits: (difference) => difference.session.status === 2 && bothSay(difference, syntaxError),
  },
  'top-level-return': {
    why: 'A `return` outside a function ends the text and not the shell, or the shell and not the text.',
    fits: ({ code, reference, session }) =>
      /\breturn\b/.test(code) && /return: /.test(`${reference.stderr}${session.stderr}`),
  },
  'top-level-local': {
    why: '`local` outside a function ends dash with `-c`; in a session it sets the variable.',
    fits: ({ reference }) => /local: not in a function/.test(reference.stderr),
  },
  'own-options': {
    why: 'It shows `$-`, which has an `s` where the shell reads its commands as a script (`sh()`, `zsh()`, `ksh()`), and a `c` with `-c`.',
    fits: ({ code }) => code.includes('$-'),
  },
  'line-number': {
    why: 'It shows `LINENO`, and lines are counted from elsewhere.',
    fits: ({ code }) => /LINENO|BASH_LINENO|\bcaller\b/.test(code),
  },
  'exit-trap': {
    why: 'An EXIT trap that runs in a shell which has lost its streams by a trace or a redirection.',
    fits: ({ code }) => /\btrap\b[^\n]*\b(?:EXIT|0)\b/.test(code),
  },
} as const satisfies Record<string, DifferenceClass>;

export type ClassName = keyof typeof classes | 'unknown';

export function classOf(difference: Difference): ClassName {
  const known = Object.entries(classes).find(([, { fits }]) => fits(difference));
  return (known?.[0] ?? 'unknown') as ClassName;
}

const ownName = /__sw_?[a-z]?\b|\b(?:249|25[0-2])\b/;
const syntaxError = /syntax error|unexpected (?:EOF|end of file)|unterminated|unmatched|parse error/i;

function bothSay({ reference, session }: Difference, pattern: RegExp): boolean {
  return pattern.test(reference.stderr) && pattern.test(session.stderr);
}
