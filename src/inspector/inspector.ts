import { optionsError, show } from '../options/check.ts';
import { checkInspectorOptions, type InspectorOptions } from '../options/inspector-options.ts';
import { Pool } from '../pool/pool.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import { readAssets } from './assets.ts';
import { historyIn } from './histories.ts';
import { Hub } from './hub.ts';
import { openPage } from './open-page.ts';
import type { Target } from './probe.ts';
import { listen } from './server.ts';
import { version } from '../version.ts';

/** A page that shows a pool or tree live. Made by `createInspector`. */
export interface Inspector extends AsyncDisposable {
  /** Where it is, with the token: whoever has it can look. */
  readonly url: string;
  /** Serves no more, and lets all who look go. The pool or tree goes on. Idempotent. */
  close(): Promise<void>;
}

/**
 * Serves a page that shows a pool or a tree live: read-only, on this host only, and to nobody without the URL's token.
 *
 * Nothing is attached to the pool or tree while nobody looks. It does not keep Node alive.
 *
 * @throws {ShellwrightError} ERR_OPTIONS for a bad option, also for a port that is taken
 * @example
 * const inspector = await createInspector(tree);
 * console.log(inspector.url); // http://127.0.0.1:43127/?token=…
 */
export async function createInspector(
  poolOrTree: Pool | Pool<Buffer> | Pool<string | Buffer> | Supervisor,
  options?: InspectorOptions,
): Promise<Inspector> {
  const target = checkTarget(poolOrTree);
  const { host, port: wanted, token, open, showCommands } = checkInspectorOptions(options);
  const hub = new Hub(target, { root: target.path, version: version(), showCommands });
  const server = await listen(
    { host, port: wanted, token },
    { assets: readAssets(), viewers: hub, history: (path) => historyIn(target, path, showCommands) },
  );
  const url = `http://${authorityOf(host, server.port)}/?token=${token}`;
  const forget = open ? openPage(url) : () => {};
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    forget();
    hub.end();
    closing ??= server.close();
    return closing;
  };
  return { url, close, [Symbol.asyncDispose]: close };
}

function checkTarget(target: unknown): Target {
  if (target instanceof Pool || target instanceof Supervisor) return target as Target;
  throw optionsError(`Expected createInspector to be given a pool or a supervisor, got ${show(target)}`);
}

/** Who listens everywhere is reached here by the loopback address. */
function authorityOf(host: string, port: number): string {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return reached.includes(':') ? `[${reached}]:${port}` : `${reached}:${port}`;
}
