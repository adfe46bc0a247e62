import { optionsError, show } from '../options/check.ts';

/** Arguments that make PowerShell read commands from its stdin, or stay for them: here they come another way. */
const reading: readonly [name: string, shortest: number, value: boolean][] = [
  ['command', 1, true],
  ['file', 1, true],
  ['inputformat', 3, true],
  ['noexit', 3, false],
];

/**
 * The arguments of PowerShell that go before its `-Command`, which is the dialect's.
 * @throws {ShellwrightError} ERR_OPTIONS for a script: it is for `initCommands`
 */
export function powershellArgs(args: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string;
    const found = reading.find(([name, shortest]) => isShortFor(arg, name, shortest));
    if (!found) kept.push(arg);
    else if (found[2]) checkValue(found[0], args[++index]);
  }
  return kept;
}

/** PowerShell takes any beginning of a name that is long enough to be told. */
function isShortFor(arg: string, name: string, shortest: number): boolean {
  const given = /^(?:--?|\/)(\w+)$/.exec(arg)?.[1]?.toLowerCase() ?? '';
  return given.length >= shortest && name.startsWith(given);
}

function checkValue(name: string, value: string | undefined): void {
  if (name === 'inputformat' || value === undefined || value === '-') return;
  throw optionsError(
    `Expected the \`processArgs\` option of StatefulProcessCommandProxy to have \`-${name} -\` or none, and its script in \`initCommands\`, got ${show(value)}`,
  );
}
