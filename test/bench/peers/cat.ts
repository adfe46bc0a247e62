import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { withoutNewline } from '../questions.ts';
import { oneByOne, type Peer } from './peer.ts';

/** The limit of pipes: the answer goes through `cat` and comes back, with no shell, no framing and no library. */
export async function openCats(amount: number): Promise<Peer> {
  const cats = Array.from({ length: amount }, openCat);
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
  return {
    ask,
    askAll: oneByOne(ask),
    pids: () => cats.map(({ pid }) => pid),
    close: () => Promise.all(cats.map((cat) => cat.close())),
  };
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
    pid: child.pid as number,
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
