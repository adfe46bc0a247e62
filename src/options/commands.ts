import { Command } from '../commands/command.ts';
import type { ShellAccess } from '../pool/access.ts';
import { expects } from './check.ts';

/** One step of `init` or `destroy`: a command, or a function that gets the shell. In `init` it must succeed. */
export type InitStep = string | Command | ((shell: ShellAccess) => unknown);

const isCommand = (value: unknown): boolean =>
  (typeof value === 'string' && !value.includes('\0')) || value instanceof Command;

export const commandLike = expects<string | Command>('a string without NUL or a command`…`', isCommand);
export const initStep = expects<InitStep>(
  'a string without NUL, a command`…` or a function',
  (value) => isCommand(value) || typeof value === 'function',
);
