import { exec } from 'node:child_process';
import { promisify } from 'node:util';
import { execa } from 'execa';
import { withoutNewline } from '../questions.ts';
import { oneByOne, type Peer } from './peer.ts';

const execute = promisify(exec);

/** A `/bin/sh` for every command. */
export async function openExec(): Promise<Peer> {
  const ask: Peer['ask'] = async ({ command }) => withoutNewline((await execute(command)).stdout);
  return { ask, askAll: oneByOne(ask), close: async () => {} };
}

/** The same by execa. */
export async function openExeca(): Promise<Peer> {
  const ask: Peer['ask'] = async ({ command }) => (await execa(command, { shell: true })).stdout;
  return { ask, askAll: oneByOne(ask), close: async () => {} };
}
