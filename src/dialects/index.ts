export { bash } from './bash.ts';
export { sh } from './sh.ts';
export type { Capabilities, Dialect, Driver, Fences, Report } from './dialect.ts';
export type { LaunchOptions } from './posix/options.ts';
