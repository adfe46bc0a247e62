import { resolve } from 'node:path';
import { Command } from '../commands/command.ts';
import { phrasesOf } from '../dialects/posix/phrases.ts';
import { messageOf, ShellwrightError } from '../errors.ts';
import type { CheckedSessionOptions } from '../options/session-options.ts';
import type { PoolContext } from './context.ts';
import type { Session } from './session.ts';

type Setup = Pick<CheckedSessionOptions, 'cwd' | 'env'>;

/**
 * Brings the shell of a new keyed session to its folder, and gives it its variables. As `init`, it is no command of a user: no policy, no events.
 * Where that fails, the shell goes back: as it was, when it did not even leave its folder, else to be replaced.
 * @throws {ShellwrightError} ERR_INIT
 */
export async function setUp<Default extends string | Buffer>(
  session: Session<Default>,
  { cwd, env }: Setup,
  pool: PoolContext,
  signal: AbortSignal,
): Promise<void> {
  let steps: (Command | undefined)[];
  try {
    steps = [cwd === undefined ? undefined : changeFolder(cwd, pool), setVariables(env, pool)];
  } catch (error) {
    // A dialect may be unable to.
    void session.release();
    throw error;
  }
  for (const [index, step] of steps.entries()) {
    if (!step) continue;
    try {
      await session.access().exec(step, { reject: true, signal });
    } catch (error) {
      // A folder that is not there has changed nothing.
      if (index > 0 || !(error instanceof ShellwrightError) || error.code !== 'ERR_COMMAND_FAILED')
        session.retire('session-ended', 'its set-up failed');
      void session.release();
      throw new ShellwrightError('ERR_INIT', `The set-up of the session failed: ${messageOf(error)}`, {
        cause: error,
        started: true,
      });
    }
  }
}

/** From the pool's folder on, wherever the last borrower left the shell. */
function changeFolder(cwd: string, { options, dialect }: PoolContext): Command {
  const folder = dialect.capabilities.localFiles ? resolve(options.cwd ?? '.', cwd) : cwd;
  return new Command(phrasesOf(dialect).changeFolder, [folder]);
}

function setVariables(env: Setup['env'], { dialect }: PoolContext): Command | undefined {
  const { setVariable, unsetVariable, and } = phrasesOf(dialect);
  const entries = Object.entries(env);
  if (entries.length === 0) return undefined;
  const steps = entries.map(([name, value]) =>
    value === undefined ? new Command([unsetVariable(name)], []) : new Command(setVariable(name), [value]),
  );
  return new Command([...steps.map((_, index) => (index === 0 ? '' : and)), ''], steps);
}
