export { bash } from './bash.ts';
export { ksh } from './ksh.ts';
export { sh } from './sh.ts';
export { zsh } from './zsh.ts';
export type { Capabilities, Dialect, Driver, Fences, Report } from './dialect.ts';
export type { LaunchOptions } from './posix/options.ts';
