import type { Child, Exit } from '../../machines/index.ts';
import { isShellwrightError, ShellwrightError } from '../errors.ts';
import { optionsError, show } from '../options/check.ts';

/** A restart, as it is told of later. */
export interface Restart {
  readonly id: string;
  readonly exit: Exit;
}

/**
 * A supervisor gives up: the whole story.
 *
 * @param cause which child, how often within which time, and why the last time
 * @param before the restarts that still count
 * @param failure the child's own error
 */
export function gaveUpError(
  path: string,
  cause: string | undefined,
  before: readonly Restart[],
  failure: ShellwrightError | undefined,
): ShellwrightError {
  const first = firstCause(failure);
  // A machine carries one short text, and not what a shell said before it died.
  const said = first === undefined || cause?.includes(first) ? '' : ` (${first})`;
  const past = before.length === 0 ? '' : `. Restarted before: ${listed(before)}`;
  return new ShellwrightError('ERR_POOL_FAILED', `The supervisor ${path} gave up: ${cause}${said}${past}`, {
    cause: failure,
  });
}

/** A defect of ours. */
export function brokenError(path: string, cause: unknown): ShellwrightError {
  return new ShellwrightError('ERR_POOL_FAILED', `The supervisor ${path} stopped because of an internal error`, {
    cause,
  });
}

/** What is asked for cannot be had, since a supervisor has given up or is closed. */
export function goneError(what: string, path: string, gaveUp: ShellwrightError | undefined): ShellwrightError {
  if (gaveUp) {
    return new ShellwrightError('ERR_POOL_FAILED', `${what}: ${gaveUp.message}`, { cause: gaveUp, started: false });
  }
  return new ShellwrightError('ERR_POOL_CLOSED', `${what}: the supervisor ${path} is closed`, { started: false });
}

/** A child of a supervisor that goes on does not run. */
export function restError(
  path: string,
  { id, state, exit, heldIn }: Child,
  { planned, failure }: { planned: number; failure: ShellwrightError | undefined },
): ShellwrightError {
  const wasAsked = heldIn === planned;
  if (!wasAsked && exit?.kind === 'crash') {
    const what = state === 'starting' || state === 'stopped' ? 'did not start' : 'crashed, and is not restarted';
    return new ShellwrightError('ERR_POOL_FAILED', `${path} ${what}: ${exit.cause}`, {
      cause: failure,
      started: false,
    });
  }
  const how = wasAsked ? 'was ended by terminateChild or deleteChild' : 'was closed, and is not restarted';
  const then = state === 'stopped' ? `; restartChild('${id}') starts it again` : '';
  return new ShellwrightError('ERR_POOL_CLOSED', `${path} ${how}${then}`, { started: false });
}

/** There is no such child; the message names some of those that there are. */
export function unknownChildError(where: string, path: string, ids: Iterable<string>, id: unknown): ShellwrightError {
  const known = [...ids].slice(0, 20).join(', ') || 'there are none';
  return optionsError(`Expected the id in ${where} to be that of a child of ${path} (${known}), got ${show(id)}`);
}

function firstCause(error: ShellwrightError | undefined): string | undefined {
  if (!error) return undefined;
  return isShellwrightError(error.cause) ? firstCause(error.cause) : error.message;
}

function listed(restarts: readonly Restart[]): string {
  const times = new Map<string, number>();
  for (const { id, exit } of restarts) {
    const text = `${id} (${clip(exit.cause ?? exit.kind)})`;
    times.set(text, (times.get(text) ?? 0) + 1);
  }
  return Array.from(times, ([text, count]) => (count === 1 ? text : `${text}, ${count} times`)).join('; ');
}

function clip(text: string): string {
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
