import { existsSync, fstatSync, statSync, type Stats } from 'node:fs';
import type { Descriptors } from '../dialects/dialect.ts';
import type { Pipe } from './fifos.ts';

/** What a descriptor leads to; descriptors of the same have the same. */
type Identity = string;

/** What the descriptors of a shell led to when it was started. */
export type Ends = Readonly<Record<keyof Descriptors, Identity>>;

/** Whether the descriptors of another process can be looked at. */
export const canLook = existsSync('/proc/self/fd/0');

/** Of the pipes to a shell, in the order of stdin, stdout and stderr. */
export function endsOf([channel, stdout, stderr]: readonly (Pipe | undefined)[]): Ends {
  const of = (pipe: Pipe | undefined): Identity => (pipe ? identity(fstatSync(pipe.read)) : '');
  return { channel: of(channel), stdin: identity(statSync('/dev/null')), stdout: of(stdout), stderr: of(stderr) };
}

/** As `Ends`, when a shell has opened these. */
export function endsAt({ stdout, stderr }: { stdout: string; stderr: string }): Pick<Ends, 'stdout' | 'stderr'> {
  return { stdout: identity(statSync(stdout)), stderr: identity(statSync(stderr)) };
}

/** The first descriptor of the process that no longer leads where it did. */
export function movedDescriptor(pid: number, descriptors: Descriptors, ends: Ends): number | undefined {
  const roles = Object.entries(descriptors) as [keyof Descriptors, number][];
  const moved = roles.find(([role, fd]) => (identityAt(`/proc/${pid}/fd/${fd}`) ?? ends[role]) !== ends[role])?.[1];
  // One that has just ended has no descriptors at all, and no program.
  return existsSync(`/proc/${pid}/exe`) ? moved : undefined;
}

/** Undefined where this user may not look. */
function identityAt(path: string): Identity | undefined {
  try {
    return identity(statSync(path));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'closed' : undefined;
  }
}

function identity({ dev, ino }: Stats): Identity {
  return `${dev}:${ino}`;
}
