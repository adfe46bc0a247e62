import { accessSync, constants, statSync } from 'node:fs';
import { basename } from 'node:path';
import { bash, cmd, fish, ksh, node, powershell, python, sh, zsh, type Dialect } from '../index.ts';
import { UsageError } from './usage-error.ts';

/** Each looked up on the PATH. */
const names: Readonly<Record<string, () => Dialect>> = { bash, sh, zsh, ksh, fish, python, node, powershell, cmd };

/** Programs by the beginning of their name, and how each is driven. */
const families: readonly (readonly [name: RegExp, dialect: (path: string) => Dialect])[] = [
  [/^bash/, (path) => bash({ path })],
  [/^zsh/, (path) => zsh({ path })],
  [/^ksh(93|$)/, (path) => ksh({ path })],
  [/^(sh|dash|ash)$/, (path) => sh({ path })],
  [/^node(js)?$/, (path) => node({ path })],
  [/^fish$/, (path) => fish({ path })],
  [/^python[\d.]*$/, (path) => python({ path })],
  [/^pwsh/, (path) => powershell({ path })],
  [/^powershell(\.exe)?$/i, (path) => powershell({ path, edition: 'desktop' })],
  [/^cmd(\.exe)?$/i, (path) => cmd({ path })],
  [/^busybox/, (path) => sh({ path, args: ['sh'] })],
];

/**
 * The dialect for `--shell`: one of `names`, or the path of one.
 * @throws {UsageError}
 */
export function shellFor(value: string): Dialect {
  const named = Object.hasOwn(names, value) ? names[value] : undefined;
  if (named) return named();
  const dialect = families.find(([name]) => name.test(basename(value)))?.[1];
  if (!dialect || !value.includes('/')) {
    throw new UsageError(
      `Expected --shell to be ${Object.keys(names).join(', ')}, or the path of one of them, of dash or of busybox, got '${value}'`,
    );
  }
  if (!isProgram(value)) throw new UsageError(`Expected --shell to be a program that can be run, got '${value}'`);
  return dialect(value);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
