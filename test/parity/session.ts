import { createPool, type ExecResult, type Pool } from 'shellwright';
import type { Ground } from './ground.ts';
import { mostOutput, type Run } from './reference.ts';
import type { ShellKind } from './shells.ts';

/** What a program did in a pool. */
export interface SessionRun extends Run {
  /** The code of the library's error, if any; `hang`: a promise did not settle. */
  readonly error?: string | undefined;
  /** The same with what the shell did when it was told to exit afterwards, as the end of its text makes `<shell> -c` exit; absent where it had ended. */
  readonly exited?: Pick<Run, 'status' | 'stdout'>;
}

/** How long the library may take above its own limits. ms */
const patience = 20_000;

/** Runs a program in a fresh shell of a pool of its own, lets the shell exit, and closes the pool. */
export async function runInPool(
  { dialect }: ShellKind,
  code: string,
  ground: Ground,
  limit: number,
): Promise<SessionRun> {
  const pool = createPool({
    shell: dialect,
    max: 1,
    cwd: ground.folder,
    env: ground.env,
    extendEnv: false,
    logger: false,
    killGrace: 1_000,
    timeout: limit,
    encoding: 'buffer',
    maxBuffer: mostOutput,
  });
  const run = await soon(runIn(pool, code), limit * 2);
  const closed = await soon(
    pool.close({ timeout: limit }).then(() => true),
    limit,
  );
  return run && closed ? run : { status: 'none', stdout: '', stderr: '', late: true, error: 'hang' };
}

async function runIn(pool: Pool<Buffer>, code: string): Promise<SessionRun> {
  return pool.use(async (session) => {
    const result = await session.exec(code, { reject: false });
    const run = {
      status: statusOf(result),
      stdout: result.stdout.toString('latin1'),
      stderr: result.stderr.toString('latin1'),
      late: result.error?.code === 'ERR_TIMEOUT',
      error: result.error?.code,
    };
    if (result.shellExited || result.error) return run;
    const end = await session.exec('exit', { reject: false });
    return { ...run, exited: { status: statusOf(end), stdout: run.stdout + end.stdout.toString('latin1') } };
  });
}

function statusOf({ exitCode, signal }: ExecResult<Buffer>): number | string {
  return signal ?? exitCode ?? 'none';
}

/** Undefined when it does not settle in time. */
async function soon<T>(promise: Promise<T>, limit: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limit + patience);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
