import type { ExecResult, Pool, PoolOptions, Session } from '../index.ts';
import type { ContractScripts } from './scripts.ts';

/** What a case works with. */
export interface Bench {
  readonly scripts: ContractScripts;
  /** Shared by the cases. */
  readonly pool: Pool;
  /** A pool of the case's own, for it to close. */
  readonly open: (options: PoolOptions) => Pool;
}

/** One thing that every dialect promises. */
export interface Case {
  readonly name: string;
  readonly run: (bench: Bench) => Promise<void>;
}

/** Lends a shell for one case. */
export async function inSession({ pool }: Bench, use: (session: Session) => Promise<void>): Promise<void> {
  await using session = await pool.acquire();
  await use(session);
}

export function joined(
  { join = (first, second) => `${first}\n${second}` }: ContractScripts,
  ...texts: string[]
): string {
  return texts.reduce(join);
}

export function outcome({ exitCode, stdout, stderr }: ExecResult): unknown[] {
  return [exitCode, stdout, stderr];
}

/** Resolves when the command has written `text`; rejects when it ends before. */
export function said(run: ReturnType<Session['exec']>, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = '';
    run.output$.subscribe({
      next: ({ data }) => {
        seen += data.toString();
        if (seen.includes(text)) resolve();
      },
      complete: () => reject(new Error(`The command ended without ${text}: ${seen}`)),
    });
  });
}
