import { ShellwrightError } from '../errors.ts';
import type { ResultFields } from '../execution/fields.ts';
import type { ExecResult } from '../execution/result.ts';
import type { Mask } from './mask.ts';
import { maskedValue } from './values.ts';

type Output = string | Buffer;

/** A result as others than its caller may see it. */
export function maskedResult(result: ExecResult<Output>, mask: Mask): ExecResult<Output> {
  const { error, ...fields } = result;
  return { ...maskedFields(fields, mask), ...(error && { error: maskedError(error, mask) }) };
}

/** The fields of a result with the output masked as well as the command, which always is: an error has them so, since errors are logged whole. */
export function maskedFields<Fields extends ResultFields<Output>>(fields: Fields, mask: Mask): Fields {
  const { stdout, stderr, value, truncated, meta } = fields;
  return {
    ...fields,
    stdout: mask.output(stdout, truncated !== false && truncated.stdout > 0),
    stderr: mask.output(stderr, truncated !== false && truncated.stderr > 0),
    ...(value !== undefined && {
      value: maskedResultValue(value, truncated !== false && truncated.value !== undefined, mask),
    }),
    ...(meta !== undefined && { meta: maskedValue(meta, mask) }),
  };
}

function maskedResultValue(value: unknown, isCut: boolean, mask: Mask): unknown {
  return typeof value === 'string' ? mask.output(value, isCut) : maskedValue(value, mask);
}

/** A copy of which message, stack, fields and causes are masked. */
export function maskedError(error: ShellwrightError, mask: Mask): ShellwrightError {
  const cause = maskedValue(error.cause, mask);
  const copy = new ShellwrightError(error.code, mask.text(error.message), { started: error.started, cause });
  const own: Partial<ResultFields<Output>> = Object.fromEntries(Object.entries(error));
  Object.assign(copy, hasOutput(own) ? maskedFields(own, mask) : own);
  copy.stack = mask.text(error.stack ?? '');
  return copy;
}

function hasOutput(fields: Partial<ResultFields<Output>>): fields is ResultFields<Output> {
  return fields.stdout !== undefined;
}
