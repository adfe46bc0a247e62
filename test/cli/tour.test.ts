import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repoRoot, runToEnd, tools } from '../support/repo.ts';
import { testFolder } from './run-cli.ts';

test('the tour ends with status 0 where bash is all there is on the PATH', async () => {
  const bash = ['/bin/bash', '/usr/bin/bash', '/usr/local/bin/bash'].find((path) => existsSync(path)) ?? '';
  const folder = testFolder();
  symlinkSync(bash, join(folder, 'bash'));
  const args = [tools.tsx, '--tsconfig', join(repoRoot, 'test/tsconfig.json'), join(repoRoot, 'docs/examples/tour.ts')];
  const { exitCode, output } = await runToEnd(process.execPath, args, {
    timeout: 110_000,
    env: { ...process.env, PATH: folder },
  });
  expect(exitCode, output).toBe(0);
  expect(output).toContain('Hello from Paris, in /');
  expect(output).toMatch(/· shell\.(\d) invalid: exited .*· shell\.\1 spawning/s);
  expect(output).toMatch(/shell\.\d +\d+ +SIGKILL .* echo begun/);
  expect(output).toMatch(/tour: ready, 3 shells, 3 idle, 0 busy, 0 waiting/);
  expect(output).toMatch(
    /root +running +rest_for_one.*\n├─ login +ready +1 shell, 1 idle, restarted once.*\n└─ jobs +ready/,
  );
  // Colour is for terminals.
  expect(output).not.toContain('\u001B');
});
