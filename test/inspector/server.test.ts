import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Pool } from '../../src/index.ts';
import { createInspector, type Inspector, type InspectorOptions } from '../../src/inspector/index.ts';
import { errorOf, openPool } from '../support/pools.ts';
import { filesUnder, repoRoot } from '../support/repo.ts';
import { ask, Look, look, openInspector, placeOf } from './looking.ts';

const token = 'a-token-of-this-test';
let pool: Pool;
let inspector: Inspector;

beforeEach(async () => {
  pool = openPool();
  inspector = await openInspector(pool, { token });
});

const statusOf = async (...given: Parameters<typeof ask>) => (await ask(...given)).status;

describe('the URL of an inspector', () => {
  test('is on the loopback address, has the token, and gives the page', async () => {
    expect(inspector.url).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:\\d+/\\?token=${token}$`));
    const { status, headers, text } = await ask(inspector.url);
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(text).toContain(`<base href="/${token}/" />`);
  });

  test('has another token each time, where none is given', async () => {
    const urls = await Promise.all([openInspector(pool), openInspector(pool)]);
    const [a, b] = urls.map(({ url }) => new URL(url).searchParams.get('token') ?? '');
    expect(a).toMatch(/^[\w-]{32}$/);
    expect(a).not.toBe(b);
  });

  test('is not kept, sent on, framed or made to run what is not its own', async () => {
    const { headers } = await ask(inspector.url);
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  });
});

describe('a request', () => {
  test.each(['', '?token=', '?token=a-token-of-this-tesT', `?token=${token}x`])(
    'without the token is refused with 401, whatever it asks for (%s)',
    async (query) => {
      const { origin } = new URL(inspector.url);
      const paths = ['/', '/events', '/history', '/main.js', '/charts.json', '/nope', '/a-token-of-this-tesT/events'];
      const statuses = await Promise.all(paths.map((path) => statusOf(origin, { path: path + query })));
      expect(statuses).toEqual(paths.map(() => 401));
    },
  );

  test.each([
    'evil.example',
    '127.0.0.1.evil.example',
    'localhost.evil.example:80',
    '10.0.0.1',
    '[::2]',
    '127.0.0.1@evil.example',
  ])('with the foreign Host "%s" is refused with 403, with the token and without', async (host) => {
    expect(await statusOf(inspector.url, { headers: { host } })).toBe(403);
    expect(await statusOf(new URL(inspector.url).origin, { headers: { host } })).toBe(403);
  });

  test.each(['localhost', 'LOCALHOST:1234', '127.0.0.1:8080', '[::1]:99'])(
    'with the Host "%s", as through a tunnel, is answered',
    async (host) => {
      expect(await statusOf(inspector.url, { headers: { host } })).toBe(200);
    },
  );

  test('with a foreign Origin is refused with 403, with its own it is answered', async () => {
    const { origin, port } = new URL(inspector.url);
    const foreign = [
      'http://evil.example',
      'null',
      `https://127.0.0.1:${port}`,
      'http://127.0.0.1:1',
      'http://localhost',
    ];
    const statuses = await Promise.all(foreign.map((each) => statusOf(inspector.url, { headers: { origin: each } })));
    expect(statuses).toEqual(foreign.map(() => 403));
    expect(await statusOf(placeOf(inspector, 'main.js'), { headers: { origin } })).toBe(200);
  });

  test.each([
    'nope',
    '../package.json',
    '../../../../../../etc/passwd',
    '..%2f..%2fpackage.json',
    '%2e%2e/package.json',
    'page/main.js',
    './main.js',
    'main.js/',
    'main.js%00',
    'MAIN.JS',
    '/etc/passwd',
    'constructor',
    'protocol.ts',
  ])('for the path %s below the token is refused with 404', async (path) => {
    expect(await statusOf(inspector.url, { path: `/${token}/${path}` })).toBe(404);
    expect(await statusOf(inspector.url, { path: `/${path}?token=${token}` })).toBe(404);
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('to %s is refused with 405', async (method) => {
    expect(await statusOf(inspector.url, { method })).toBe(405);
  });

  test('that is too large is refused', async () => {
    const path = `/?token=${token}&x=${'x'.repeat(3_000)}`;
    expect(await statusOf(inspector.url, { path })).toBe(414);
    expect(await statusOf(inspector.url, { headers: { 'x-large': 'x'.repeat(20_000) } })).toBe(431);
    expect(await statusOf(inspector.url, { headers: { 'content-length': '5' }, body: 'hello' })).toBe(413);
    const chunked = { headers: { 'transfer-encoding': 'chunked' }, body: 'x'.repeat(100_000) };
    expect(await statusOf(inspector.url, chunked)).toBe(413);
  });

  test('that names another server is refused', async () => {
    expect(await raw(`GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
    expect(await raw('GET / HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await raw(`CONNECT evil.example:80 HTTP/1.1\r\nHost: evil.example\r\n\r\n`)).not.toContain('200');
  });

  /** What comes back for these bytes until the connection ends. */
  function raw(bytes: string): Promise<string> {
    return new Promise((resolve) => {
      let text = '';
      const socket = connect(Number(new URL(inspector.url).port), '127.0.0.1', () => socket.end(bytes));
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('error', () => resolve(text));
      socket.on('close', () => resolve(text));
    });
  }
});

describe('an inspector', () => {
  test('listens once, and to this host only', async ({ skip }) => {
    const listening = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length;
    const before = listening();
    const { url } = await openInspector(pool);
    // Those that keep no program alive are not counted.
    expect(listening()).toBe(before);
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((each) => each !== undefined && !each.internal && each.family === 'IPv4');
    skip(outside === undefined, 'this machine has no other address');
    await expect(ask(url.replace('127.0.0.1', String(outside?.address)))).rejects.toThrow('ECONNREFUSED');
  });

  test('that is closed lets all go, and frees its port; again does nothing', async () => {
    const viewer = await look(inspector);
    const { port } = new URL(inspector.url);
    await inspector.close();
    await viewer.ended;
    await expect(ask(inspector.url)).rejects.toThrow('ECONNREFUSED');
    await openInspector(pool, { port: Number(port) });
    await inspector.close();
    expect((await pool.exec('echo still')).stdout).toBe('still\n');
  });

  test('lets no more than 16 look at once', async () => {
    const viewers = await Promise.all(Array.from({ length: 16 }, () => look(inspector)));
    expect(await statusOf(placeOf(inspector, 'events'))).toBe(503);
    viewers[0]?.close();
    // The server hears of it a moment later.
    const isLetIn = async (): Promise<boolean> => {
      const next = new Look(inspector);
      const came = next.until('the present state', () => next.presents.length > 0);
      return Promise.race([came.then(() => true), next.ended.then(() => false)]);
    };
    await expect.poll(isLetIn).toBe(true);
  });

  test('keeps no program alive, nor does who looks', async () => {
    const code = `
      import { createPool } from 'shellwright';
      import { createInspector } from 'shellwright/inspector';
      const pool = createPool({ min: 1, logger: false });
      const { url } = await createInspector(pool);
      console.log(url);
      process.stdin.once('data', () => process.stdin.destroy());
    `;
    const args = [
      '--import',
      join(repoRoot, 'node_modules/tsx/dist/loader.mjs'),
      '--input-type=module',
      '--eval',
      code,
    ];
    const child = spawn(process.execPath, args, {
      cwd: repoRoot,
      env: { ...process.env, TSX_TSCONFIG_PATH: join(repoRoot, 'test/tsconfig.json') },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill());
    const ended = once(child, 'exit');
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const viewer = await look({ url: line.toString().trim() });
    child.stdin.write('end\n');
    expect(await ended).toEqual([0, null]);
    await viewer.ended;
  });

  test.each<[string, InspectorOptions, string]>([
    ['port', { port: -1 }, 'an integer from 0 to 65535'],
    ['port', { port: 65_536 }, 'an integer from 0 to 65535'],
    ['host', { host: 'a b' }, 'an address or a host name'],
    ['token', { token: 'short' }, 'at least 16 letters, digits, - or _'],
    ['token', { token: 'with/slashes/and more' }, 'at least 16 letters, digits, - or _'],
    ['open', { open: 1 as never }, 'a boolean'],
    ['showCommands', { showCommands: 'yes' as never }, 'a boolean'],
  ])('refuses a bad %s: %o', async (option, options, expected) => {
    const error = await errorOf(createInspector(pool, options));
    expect(error.code).toBe('ERR_OPTIONS');
    expect(error.message).toContain(`Expected the \`${option}\` option of createInspector to be ${expected}, got`);
  });

  test('refuses an unknown option, a port that is taken, and what is neither pool nor supervisor', async () => {
    const errors = await Promise.all([
      errorOf(createInspector(pool, { tokens: 1 } as never)),
      errorOf(createInspector(pool, { port: Number(new URL(inspector.url).port) })),
      errorOf(createInspector({} as never)),
    ]);
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('Unknown option `tokens`'),
      expect.stringContaining('EADDRINUSE'),
      expect.stringContaining('Expected createInspector to be given a pool or a supervisor, got `{}`'),
    ]);
  });
});

describe('the page', () => {
  const files = filesUnder('src/inspector/page', '');

  test('is less than 150 kB in all', () => {
    const bytes = files.reduce((sum, path) => sum + readFileSync(join(repoRoot, path)).length, 0);
    expect(bytes).toBeGreaterThan(20_000);
    expect(bytes).toBeLessThan(150_000);
  });

  test.each(files)('%s is served, and asks for nothing elsewhere', async (path) => {
    const name = path.slice('src/inspector/page/'.length);
    const text = readFileSync(join(repoRoot, path), 'utf8');
    if (name !== 'index.html') expect((await ask(placeOf(inspector, name))).text).toBe(text);
    expect(text.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
      /https?:|\burl\(['"]?\/\/|innerHTML|\son\w+=/,
    );
  });
});
