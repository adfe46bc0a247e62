export { bash } from './bash.ts';
export { ksh } from './ksh.ts';
export { node } from './node.ts';
export { python } from './python.ts';
export { sh } from './sh.ts';
export { zsh } from './zsh.ts';
export type { Capabilities, Dialect, Driver, Fences, Phrases, Report } from './dialect.ts';
export type { InterpreterOptions } from './interpreters/options.ts';
export type { LaunchOptions } from './posix/options.ts';
