/**
 * Whether what a command does has to be looked at when it has ended. Only these redirect for good, and what is hidden from it, in a file or a
 * function, has to be loaded or made by one of them; or it speaks of what is ours.
 */
export const mayTakeOurs = /exec|source|eval|\.\s|\}[<>]|__sw|<\s*\/(?:dev|proc)\/|XTRACEFD/;

/**
 * What of ours a command takes by its own words, if it does. The driver's variables can be made such that they are not what was assigned to them
 * (`declare -u`), and who reads the pipe of stderr, which is written to by the host, takes from it what later commands write: nothing else would tell.
 */
export function takenBy(text: string): string | undefined {
  if (changesNames.test(text)) return 'it changes names that begin with __sw, which are the driver’s';
  if (readsOutput.test(text)) return 'it reads the pipe by which the shell answers';
  return tracesToOurs.test(text) ? 'it writes its trace to a descriptor that is the driver’s' : undefined;
}

const changesNames =
  /\b(?:readonly|declare|typeset|local|export|unset|integer|float|unfunction|enable|disable)\b[^\n;&|]*\b__sw|\b__sw_\w+(?:\+?=|\[)|\b__sw\w*\s*\(\s*\)/;
const readsOutput = /(?<!<)<\s*\/(?:dev|proc\/(?:self|\$\$))\/(?:std(?:out|err)|fd\/[12])\b/;
const tracesToOurs = /XTRACEFD=(?:249|25[0-2])\b/;
