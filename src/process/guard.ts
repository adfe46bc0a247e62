import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { messageOf } from '../errors.ts';
import { guardScript } from './guard-script.ts';
import { outside } from './outside.ts';

/** Told why the groups are not guarded. */
export type OnUnguarded = (why: string) => void;

/** How long it waits for another shell when there is none. ms */
const linger = 1_000;

/** The groups that live, in the order of their start. */
const guarded = new Map<number, OnUnguarded>();
let guard: ChildProcess | undefined;
let starting: NodeJS.Immediate | undefined;
let ending: NodeJS.Timeout | undefined;
let complained = false;

/**
 * Has the group killed when this process (or this worker thread) is gone, however it ended.
 *
 * A shell that waits for its foreground child cannot notice that its host died, so another process does: one for all groups, which reads
 * their numbers from a pipe of ours and acts at its end. It is started after the first shell, and again when it was lost.
 */
export function guardGroup(group: number, onUnguarded: OnUnguarded): void {
  guarded.set(group, onUnguarded);
  clearTimeout(ending);
  if (guard) tell(`+ ${group}\n`);
  // The start of a process holds this one up: the shell's own comes first, and the guard's while that begins.
  else if (process.platform !== 'win32') starting ??= outside(() => setImmediate(start));
}

/** The group is gone: its number may soon be another's. */
export function unguardGroup(group: number): void {
  if (!guarded.delete(group)) return;
  tell(`- ${group}\n`);
  if (guarded.size > 0) return;
  clearTimeout(ending);
  ending = outside(() => setTimeout(endIdleGuard, linger).unref());
}

/** Ends the guard at once, if it has nothing to guard. */
export function endIdleGuard(): void {
  if (guarded.size > 0) return;
  clearTimeout(ending);
  const idle = guard;
  guard = undefined;
  complained = false;
  idle?.stdin?.destroy();
}

function start(): void {
  starting = undefined;
  if (guarded.size === 0) return;
  try {
    const started = outside(spawnGuard);
    guard = started;
    started.once('error', ({ message }) => lost(started, `it could not be started: ${message}`));
    started.once('exit', (code, signal) => lost(started, `it ended with ${signal ?? `exit code ${code}`}`));
    started.unref();
    const pipe = started.stdin as Socket | null;
    pipe?.on('error', () => {}); // its end, of which the process tells
    pipe?.unref();
    for (const group of guarded.keys()) tell(`+ ${group}\n`);
  } catch (error) {
    complain(`it could not be started: ${messageOf(error)}`);
  }
}

function spawnGuard(): ChildProcess {
  return spawn('/bin/sh', ['-c', guardScript, 'shellwright-guard', String(process.pid)], {
    // A session of its own: what ends this process from a terminal must not end it first.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    env: {},
  });
}

/** Shells work without it. The next one brings another try. */
function lost(which: ChildProcess, how: string): void {
  if (which !== guard) return;
  guard = undefined;
  which.stdin?.destroy();
  complain(how);
}

/** Once, until there was nothing left to guard. */
function complain(why: string): void {
  const [first] = guarded.values();
  if (!first || complained) return;
  complained = true;
  first(why);
}

function tell(line: string): void {
  guard?.stdin?.write(line);
}
