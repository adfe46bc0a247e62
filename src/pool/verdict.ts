import type { ResultFields } from '../execution/fields.ts';
import type { CheckedPattern, CheckedPolicy } from '../options/patterns.ts';

type Output = Pick<ResultFields<string | Buffer>, 'stdout' | 'stderr'>;

/** What the output says against the shell, by the first pattern that does; undefined when none does. It looks at the kept, decoded text. */
export function verdictOn(output: Output, patterns: readonly CheckedPattern[]): string | undefined {
  const found = patterns.find(({ stream, pattern, on }) => {
    const streams = stream === 'any' ? (['stdout', 'stderr'] as const) : ([stream] as const);
    const matches = streams.some((name) => pattern.test(output[name].toString()));
    return matches === (on === 'match');
  });
  if (!found) return undefined;
  const where = found.stream === 'any' ? 'stdout or stderr' : found.stream;
  return found.on === 'match' ? `${where} matched ${found.pattern}` : `${where} did not match ${found.pattern}`;
}

/**
 * Why the policy refuses a command; undefined when it does not.
 * @param script what the shell would get: it is what the policy is about
 * @param text how the command is shown
 */
export function refusalOf(script: string, policy: CheckedPolicy | undefined, text: string): string | undefined {
  if (!policy) return undefined;
  const denied = policy.deny.find((pattern) => pattern.test(script));
  if (denied) return `The command is denied by the policy (${denied}): ${text}`;
  if (!policy.allow || policy.allow.some((pattern) => pattern.test(script))) return undefined;
  return `The command is not among those that the policy allows (${policy.allow.join(', ') || 'none'}): ${text}`;
}
