import { Command, commandText } from '../commands/command.ts';
import type { Secret } from '../commands/secret.ts';
import { isShellwrightError } from '../errors.ts';
import { maskedError } from '../masking/copies.ts';
import { Mask } from '../masking/mask.ts';
import type { PoolContext } from './context.ts';

/** A command as the shell gets it (`script`) and as everybody may see it (`text`). */
export interface Rendered {
  readonly script: string;
  readonly text: string;
  readonly secrets?: readonly Secret[];
  readonly mask?: Mask;
}

/** @param more secrets that it is given besides those in its text @throws {ShellwrightError} ERR_OPTIONS */
export function renderCommand(
  pool: PoolContext,
  given: unknown,
  where: string,
  more: readonly Secret[] = [],
): Rendered {
  const { dialect, mask } = pool;
  const script = scriptOf(pool, given, where);
  const secrets = given instanceof Command ? [...given.secrets, ...more] : more;
  if (secrets.length === 0) return mask ? { script, text: mask.text(script), mask } : { script, text: script };
  const all = Mask.with(mask, secrets, dialect) as Mask;
  // By place first, and then by what they are: a value can also stand in the template itself.
  return { script, text: all.text(given instanceof Command ? given.show(dialect) : script), secrets, mask: all };
}

/** The text as the shell gets it. @throws {ShellwrightError} ERR_OPTIONS */
export function scriptOf({ dialect, mask }: PoolContext, given: unknown, where: string): string {
  try {
    return commandText(given, dialect, where);
  } catch (error) {
    // Its message quotes the text.
    throw mask && isShellwrightError(error) ? maskedError(error, mask) : error;
  }
}
