import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { Control, type ControlOwner } from './control.ts';
import { canLook } from './descriptors.ts';
import { openPipes, type Opened, type Pipe } from './fifos.ts';
import { Reader, type OnData } from './reader.ts';

/** stdin (undefined: Node makes a socket), stdout and stderr. */
type Pipes = readonly [Pipe | undefined, ...Pipe[]];

/** What a process is started with. */
export interface Stdio extends Omit<Opened, 'pipes'> {
  pipes: Pipes | undefined;
  control?: Control | undefined;
}

interface Wanted extends ControlOwner {
  readonly stdin?: 'pipe' | 'socket' | undefined;
  /** The variable for the address of a control channel. */
  readonly control?: string | undefined;
}

/** Opens both ends of all. @throws {Error} for a lack of descriptors */
export async function openStdio(launch: Wanted, onMessage: (text: string) => void): Promise<Stdio> {
  const stdin = launch.control === undefined && launch.stdin !== 'socket';
  const out = ['read', canLook ? 'marked' : 'read'] as const;
  const { pipes, noPipes } = await openPipes(stdin ? ['write', ...out] : out);
  const control = launch.control === undefined ? undefined : await Control.open(launch, onMessage);
  return { pipes: pipes && [stdin ? pipes.shift() : undefined, ...pipes], noPipes, control };
}

/** Of the end that is read here, or of what Node made for the child. */
export function openReader(pipe: Pipe | undefined, stream: Readable | null, onData: OnData, onEnd: () => void): Reader {
  if (!pipe) return Reader.ofSocket(stream as Socket, onData, onEnd);
  const reader = Reader.ofPipe(pipe.read, onData, onEnd);
  return pipe.mark === undefined ? reader : reader.withMark(pipe.mark);
}
