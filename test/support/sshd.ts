import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { killEach, withEnvironment } from './processes.ts';
import { runToEnd } from './repo.ts';

/** A server for OpenSSH on this machine, and what logs in to it. */
export interface Sshd {
  /** Arguments of `ssh` that run `command`, in the language of the user's login shell, at the far side. */
  args(command: string, ...options: string[]): string[];
  /** Ends it with all that was started through it. */
  close(): Promise<void>;
}

/** Where root's sshd goes while it does not know yet who calls. */
const emptyFolder = '/run/sshd';

/**
 * Starts a server of its own, with keys of its own, for this user on a free port of the loopback; nothing of the machine's set-up is read or changed.
 * Resolves to the reason where that cannot be.
 */
export async function startSshd(): Promise<Sshd | string> {
  const programs = ['sshd', 'ssh', 'ssh-keygen'].map(find);
  const [server, client, keygen] = programs;
  if (!server || !client || !keygen) return 'there is no OpenSSH, server and client, on this machine';
  const folder = mkdtempSync(join(tmpdir(), 'shellwright-sshd-'));
  const undo = [() => rmSync(folder, { recursive: true, force: true })];
  if (userInfo().uid === 0 && !existsSync(emptyFolder)) {
    mkdirSync(emptyFolder, { mode: 0o755 });
    undo.unshift(() => rmdirSync(emptyFolder));
  }
  const token = `SSHD_TOKEN=${randomBytes(8).toString('hex')}`;
  const started: ChildProcess[] = [];
  const close = async (): Promise<void> => {
    for (const child of started) if (child.exitCode === null && child.kill()) await once(child, 'exit');
    killEach(withEnvironment(token));
    for (const step of undo) step();
  };
  for (const key of ['host', 'user'])
    await runToEnd(keygen, ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, key)]);
  copyFileSync(join(folder, 'user.pub'), join(folder, 'authorized'));
  const port = await freePort();
  writeFileSync(join(folder, 'known'), `[127.0.0.1]:${port} ${readFileSync(join(folder, 'host.pub'), 'utf8')}`);
  const config = join(folder, 'config');
  writeFileSync(config, serverConfig(folder, port));
  // From 9.8 on a caller whose session was killed is not let in for a while; earlier ones do not know the word.
  const lenient = ['-o', 'PerSourcePenalties=no'];
  const { exitCode } = await runToEnd(server, ['-t', ...lenient, '-f', config]);
  const serverArgs = ['-D', '-e', ...(exitCode === 0 ? lenient : []), '-f', config];
  const child = spawn(server, serverArgs, { stdio: ['ignore', 'ignore', 'pipe'] });
  started.push(child);
  const options = clientOptions(folder, port);
  const args: Sshd['args'] = (command, ...more) => [...more, ...options, '127.0.0.1', `export ${token}; ${command}`];
  const problem = (await whyDeaf(child)) ?? (await whyRefused(client, args('true')));
  if (problem === undefined) return { args, close };
  await close();
  return problem;
}

/** Resolves to what it said when it ended, or to nothing when it listens. */
function whyDeaf(server: ChildProcess): Promise<string | undefined> {
  let said = '';
  return new Promise((resolve) => {
    server.on('error', ({ message }) => resolve(message));
    server.on('exit', () => resolve(`sshd does not start: ${said.trim()}`));
    server.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Server listening')) resolve(undefined);
    });
  });
}

async function whyRefused(client: string, args: string[]): Promise<string | undefined> {
  const { exitCode, output } = await runToEnd(client, args, { timeout: 20_000 });
  return exitCode === 0 ? undefined : `sshd lets nobody in: ${output.trim()}`;
}

function serverConfig(folder: string, port: number): string {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(folder, 'host')}`,
    `AuthorizedKeysFile ${join(folder, 'authorized')}`,
    'PidFile none',
    // The folder is below one that everybody may write to.
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'PermitRootLogin prohibit-password',
    'MaxStartups 100',
    '',
  ].join('\n');
}

function clientOptions(folder: string, port: number): string[] {
  const settings = [
    `Port=${port}`,
    `User=${userInfo().username}`,
    `IdentityFile=${join(folder, 'user')}`,
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'BatchMode=yes',
    `UserKnownHostsFile=${join(folder, 'known')}`,
    'GlobalKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=yes',
  ];
  return ['-T', '-F', '/dev/null', ...settings.flatMap((setting) => ['-o', setting])];
}

/** A server must be started by its whole path, and is not always on the PATH of a user. */
function find(program: string): string | undefined {
  const places = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return places.map((place) => join(place, program)).find((path) => existsSync(path));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
