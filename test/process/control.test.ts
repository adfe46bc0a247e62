import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { Control } from '../../src/process/control.ts';

const opened: { control: Control; clients: Socket[] }[] = [];
afterEach(() => {
  for (const { control, clients } of opened.splice(0)) {
    control.close();
    for (const client of clients) client.destroy();
  }
});

interface Bench {
  control: Control;
  token: string;
  path: string;
  received: string[];
  client: () => Socket;
}

async function open(onMessage: (message: string) => void = () => {}): Promise<Bench> {
  const received: string[] = [];
  const control = await Control.open({}, (message) => {
    received.push(message);
    onMessage(message);
  });
  const clients: Socket[] = [];
  opened.push({ control, clients });
  const [token = '', path = ''] = control.address.split(/ (.*)/s);
  const client = (): Socket => {
    const socket = connect(path);
    clients.push(socket);
    return socket;
  };
  return { control, token, path, received, client };
}

function message(text: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(Buffer.byteLength(text));
  return Buffer.concat([length, Buffer.from(text)]);
}

it('gives what was written to whoever shows the token, and only to that', async () => {
  const { control, token, path, client } = await open();
  expect(control.write('before')).toBe(true);
  expect(statSync(dirname(path)).mode & 0o077).toBe(0);

  const stranger = client();
  stranger.write(message('x'.repeat(token.length)));
  expect(await allOf(stranger)).toHaveLength(0);
  const endless = client();
  endless.write(Buffer.from([255, 255, 255, 127]));
  expect(await allOf(endless)).toHaveLength(0);

  const child = client();
  child.write(message(token));
  control.write('日本');
  const wanted = Buffer.concat([message('before'), message('日本')]);
  expect(await read(child, wanted.length)).toEqual(wanted);
  // Nobody else can find it now.
  expect(existsSync(dirname(path))).toBe(false);
});

it('reads messages however they are cut', async () => {
  let resolve = (): void => {};
  const whole = new Promise<void>((done) => {
    resolve = done;
  });
  const { token, received, client } = await open((text) => text === 'end' && resolve());
  const child = client();
  child.setNoDelay(true);
  const texts = ['', 'a', '日本 😀\0\n', 'x'.repeat(100_000), 'end'];
  const bytes = Buffer.concat([token, ...texts].map(message));
  for (let start = 0; start < 200; start++) {
    child.write(bytes.subarray(start, start + 1));
    await new Promise((turn) => setImmediate(turn));
  }
  child.write(bytes.subarray(200));
  await whole;
  expect(received).toEqual(texts);
});

it('takes nothing once it is closed, and leaves nothing behind', async () => {
  const { control, token, path, client } = await open();
  const child = client();
  child.write(message(token));
  control.write('something');
  await once(child, 'readable');
  control.close();
  control.close();
  expect(control.write('more')).toBe(false);
  await allOf(child);

  const unused = await open();
  unused.control.close();
  expect(existsSync(dirname(unused.path))).toBe(false);
  expect(existsSync(path)).toBe(false);
});

async function allOf(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => {});
  if (!socket.closed) await once(socket, 'close');
  return Buffer.concat(chunks);
}

async function read(socket: Socket, length: number): Promise<Buffer> {
  let all = Buffer.alloc(0);
  for await (const chunk of socket) {
    all = Buffer.concat([all, chunk as Buffer]);
    if (all.length >= length) break;
  }
  return all;
}
