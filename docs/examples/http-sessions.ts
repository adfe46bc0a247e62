/**
 * A shell for each user, over HTTP: what one request leaves there, the next one finds. The handler is that of node:http, and of Express
 * as well: `app.post('/run', handle)`. Run it with PORT set to try it by hand; without, it asks itself.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createPool, isShellwrightError, type ErrorCode } from 'shellwright';

const pool = createPool({
  name: 'terminals',
  max: 8, // users at a time
  maxQueue: 100,
  acquireTimeout: 15_000,
  timeout: 30_000,
  maxBuffer: 2 ** 20,
  overflow: 'tail',
  logger: false,
});

/** What a client is to make of an error; 500 for all others. */
const statuses: Partial<Record<ErrorCode, number>> = {
  ERR_OPTIONS: 400,
  ERR_POLICY: 403,
  ERR_SESSION_LOST: 409, // it ended under another request of the user; the next one begins in a new shell
  ERR_QUEUE_FULL: 503,
  ERR_ACQUIRE_TIMEOUT: 503,
  ERR_TIMEOUT: 504,
};

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const user = request.headers['x-user']; // stands for whatever authenticates users in your program
  if (typeof user !== 'string' || user === '') return send(response, 401, { error: 'who are you?' });
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    await using session = await pool.session(user, { idleTimeout: 300_000, env: { WHO: user }, signal: gone.signal });
    const result = await session.exec(await text(request), { signal: gone.signal, meta: { user } });
    const { exitCode, stdout, stderr, truncated } = result;
    send(response, 200, { exitCode, stdout, stderr, truncated, fresh: session.fresh });
  } catch (error) {
    if (!isShellwrightError(error)) throw error;
    send(response, statuses[error.code] ?? 500, { error: error.code, stateLost: error.stateLost });
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

const server = createServer((request, response) => void handle(request, response));
server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;

if (process.env['PORT'] === undefined) {
  await demonstrate();
  server.close();
  await pool.close();
}

async function demonstrate(): Promise<void> {
  await ask('ada', 'cd /tmp; count=1');
  const [ada, bob] = await Promise.all([ask('ada', 'echo $WHO $PWD $((count + 1))'), ask('bob', 'echo $WHO [$count]')]);
  assert.equal(ada['stdout'], 'ada /tmp 2\n');
  assert.equal(bob['stdout'], 'bob []\n');
  assert.equal((await ask('ada', 'exit 3'))['exitCode'], 3); // her shell has ended, and with it what she had
  const { stdout, fresh } = await ask('ada', 'echo [$count]');
  assert.deepEqual({ stdout, fresh }, { stdout: '[]\n', fresh: true });
}

async function ask(user: string, command: string): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${port}/run`, {
    method: 'POST',
    headers: { 'x-user': user },
    body: command,
  });
  const answer = (await response.json()) as Record<string, unknown>;
  process.stdout.write(`${user}$ ${command}\n  ${response.status} ${JSON.stringify(answer)}\n`);
  return answer;
}
