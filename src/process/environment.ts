import { Secret } from '../commands/secret.ts';

/** Variables through which the environment makes a shell run or report something of its own: never passed on. */
const hazards =
  /^(BASH_ENV|ENV|ZDOTDIR|FPATH|ARGV0|REPORTTIME|TMOUT|SHELLOPTS|BASHOPTS|BASH_XTRACEFD|PROMPT_COMMAND|PS4|POSIXLY_CORRECT|CDPATH|GLOBIGNORE|IFS|BASH_FUNC_.*|__sw.*)$/s;

/** The environment of a shell: the host's (when extended), the pool's, the dialect's, without hazards and undefined values. */
export function shellEnvironment(
  extend: boolean,
  ...layers: (Readonly<Record<string, string | Secret | undefined>> | undefined)[]
): Record<string, string> {
  const merged: Record<string, string | Secret | undefined> = Object.assign(
    {},
    extend ? process.env : undefined,
    ...layers,
  );
  const entries = Object.entries(merged).filter(([name, value]) => value !== undefined && !hazards.test(name));
  return Object.fromEntries(
    entries.map(([name, value]) => [name, value instanceof Secret ? Secret.reveal(value) : (value as string)]),
  );
}
