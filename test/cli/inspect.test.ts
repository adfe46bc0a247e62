import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { look } from '../inspector/looking.ts';
import { runCli, startCli, testGate } from './run-cli.ts';

const place = /shellwright: inspector at (http:\S+)\n/;

function urlIn(text: string): string {
  return place.exec(text)?.[1] ?? '';
}

describe('shellwright exec --inspect', () => {
  test('shows the shells while commands run, and ends with them', async () => {
    const gate = testGate();
    const { stderr, status } = startCli(['exec', '--inspect', '--max', '1', `read x < ${gate.path}`]);
    await stderr.until(place);
    const viewer = await look({ url: urlIn(stderr.text) });
    await viewer.until('the shell to be busy', () => viewer.nodes.get('cli/shell.0')?.state === 'busy');
    expect(viewer.nodes.get('cli')).toMatchObject({ type: 'pool', max: 1, busy: 1 });
    expect(viewer.text).not.toContain(gate.path);
    gate.open();
    expect(await status).toBe(0);
    await viewer.ended;
  });

  test('shows commands with --show-commands', async () => {
    const gate = testGate();
    const { stderr, status } = startCli(['exec', '--inspect', '--show-commands', `read x < ${gate.path}`]);
    await stderr.until(place);
    const viewer = await look({ url: urlIn(stderr.text) });
    await viewer.until('the command', () => viewer.text.includes(gate.path));
    gate.open();
    expect(await status).toBe(0);
  });
});

describe('shellwright inspect', () => {
  test('runs what comes from standard input, and stays until Ctrl-C', async () => {
    const { stdin, stdout, stderr, signals, status } = startCli(['inspect', '--max', '1']);
    await stderr.until(place);
    const viewer = await look({ url: urlIn(stderr.text) });
    stdin.end('echo hi\n');
    await stdout.until(/hi\n/);
    await viewer.until('the shell to be idle', () => viewer.nodes.get('cli/shell.0')?.state === 'idle');
    expect(stderr.text).not.toContain('1 ok');
    signals.emit('SIGINT', 'SIGINT');
    expect(await status).toBe(130);
    expect(stderr.text).toContain('1 ok');
    await viewer.ended;
  });
});

test('the words of the inspector are checked', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const wrong = async (...argv: string[]) => {
    const { status, stderr } = await runCli(argv);
    expect(status).toBe(2);
    return stderr.split('\n')[0];
  };
  expect(await wrong('exec', '--port', '1', 'true')).toBe(
    'shellwright: Expected --port with --inspect or after inspect only',
  );
  expect(await wrong('inspect', '--port', 'x')).toBe(
    "shellwright: Expected --port to be a whole number of at least 0, got 'x'",
  );
  expect(await wrong('inspect', 'a', 'b')).toBe("shellwright: Expected at most one file after inspect, got 'a' 'b'");
  expect(await wrong('exec', '--inspect', '--port', String(port), 'true')).toContain('EADDRINUSE');
});
