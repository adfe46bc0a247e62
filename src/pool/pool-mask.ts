import { Secret } from '../commands/secret.ts';
import { Mask } from '../masking/mask.ts';
import type { CheckedPoolOptions } from '../options/pool-options.ts';

/** What is to be masked in all that a pool shows: what `redact` names, and the secrets of `env`. */
export function poolMask({ redact, env, shell }: CheckedPoolOptions): Mask | undefined {
  return Mask.of([...redact, ...Object.values(env).filter((value) => value instanceof Secret)], shell);
}
