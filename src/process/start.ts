import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { closeSync, statSync, type Stats } from 'node:fs';
import { messageOf } from '../errors.ts';
import { LaunchError, mayPass } from './launch-error.ts';
import type { Stdio } from './stdio.ts';

/** What to start. */
export interface Launch {
  path: string;
  args: readonly string[];
  cwd?: string | undefined;
  env: Record<string, string>;
  uid?: number | undefined;
  gid?: number | undefined;
  stdin?: 'pipe' | 'socket' | undefined;
  /** The variable for the address of a control channel, over which is written then; stdin is empty. */
  control?: string | undefined;
}

/** Starts it with its ends of the pipes, which are then closed here. @throws {LaunchError} */
export function startProcess<T>(
  launch: Launch,
  { pipes, control }: Stdio,
  wrap: (child: ChildProcess) => T,
): Promise<T> {
  const { path, args, cwd, uid, gid } = launch;
  const env = launch.control === undefined ? launch.env : { ...launch.env, [launch.control]: control?.address };
  const [stdin, stdout, stderr] = pipes ?? [];
  const closeTheirs = (): void =>
    [stdin?.read, stdout?.write, stderr?.write].forEach((fd) => fd !== undefined && closeSync(fd));
  const closeOurs = (): void =>
    [stdin?.write, stdout?.read, stderr?.read, stderr?.mark].forEach((fd) => fd !== undefined && closeSync(fd));
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      closeOurs();
      control?.close();
      reject(launchError(launch, error));
    };
    try {
      const stdio: StdioOptions = [
        control ? 'ignore' : (stdin?.read ?? 'pipe'),
        stdout?.write ?? 'pipe',
        stderr?.write ?? 'pipe',
      ];
      const child = spawn(path, args, {
        stdio,
        cwd,
        env,
        ...(uid !== undefined && { uid }),
        ...(gid !== undefined && { gid }),
        // A group of its own. On Windows that is none, and no console either, so that each program would open a window of its own; and Windows
        // ends what is not detached when this process is gone.
        detached: process.platform !== 'win32',
        windowsHide: true,
      });
      if (child.pid === undefined) child.once('error', fail);
      else {
        child.on('error', () => {}); // a failed kill: the caller sees by `signal()`
        resolve(wrap(child));
      }
    } catch (error) {
      fail(error);
    } finally {
      closeTheirs();
    }
  });
}

function launchError({ path, uid, gid }: Launch, error: unknown): LaunchError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const who = uid === undefined && gid === undefined ? '' : ` as uid ${uid ?? 'unchanged'}, gid ${gid ?? 'unchanged'}`;
  const reason =
    code === 'ENOENT'
      ? 'no such program'
      : code === 'EACCES'
        ? 'it may not be executed'
        : code === 'EPERM'
          ? 'not permitted'
          : message;
  return new LaunchError(
    `Could not start \`${path}\`${who}: ${reason}${code && reason !== message ? ` (${code})` : ''}`,
    !mayPass(error),
    error,
  );
}

/** @throws {LaunchError} */
export function checkFolder(cwd: string | undefined): void {
  if (cwd === undefined) return;
  const fail = (why: string, fatal: boolean, cause?: unknown): never => {
    throw new LaunchError(`Could not start in the folder \`${cwd}\`: ${why}`, fatal, cause);
  };
  let folder: Stats | undefined;
  try {
    folder = statSync(cwd, { throwIfNoEntry: false });
  } catch (error) {
    return fail(messageOf(error), !mayPass(error), error);
  }
  if (!folder?.isDirectory()) fail(folder ? 'it is not a folder' : 'no such folder', true);
}
