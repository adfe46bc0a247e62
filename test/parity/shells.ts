import { bash, ksh, sh, zsh, type Dialect } from 'shellwright';

/** A shell both ways: as a dialect of the pool, and as a program that is given `-c code`, or a file. */
export interface ShellKind {
  readonly dialect: Dialect;
  readonly command: readonly [path: string, ...args: string[]];
}

export const shells = {
  bash: { dialect: bash(), command: ['bash'] },
  dash: { dialect: sh({ path: 'dash' }), command: ['dash'] },
  busybox: { dialect: sh({ path: 'busybox', args: ['sh'] }), command: ['busybox', 'sh'] },
  zsh: { dialect: zsh(), command: ['zsh', '-f'] },
  ksh: { dialect: ksh(), command: ['ksh'] },
} as const satisfies Record<string, ShellKind>;

export type ShellName = keyof typeof shells;
