import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { constants } from 'node:os';
import { outside } from './outside.ts';

/** A living process, as /proc has it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Clock ticks since boot; together with `pid` it names one process for good. */
  readonly start: number;
  readonly stopped: boolean;
}

export type ProcessTable = ReadonlyMap<number, ProcessEntry>;

/** Of `start`. USER_HZ, which is 100 on every architecture that Node runs on. */
export const ticksPerSecond = 100;

/**
 * Every living process, about 10 µs each; undefined where there is no /proc (not Linux). The dead that nobody has reaped are not in it.
 */
export function processTable(): ProcessTable | undefined {
  if (!isOurs()) return undefined;
  const table = new Map<number, ProcessEntry>();
  for (const name of namesIn('/proc')) {
    const entry = isNumber.test(name) ? processEntry(Number(name)) : undefined;
    if (entry) table.set(entry.pid, entry);
  }
  return table;
}

/** One living process; undefined when there is none, or no /proc. */
export function processEntry(pid: number): ProcessEntry | undefined {
  if (!isOurs()) return undefined;
  const stat = readProc(`${pid}/stat`) ?? '';
  // The name, in parentheses, may hold anything.
  const [state = '', parent, group, session, ...rest] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ', startField + 5);
  if (state === '' || state === 'Z' || state === 'X') return undefined;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    start: Number(rest[startField]),
    stopped: state === 'T',
  };
}

/** Whether it lives, and its number is not another's. */
export function isSame({ pid, start }: ProcessEntry): boolean {
  return processEntry(pid)?.start === start;
}

/** What is in a folder of /proc; nothing when it cannot be read. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A file of /proc; undefined when it cannot be read. */
export function readProc(path: string): string | undefined {
  let fd = -1;
  try {
    fd = openSync(`/proc/${path}`, 'r');
    const length = readSync(fd, shared, 0, shared.length, 0);
    return length < shared.length ? shared.toString('latin1', 0, length) : readFileSync(`/proc/${path}`, 'latin1');
  } catch {
    return undefined;
  } finally {
    if (fd !== -1) closeSync(fd);
  }
}

/** Whether the process is on a processor, waiting for nothing, and has a handler for the signal. False where there is no /proc. */
export function isComputing(pid: number, signal: NodeJS.Signals): boolean {
  if (!isOurs()) return false;
  const status = readProc(`${pid}/status`) ?? '';
  const [, caught = '0'] = /^SigCgt:\t([0-9a-f]+)$/m.exec(status) ?? [];
  // Signal n is bit n - 1 of the mask.
  return /^State:\tR/m.test(status) && ((BigInt(`0x${caught}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n;
}

let next: Promise<ProcessTable | undefined> | undefined;
let restUntil = 0;

/**
 * A table read after this call, one for all who ask meanwhile. When many shells end in a row, at most half of the time goes into it.
 */
export function nextTable(): Promise<ProcessTable | undefined> {
  next ??= outside(() => new Promise((resolve) => wait(() => resolve(readNext()))));
  return next;
}

function readNext(): ProcessTable | undefined {
  next = undefined;
  const begun = performance.now();
  const table = processTable();
  const ended = performance.now();
  restUntil = ended + (ended - begun);
  return table;
}

function wait(then: () => void): void {
  const pause = restUntil - performance.now();
  if (pause > 0) setTimeout(then, pause).unref();
  else setImmediate(then); // not unref'ed: the loop would wait for something else before it came to it
}

const isNumber = /^\d+$/;
/** Of `start`, after the session: see proc_pid_stat(5). */
const startField = 15;
const shared = Buffer.allocUnsafeSlow(4096);
let ours: boolean | undefined;

/** Whether /proc speaks of the processes that this one can signal: not so in a pid namespace that kept the /proc of another. */
function isOurs(): boolean {
  try {
    ours ??= process.platform === 'linux' && readlinkSync('/proc/self') === String(process.pid);
  } catch {
    ours = false;
  }
  return ours;
}
