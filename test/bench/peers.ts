import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createPool, type Pool } from 'shellwright';
import { createInspector } from 'shellwright/inspector';
import Ancestor from 'stateful-process-command-proxy';
import type { Question } from './questions.ts';

/** Something that answers questions, with its shells started. */
export interface Peer {
  ask(question: Question): Promise<string>;
  /** All of them in one shell, in order. */
  askAll(questions: readonly Question[]): Promise<string[]>;
  close(): Promise<unknown>;
}

/** Whom we measure: us, and what we measure us against. */
export const peers = {
  ours: openOurs,
  ancestor: openAncestor,
  raw: openRaw,
  unwatched: openUnwatched,
  watched: openWatched,
};

export type PeerName = keyof typeof peers;

async function openOurs(shells: number): Promise<Peer> {
  return peerOf(await openPool(shells));
}

/** With an inspector that somebody looked at once. */
async function openUnwatched(shells: number): Promise<Peer> {
  const pool = await openPool(shells);
  const inspector = await createInspector(pool);
  const viewer = await openViewer(inspector.url);
  await viewer.close();
  const peer = peerOf(pool);
  return { ...peer, close: () => Promise.all([inspector.close(), peer.close()]) };
}

/** With one viewer, a process of its own as a browser is. */
async function openWatched(shells: number): Promise<Peer> {
  const pool = await openPool(shells);
  const inspector = await createInspector(pool);
  const viewer = await openViewer(inspector.url);
  const peer = peerOf(pool);
  return { ...peer, close: () => Promise.all([viewer.close(), inspector.close(), peer.close()]) };
}

/** Takes what the page takes; resolves when the first of it has come. */
async function openViewer(url: string): Promise<{ close(): Promise<unknown> }> {
  const { origin, searchParams } = new URL(url);
  const look = "require('http').get(process.argv[1], (response) => response.on('data', () => console.log('seen')))";
  const child = spawn(process.execPath, ['-e', look, `${origin}/${searchParams.get('token')}/events`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.stdout.resume();
  return {
    close: () => {
      const ended = once(child, 'close');
      child.kill();
      return ended;
    },
  };
}

async function openPool(shells: number): Promise<Pool> {
  const pool = createPool({ min: shells, max: shells, history: { max: 0 }, logger: false });
  await pool.ready();
  return pool;
}

function peerOf(pool: Pool): Peer {
  return {
    ask: async ({ command }) => withoutNewline((await pool.exec(command)).stdout),
    askAll: async (questions) =>
      (await pool.execAll(questions.map(({ command }) => command))).map(({ stdout }) => withoutNewline(stdout)),
    close: () => pool.close(),
  };
}

async function openAncestor(shells: number): Promise<Peer> {
  const proxy = new Ancestor({
    name: 'ancestor',
    min: shells,
    max: shells,
    idleTimeoutMS: 3_600_000,
    processCommand: 'bash',
    processArgs: ['--noprofile', '--norc'],
    processRetainMaxCmdHistory: 0,
    logFunction: () => {},
  });
  // It has no `ready`: one command for each shell, at the same time, finds them all started.
  await Promise.all(Array.from({ length: shells }, () => proxy.executeCommand('sleep 0.1')));
  return {
    ask: async ({ command }) => (await proxy.executeCommand(command)).stdout,
    askAll: async (questions) =>
      (await proxy.executeCommands(questions.map(({ command }) => command))).map(({ stdout }) => stdout),
    close: () => proxy.shutdown(),
  };
}

/** The limit of pipes: the answer goes through `cat` and comes back, with no shell, no framing and no library. */
async function openRaw(shells: number): Promise<Peer> {
  const cats = Array.from({ length: shells }, openCat);
  const free = [...cats];
  const waiting: ((cat: Cat) => void)[] = [];
  const ask: Peer['ask'] = async ({ answer }) => {
    const cat = free.pop() ?? (await new Promise<Cat>((resolve) => waiting.push(resolve)));
    const line = await cat.echo(answer);
    const next = waiting.shift();
    if (next) next(cat);
    else free.push(cat);
    return line;
  };
  const askAll: Peer['askAll'] = async (questions) => {
    const lines: string[] = [];
    for (const question of questions) lines.push(await ask(question));
    return lines;
  };
  return { ask, askAll, close: () => Promise.all(cats.map((cat) => cat.close())) };
}

type Cat = ReturnType<typeof openCat>;

function openCat() {
  const child = spawn('cat', { stdio: ['pipe', 'pipe', 'ignore'] });
  let line = '';
  let settle: (line: string) => void = () => {};
  child.stdout.on('data', (chunk: Buffer) => {
    line += chunk.toString('latin1');
    if (!line.endsWith('\n')) return;
    const whole = withoutNewline(line);
    line = '';
    settle(whole);
  });
  return {
    echo: (text: string): Promise<string> =>
      new Promise((resolve) => {
        settle = resolve;
        child.stdin.write(`${text}\n`);
      }),
    close: (): Promise<unknown> => {
      const ended = once(child, 'close');
      child.stdin.end();
      return ended;
    },
  };
}

function withoutNewline(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}
