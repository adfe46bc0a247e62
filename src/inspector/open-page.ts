import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const openers: Readonly<Record<string, readonly [program: string, ...args: string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/**
 * Opens a URL in the user's browser, as far as there is one; gives what cleans up after it.
 *
 * By way of a file that only this user can read, as Jupyter does it: everybody on this host can read the arguments of a program, and the URL
 * has the token.
 */
export function openPage(url: string): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'shellwright-inspector-'));
  const file = join(folder, 'open.html');
  writeFileSync(
    file,
    `<!doctype html><meta http-equiv="refresh" content="0; url=${url}"><a href="${url}">${url}</a>\n`,
    {
      mode: 0o600,
    },
  );
  const [program, ...args] = openers[process.platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, file], { detached: true, stdio: 'ignore' });
  // Without a browser the page is there all the same.
  child.on('error', () => {});
  child.unref();
  return () => rmSync(folder, { recursive: true, force: true });
}
