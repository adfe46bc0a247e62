import { inspect } from 'node:util';
import { optionsError } from '../options/check.ts';

/** What stands in the place of what must not be seen. */
export const mask = '***';

/** A value that the shell gets and nobody else sees: wherever it is printed, it is `***`. Made by `secret`. */
export class Secret {
  readonly #value: string;

  /** @internal */
  constructor(value: string) {
    this.#value = value;
  }

  /** @internal */
  static reveal(secret: Secret): string {
    return secret.#value;
  }

  toString(): string {
    return mask;
  }

  toJSON(): string {
    return mask;
  }

  [Symbol.toPrimitive](): string {
    return mask;
  }

  [inspect.custom](): string {
    return mask;
  }
}

/**
 * A value for `` $`…` `` and `` command`…` ``, also in arrays, for `env` and for `redact`: the shell gets it, and everything else shows `***`.
 * What is claimed, and what not, is in docs/secrets.md.
 * @throws {ShellwrightError} ERR_OPTIONS for what is no string, or an empty one: it would stand everywhere
 */
export function secret(value: string): Secret {
  // No message of these shows the value.
  if (typeof value !== 'string' || value === '')
    throw optionsError(
      `Expected the value of secret() to be a non-empty string, got ${value === '' ? 'an empty one' : typeof value}`,
    );
  if (value.includes('\0')) throw optionsError('Expected the value of secret() to have no NUL character');
  // In ES2024's types only; Node 20 has it.
  if (!(value as string & { isWellFormed(): boolean }).isWellFormed())
    throw optionsError('Expected the value of secret() to be well-formed Unicode, without lone surrogates');
  return new Secret(value);
}
