import { parseArgs } from 'node:util';
import { UsageError } from './usage-error.ts';

const options = {
  shell: { type: 'string' },
  min: { type: 'string' },
  max: { type: 'string' },
  timeout: { type: 'string' },
  json: { type: 'boolean' },
  'keep-going': { type: 'boolean' },
  inspect: { type: 'boolean' },
  port: { type: 'string' },
  open: { type: 'boolean' },
  'show-commands': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const;

export type Flag = keyof typeof options;

/** The words of a command line, told apart. */
export interface Words {
  /** The value of each flag that was given, the last one where it was given twice. */
  flags: ReadonlyMap<Flag, string>;
  positionals: string[];
}

/**
 * `parseArgs` not in its strict mode, whose messages leave the value out.
 * @throws {UsageError}
 */
export function readWords(argv: readonly string[]): Words {
  const { tokens, positionals } = parseArgs({
    args: [...argv],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const flags = new Map<Flag, string>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    if (!isFlag(name)) throw new UsageError(`Unknown option ${rawName}${value === undefined ? '' : `=${value}`}`);
    const takesValue = options[name].type === 'string';
    if (takesValue && value === undefined) throw new UsageError(`Expected a value after ${rawName}, got nothing`);
    if (!takesValue && value !== undefined)
      throw new UsageError(`Expected ${rawName} to stand alone, got ${rawName}=${value}`);
    flags.set(name, value ?? '');
  }
  return { flags, positionals };
}

function isFlag(name: string): name is Flag {
  return Object.hasOwn(options, name);
}
