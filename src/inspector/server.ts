import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { optionsError, show } from '../options/check.ts';
import { outside } from '../process/outside.ts';
import type { Asset } from './assets.ts';
import { Gate, type Wanted } from './gate.ts';
import type { HistoryView } from './protocol.ts';
import { Viewer } from './viewer.ts';

/** What the server shows. */
export interface Exhibits {
  readonly assets: ReadonlyMap<string, Asset>;
  readonly viewers: { readonly size: number; join(viewer: Viewer): void; leave(viewer: Viewer): void };
  /** The last commands of the shell at a path; none where there is no such shell, as when it has just gone. */
  readonly history: (path: string) => HistoryView[];
}

export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

/** Pages that may look at the same time. */
const mostViewers = 16;

const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
    "base-uri 'self'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/**
 * Listens, and answers GET with a token and nothing else.
 * @throws {ShellwrightError} ERR_OPTIONS when it cannot listen there
 */
export async function listen(
  { host, port, token }: { host: string; port: number; token: string },
  exhibits: Exhibits,
): Promise<Listening> {
  const gate = new Gate(token, host);
  const limits = { maxHeaderSize: 8_192, headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 5_000 };
  const server = outside(() =>
    createServer(limits, (request, response) => answer(request, response, gate, token, exhibits)),
  );
  server.maxConnections = 64;
  // Nobody's program is to live on because it is looked at.
  server.unref();
  server.on('connection', (socket) => socket.unref());
  await bind(server, host, port);
  return { port: (server.address() as AddressInfo).port, close: () => closed(server) };
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        optionsError(
          `Expected the \`port\` and \`host\` options of createInspector to be where it can listen, got ${show(port)} and ${show(host)}: ${error.code}`,
          error,
        ),
      ),
    );
    server.listen({ port, host, exclusive: true }, resolve);
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  gate: Gate,
  token: string,
  exhibits: Exhibits,
): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  const wanted = gate.check(request);
  if ('status' in wanted) return refuse(response, wanted.status, wanted.reason);
  if (wanted.name === 'events') return watch(response, exhibits.viewers);
  if (wanted.name === 'history') return tell(response, exhibits, wanted);
  const asset = exhibits.assets.get(wanted.name || 'index.html');
  if (!asset) return refuse(response, 404, 'There is no such thing here');
  response.setHeader('content-type', asset.type);
  response.end(wanted.name === '' ? pageWith(asset, token) : asset.content);
}

/** Whatever else the page loads is below the token, however its own URL carries it. */
function pageWith({ content }: Asset, token: string): string {
  return content.toString().replace('<base href="/" />', `<base href="/${token}/" />`);
}

function watch(response: ServerResponse, viewers: Exhibits['viewers']): void {
  if (viewers.size >= mostViewers) return refuse(response, 503, 'Too many pages look already');
  const viewer = new Viewer(response);
  response.on('close', () => viewers.leave(viewer));
  viewers.join(viewer);
}

function tell(response: ServerResponse, { history }: Exhibits, { query }: Wanted): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(history(query.get('path') ?? '')));
}

/** The connection goes with it: whatever was to follow is not read. */
function refuse(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(`${reason}.\n`);
}
