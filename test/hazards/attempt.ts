import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bash, createPool, ksh, sh, zsh, type Dialect, type ExecResult, type Pool, type Session } from 'shellwright';
import type { Hazard, Outcome, ShellName } from './hazard.ts';

export const dialects: Record<ShellName, Dialect> = {
  bash: bash(),
  dash: sh({ path: 'dash' }),
  busybox: sh({ path: 'busybox', args: ['sh'] }),
  zsh: zsh(),
  ksh: ksh(),
};

/** What came of a hazard, and what is wrong with what came next, if anything. */
export interface Attempt {
  readonly outcome: Outcome;
  readonly wrong?: string;
}

export interface Tried {
  readonly hazard: Hazard;
  readonly attempt: Attempt;
}

/** Whether it is one of those known: whether a shell that does not end by itself is kept or lost depends on how busy the machine is. */
export function isKnown(outcome: Outcome, known: readonly Outcome[] = []): boolean {
  const either: readonly Outcome[] = ['stopped', 'lost'];
  return known.includes(outcome) || (either.includes(outcome) && known.some((each) => either.includes(each)));
}

/** For what ends by itself, and for what does not. ms */
const patience = 30_000;
const impatience = 2_000;
/** How many are tried at once: most of the time goes into waiting. */
const width = 12;

/** A command whose answer is known, and that no function or alias changes: it runs a program. */
const program = `/bin/sh -c 'echo out; echo err >&2; exit 7'`;
const builtin = `\\echo out; \\echo err >&2; [ a = b ]`;

/** Tries every hazard that means something to the shell, each in a fresh one and in an empty folder. */
export async function attemptAll(shell: ShellName, hazards: readonly Hazard[], folder: string): Promise<Tried[]> {
  const pool = createPool({
    shell: dialects[shell],
    max: width * 2,
    reset: 'respawn',
    logger: false,
    killGrace: 400,
    timeout: patience,
  });
  const tried: Tried[] = [];
  const waiting = hazards.filter(({ shells }) => shells.includes(shell)).entries();
  const worker = async (): Promise<void> => {
    for (const [index, each] of waiting) {
      const own = join(folder, `${index}`);
      mkdirSync(own);
      tried[index] = { hazard: each, attempt: await attempt(pool, each, own) };
    }
  };
  try {
    await Promise.all(Array.from({ length: width }, worker));
    return tried;
  } finally {
    await pool.close({ force: true });
  }
}

/** Runs a hazard in a shell of the pool, and the probe after it: in that shell, and where it is lost, in another. */
async function attempt(pool: Pool, hazard: Hazard, folder: string): Promise<Attempt> {
  const { command, hangs } = hazard;
  const session = await pool.acquire();
  try {
    await session.exec(`cd '${folder}'`);
    const first = await session.exec(command, { reject: false, timeout: hangs ? impatience : patience });
    const driver = driverText.exec(`${first.stdout}${first.stderr}`)?.[0];
    if (driver !== undefined && !first.error && first.invalid === undefined && !command.includes('__sw'))
      return { outcome: 'answer', wrong: `it shows ${driver}` };
    const outcome = outcomeOf(first);
    const isGone = outcome === 'exit' || outcome === 'lost';
    return isGone ? await inAnother(pool, first.pid, outcome) : await inTheSame(pool, session, hazard, outcome);
  } finally {
    await session.release();
  }
}

async function inTheSame(pool: Pool, session: Session, { hangs, probe }: Hazard, outcome: Outcome): Promise<Attempt> {
  const next = await session.exec(probe === 'builtin' ? builtin : program, {
    reject: false,
    timeout: hangs ? impatience : patience,
  });
  if (next.error) return inAnother(pool, next.pid, 'lost');
  // A shell that ends of what the command before did to it says so.
  if (next.signal !== undefined || (next.shellExited && next.stdout === '' && next.stderr === ''))
    return inAnother(pool, next.pid, 'exit');
  const wrong = wrongIn(next, probe);
  return { outcome, ...(wrong !== undefined && { wrong }) };
}

async function inAnother(pool: Pool, pid: number | undefined, outcome: Outcome): Promise<Attempt> {
  const next = await pool.exec(program, { reject: false });
  const wrong = next.pid === pid ? `the shell was not replaced` : wrongIn(next, 'program');
  return { outcome, ...(wrong !== undefined && { wrong: `in another shell: ${wrong}` }) };
}

function outcomeOf({ error, shellExited, invalid }: ExecResult): Outcome {
  if (error) return error.code === 'ERR_TIMEOUT' && error.stateLost === false ? 'stopped' : 'lost';
  if (shellExited) return 'exit';
  return invalid === undefined ? 'answer' : 'lost';
}

function wrongIn({ stdout, stderr, exitCode, error }: ExecResult, probe: Hazard['probe']): string | undefined {
  const isRight =
    (probe === 'noisy' ? stdout.includes('out\n') : stdout === 'out\n') &&
    stderr.includes('err\n') &&
    exitCode === (probe === 'builtin' ? 1 : 7);
  return isRight && !driverText.test(stderr) && !driverText.test(stdout)
    ? undefined
    : `the probe gave ${JSON.stringify({ exitCode, stdout, stderr: stderr.slice(-300), error: error?.code })}`;
}

const driverText = /__sw|builtin printf|command printf|command eval|\bs(?!0{24})[0-9a-f]{24}/;
