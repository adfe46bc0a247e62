import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { bash, ksh, sh, zsh, type Dialect } from 'shellwright';
import { describe, expect, it, onTestFinished } from 'vitest';
import { whyMissing } from '../support/installed.ts';

const dialects: Dialect[] = [bash(), sh(), sh({ path: 'busybox', args: ['sh'] }), zsh(), ksh()];
const installed = dialects.filter((dialect) => whyMissing(dialect) === undefined);

/** As on systems without FIFOs, and behind a launcher: stdio is what it is, and the shell writes both fences. */
describe.each(installed.map((dialect) => [`${dialect.name} (${dialect.path})`, dialect] as const))(
  'the driver of %s',
  (_, dialect) => {
    it.each([
      ['a socket', ({ path, args }: Dialect) => [path, args] as const],
      ['a pipe', ({ path, args }: Dialect) => ['/bin/sh', ['-c', 'cat | "$@"', 'sh', path, ...args]] as const],
    ])('writes both fences when its stdin is %s', async (__, launch) => {
      const secret = `s${'0'.repeat(24)}`;
      const driver = dialect.driver(secret, 'both');
      const [path, args] = launch(dialect);
      const shell = spawn(path, [...args], { stdio: 'pipe', detached: true });
      onTestFinished(() => void shell.kill('SIGKILL'));
      const output = { stdout: '', stderr: '' };
      for (const stream of ['stdout', 'stderr'] as const)
        shell[stream].setEncoding('latin1').on('data', (text: string) => (output[stream] += text));

      shell.stdin.write(driver.boot);
      const texts = [
        'echo one; echo err >&2; (exit 7)',
        'echo "$?"',
        "echo 'x",
        'set -x 2>/dev/null',
        'set +x',
        'echo last',
      ];
      shell.stdin.end(texts.map((text, index) => driver.frame(`${index}`, text)).join(''));
      await once(shell, 'close');

      const cut = (text: string): string[] =>
        texts.map((___, index) => {
          const [begin, end] = [index - 1, index].map((tag) =>
            text.indexOf(driver.marker(`${tag}`).toString('latin1')),
          );
          expect(end, `fence ${index} in ${JSON.stringify(text)}`).toBeGreaterThan(-1);
          const from = index === 0 ? 0 : text.indexOf('\n', begin) + 1;
          return text.slice(from, end);
        });
      expect(cut(output.stdout)).toEqual(['one\n', '7\n', '', '', '', 'last\n']);
      expect(cut(output.stderr)).toEqual([
        'err\n',
        '',
        expect.stringMatching(/./),
        '',
        expect.not.stringMatching(/__sw/),
        '',
      ]);
      const payload = (index: number): string => {
        const start =
          output.stdout.indexOf(driver.marker(`${index}`).toString('latin1')) + driver.marker(`${index}`).length;
        return output.stdout.slice(start, output.stdout.indexOf('\n', start));
      };
      expect(texts.map((___, index) => driver.report(payload(index))?.exitCode)).toEqual([
        7,
        0,
        expect.any(Number),
        0,
        0,
        0,
      ]);
    });
  },
);
