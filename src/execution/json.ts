import { messageOf, ShellwrightError } from '../errors.ts';
import { maskedFields } from '../masking/copies.ts';
import type { Mask } from '../masking/mask.ts';
import type { ResultFields } from './fields.ts';

/** The error for output that is not JSON. */
export function notJson(
  fields: ResultFields<string | Buffer>,
  cause: unknown,
  mask: Mask | undefined,
): ShellwrightError {
  const shown = mask ? maskedFields(fields, mask) : fields;
  // The parser quotes the output, clipped anywhere: where a part of that is masked, it does not say more.
  const why = shown.stdout === fields.stdout ? { cause } : undefined;
  return new ShellwrightError(
    'ERR_OUTPUT',
    `The output is not JSON${why ? ` (${messageOf(cause)})` : ''}: ${shown.command}`,
    { ...why, started: true },
    shown,
  );
}
