/** In what a shell itself is otherwise than the contract says, and why: docs/dialects.md has every one of these lines. */
export const differences = {
  'a hang-up is an exit': { shells: ['zsh'], why: 'SIGHUP makes zsh exit with status 1; the others die of it.' },
  '$? of a signalled child': {
    shells: ['ksh'],
    why: '`$?` after a child that died of signal n is 256 + n in ksh; `exitCode` is 128 + n, as everywhere.',
  },
  'the trace of set +x': { shells: ['ksh'], why: '`set +x` itself is not traced by ksh.' },
  'the last newline of set -v': {
    shells: ['ksh'],
    why: 'Under `set -v` ksh shows a text without the newline at its end.',
  },
  'the output of an EXIT trap': {
    shells: ['ksh'],
    why: 'ksh undoes the redirections of a command before it runs an EXIT trap: what that writes is mostly lost, and after `set -e` the status can be 1 for it.',
  },
  'a program that has just begun': {
    shells: ['ksh'],
    why: 'An interrupt in the first milliseconds of a program in `( … )` or `$( … )` can be lost by ksh93u+m for the commands after it; in `$( … >&2)` it can make ksh write NUL bytes until it is killed.',
  },
  'HOME of one command': {
    shells: ['ksh'],
    why: '`cd` alone goes to the HOME of the shell in ksh, also where the command has another in its `env`; `cd "$HOME"` goes to that.',
  },
} as const;

export type Difference = keyof typeof differences;
