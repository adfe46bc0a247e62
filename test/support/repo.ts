import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repoRoot = fileURLToPath(new URL('../..', import.meta.url));

/** The script behind a tool of `devDependencies`, to be run by `process.execPath`: nothing on the PATH is needed. */
export const tools = {
  tsc: join(repoRoot, 'node_modules/typescript/bin/tsc'),
  oxlint: join(repoRoot, 'node_modules/oxlint/bin/oxlint'),
  tsx: join(repoRoot, 'node_modules/tsx/dist/cli.mjs'),
};

export interface Ran {
  readonly exitCode: number;
  /** stdout, then stderr. */
  readonly output: string;
}

/** Runs a program to its end and never rejects; a program that outlives `timeout` (ms) is killed and counts as failed. */
export function runToEnd(
  program: string,
  args: readonly string[],
  {
    cwd = repoRoot,
    timeout = 110_000,
    env = process.env,
  }: { cwd?: string; timeout?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      { cwd, timeout, env, killSignal: 'SIGKILL', maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        const killed = error?.killed === true ? `\nkilled after ${timeout} ms` : '';
        const notRun = typeof error?.code === 'string' ? `\n${error.message}` : '';
        resolve({ exitCode, output: stdout + stderr + killed + notRun });
      },
    );
  });
}

/** Every file under a folder of the repository with this ending, as paths from the root with `/`; [] without the folder. */
export function filesUnder(folder: string, ending: string): string[] {
  try {
    return readdirSync(join(repoRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith(ending))
      .map((path) => `${folder}/${path.split(sep).join('/')}`)
      .toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
