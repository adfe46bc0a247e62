export { bash } from './bash.ts';
export { cmd } from './cmd.ts';
export { defineDialect, type DialectDefinition } from './define.ts';
export { fish } from './fish.ts';
export { ksh } from './ksh.ts';
export { node } from './node.ts';
export { powershell } from './powershell.ts';
export { python } from './python.ts';
export { sh } from './sh.ts';
export { zsh } from './zsh.ts';
export type { CmdOptions } from './cmd/options.ts';
export type {
  BackgroundWork,
  Capabilities,
  Descriptors,
  Dialect,
  Driver,
  Extras,
  Fences,
  Phrases,
  Report,
} from './dialect.ts';
export type { InterpreterOptions } from './interpreters/options.ts';
export type { LaunchOptions } from './posix/options.ts';
export type { PowerShellOptions } from './powershell/options.ts';
