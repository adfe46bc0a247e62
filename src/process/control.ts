import { randomBytes } from 'node:crypto';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LaunchError } from './launch-error.ts';
import type { Writer } from './writer.ts';

/** For whom the channel is, where that is not the user of this process. */
export interface ControlOwner {
  uid?: number | undefined;
  gid?: number | undefined;
}

/** What is longer is no token. Bytes */
const longestToken = 64;
/** The path of a socket has room for 104 bytes on some systems, its NUL included. */
const longestPath = 103;

/**
 * A local socket of this process over which one child takes its orders, apart from its stdin: a UNIX socket in a folder of its own, a named pipe
 * on Windows. It is gone as soon as the child has connected, and shown the token of its environment.
 *
 * A message is a length (four bytes, little-endian) and UTF-8, both ways. What is written before the child connects waits for it.
 */
export class Control implements Writer {
  readonly #token = randomBytes(16).toString('hex');
  readonly #place: Place;
  readonly #onMessage: (message: string) => void;
  readonly #server: Server;
  #socket: Socket | undefined;
  #waiting: Buffer[] | undefined = [];
  #closed = false;

  private constructor(place: Place, onMessage: (message: string) => void) {
    this.#place = place;
    this.#onMessage = onMessage;
    this.#server = createServer((socket) => this.#connected(socket)).unref();
  }

  /** @throws {LaunchError} */
  static open(owner: ControlOwner, onMessage: (message: string) => void): Promise<Control> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void =>
        reject(new LaunchError('Could not open a control channel for a shell', false, error));
      try {
        const place = placeFor(owner);
        const control = new Control(place, onMessage);
        const failed = (error: Error): void => {
          control.#withdraw();
          fail(error);
        };
        control.#server.once('error', failed).listen(place.path, () => {
          control.#server.off('error', failed).on('error', () => {});
          try {
            give(place.path, owner);
            resolve(control);
          } catch (error) {
            failed(error as Error);
          }
        });
      } catch (error) {
        fail(error);
      }
    });
  }

  /** For the child's environment: its token, a blank, and where to connect. */
  get address(): string {
    return `${this.#token} ${this.#place.name ?? this.#place.path}`;
  }

  /** One message. */
  write(text: string): boolean {
    if (this.#closed || this.#socket?.writable === false) return false;
    const message = encode(text);
    if (this.#waiting) this.#waiting.push(message);
    else this.#socket?.write(message);
    return true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#withdraw();
    this.#socket?.destroy();
  }

  #connected(socket: Socket): void {
    socket.on('error', () => {}).unref();
    const messages = new Messages((message) => {
      if (this.#socket === socket) return this.#onMessage(message);
      if (message !== this.#token || this.#socket || this.#closed) return void socket.destroy();
      messages.limit = Infinity;
      this.#adopt(socket);
    });
    messages.limit = longestToken;
    socket.on('data', (chunk) => messages.push(chunk) || socket.destroy());
  }

  #adopt(socket: Socket): void {
    this.#socket = socket;
    this.#withdraw();
    for (const message of this.#waiting ?? []) socket.write(message);
    this.#waiting = undefined;
  }

  /** Nobody else can connect; the connection that there is stays. */
  #withdraw(): void {
    this.#server.close();
    if (this.#place.folder !== undefined) rmSync(this.#place.folder, { recursive: true, force: true });
  }
}

/** Cuts what arrives into messages. */
class Messages {
  /** Bytes of a message. */
  limit = Infinity;
  readonly #take: (message: string) => void;
  #chunks: Buffer[] = [];
  #size = 0;
  /** What the next message needs with its length. */
  #wanted = 4;

  constructor(take: (message: string) => void) {
    this.#take = take;
  }

  /** False: a message is too long. */
  push(chunk: Buffer): boolean {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    while (this.#size >= this.#wanted) {
      const all = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
      const length = all.readUInt32LE(0);
      if (length > this.limit) return false;
      const whole = all.length >= 4 + length;
      this.#wanted = whole ? 4 : 4 + length;
      const rest = whole ? all.subarray(4 + length) : all;
      this.#chunks = [rest];
      this.#size = rest.length;
      if (whole) this.#take(all.toString('utf8', 4, 4 + length));
    }
    return true;
  }
}

function encode(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const message = Buffer.allocUnsafe(4 + length);
  message.writeUInt32LE(length, 0);
  message.write(text, 4);
  return message;
}

interface Place {
  path: string;
  /** As the child knows it, where that is not its path. */
  name?: string;
  folder?: string;
}

function placeFor(owner: ControlOwner): Place {
  if (process.platform === 'win32') {
    const name = `shellwright-${randomBytes(16).toString('hex')}`;
    return { path: `\\\\.\\pipe\\${name}`, name };
  }
  const base = Buffer.byteLength(tmpdir()) + '/shellwright-XXXXXX/s'.length > longestPath ? '/tmp' : tmpdir();
  // Only its owner may enter it.
  const folder = mkdtempSync(join(base, 'shellwright-'));
  give(folder, owner);
  return { path: join(folder, 's'), folder };
}

function give(path: string, { uid, gid }: ControlOwner): void {
  if (process.platform === 'win32' || (uid === undefined && gid === undefined)) return;
  chownSync(path, uid ?? process.getuid?.() ?? -1, gid ?? process.getgid?.() ?? -1);
}
