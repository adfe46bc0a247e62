import { execute } from './execute.ts';
import { help } from './help.ts';
import { parseInvocation, type Invocation } from './invocation.ts';
import type { Io } from './io.ts';
import { UsageError } from './usage-error.ts';
import { version } from '../version.ts';

/** The command line from its words to its exit status; never rejects. */
export async function cli(io: Io): Promise<number> {
  try {
    return await perform(parseInvocation(io.argv), io);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    io.stderr.write(`shellwright: ${isUsage ? error.message : describe(error)}\n`);
    if (isUsage) io.stderr.write("Try 'shellwright --help'.\n");
    return isUsage ? 2 : 1;
  }
}

async function perform(invocation: Invocation, io: Io): Promise<number> {
  if (invocation.kind === 'run') return execute(invocation, io);
  io.stdout.write(invocation.kind === 'help' ? help : `${version()}\n`);
  return 0;
}

/** The stack is for bugs; a full disk or a lost file is none. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'syscall' in error ? error.message : (error.stack ?? error.message);
}
