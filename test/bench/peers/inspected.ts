import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInspector } from 'shellwright/inspector';
import { openPool, peerOf } from './ours.ts';
import type { Peer } from './peer.ts';

/** Us with an inspector that somebody looked at once. */
export async function openUnwatched(shells: number): Promise<Peer> {
  const pool = await openPool(shells);
  const inspector = await createInspector(pool);
  const viewer = await openViewer(inspector.url);
  await viewer.close();
  const peer = peerOf(pool);
  return { ...peer, close: () => Promise.all([inspector.close(), peer.close()]) };
}

/** Us with one viewer, a process of its own as a browser is. */
export async function openWatched(shells: number): Promise<Peer> {
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
