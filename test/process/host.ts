// A program: runs commands that are hard to end in shells of several pools, says `ready`, and ends as it is told to by its first argument.
import childProcess from 'node:child_process';
import { once } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { bash, createPool, sh, type Pool } from 'shellwright';
import { guardsOf } from '../support/processes.ts';

const [how = 'wait', token = ''] = isMainThread ? process.argv.slice(2) : (process.env['HOST'] ?? '').split(' ');

const deaf = `trap '' INT TERM HUP QUIT`;
const commands = {
  bash: [
    'while :; do :; done',
    `${deaf}; while :; do sleep 600; done`,
    `bash -c "${deaf}; while :; do sleep 600; done"`,
    'sleep 600 & sleep 600 & wait',
    'set -m; sleep 600 & sleep 600 | sleep 600',
    'timeout 600 sleep 600',
    'kill -STOP $$',
  ],
  sh: ['sleep 600', `(${deaf}; sleep 600) & sleep 600`, 'f() { (sleep 600; f) & }; f; wait; sleep 600'],
};

if (how === 'unguarded') {
  const spawn = childProcess.spawn as (file: string, ...rest: unknown[]) => unknown;
  Object.assign(childProcess, {
    spawn: (file: string, ...rest: unknown[]) => spawn(file === '/bin/sh' ? '/no/such/sh' : file, ...rest),
  });
  syncBuiltinESMExports();
  const causes: string[] = [];
  const warn = (fields: object): void => void causes.push((fields as { cause: string }).cause);
  const pool = createPool({ max: 1, logger: { debug() {}, info() {}, warn, error: warn } });
  for (let n = 0; n < 3; n++) await pool.exec('exit 1');
  console.log((await pool.exec('echo ready')).stdout.trim(), causes.join());
} else if (how === 'worker' && isMainThread) {
  const env = { ...process.env, HOST: `worker ${token}` };
  // A worker of Node 20 does not take on the loader of its parent.
  const load = `import('tsx/esm/api').then(({ register }) => (register(), import(${JSON.stringify(import.meta.url)})));`;
  const worker = new Worker(load, { eval: true, env });
  await once(worker, 'message');
  await worker.terminate();
  console.log('ready');
  setInterval(() => {}, 1_000);
} else {
  const few = how === 'few' ? 2 : Infinity;
  await Promise.all([open(bash(), commands.bash.slice(0, few)), open(sh(), commands.sh.slice(0, few))]);
  if (how === 'reguard') await loseGuard();
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port has no origin
  if (parentPort) parentPort.postMessage('ready');
  else console.log('ready');
  end();
}

/** A pool that runs each of the commands; resolves when all have said something. */
async function open(shell: ReturnType<typeof bash>, texts: readonly string[]): Promise<Pool> {
  const pool = createPool({ shell, max: texts.length, logger: false, env: { HOST_TOKEN: token } });
  const up = texts.map((text) => {
    const run = pool.exec(`echo up; ${text}`);
    run.catch(() => {});
    return new Promise<void>((resolve) => {
      run.output$.subscribe(() => resolve());
    });
  });
  await Promise.all(up);
  return pool;
}

/** The guard is killed by hand, and comes back with the next shell. */
async function loseGuard(): Promise<void> {
  const [guard = 0] = guardsOf(process.pid);
  process.kill(guard, 'SIGKILL');
  while (guardsOf(process.pid).length > 0) await turn();
  // Only now is it known to this process too.
  await turn();
  await open(sh(), ['sleep 600']);
  while (guardsOf(process.pid).length === 0) await turn();
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

function end(): void {
  if (how === 'exit') process.exit(3);
  if (how === 'abort') process.abort();
  if (how === 'throw')
    setImmediate(() => {
      throw new Error('uncaught, on purpose');
    });
}
