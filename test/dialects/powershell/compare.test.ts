import { createPool, type Pool } from 'shellwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noPwsh, plainPwsh, pwshCommand, skippedFor, type Outcome } from '../../support/pwsh.ts';
import { commands } from './commands.ts';

describe.skipIf(noPwsh !== undefined)(`a warm PowerShell${skippedFor}`, () => {
  let pool: Pool;
  let own: Promise<Outcome>[];

  beforeAll(() => {
    pool = createPool({ shell: plainPwsh(), max: 1, logger: false });
    own = inTurns(
      2,
      commands.map(
        ([text]) =>
          () =>
            pwshCommand(text),
      ),
    );
  });
  afterAll(() => pool.close({ force: true }));

  it.each(commands.map(([text, difference], index) => [text, difference, index] as const))(
    'answers as `pwsh -Command`: %j',
    { timeout: 120_000 },
    async (text, difference, index) => {
      const { exitCode, stdout, stderr } = await pool.exec(text);
      const alone = await (own[index] as Promise<Outcome>);
      const expected = { ...alone };
      if (difference === 'native') {
        expect(alone.exitCode).toBe(1);
        expected.exitCode = 7;
      }
      if (difference === 'incomplete') {
        expect(alone.stderr).toBe('');
        expect(stderr).toContain('ParserError');
        expected.stderr = stderr;
      }
      expect({ exitCode, stdout, stderr }).toEqual(expected);
    },
  );
});

/** Runs the jobs, so many at a time. */
function inTurns<T>(width: number, jobs: readonly (() => Promise<T>)[]): Promise<T>[] {
  const lanes = Array.from({ length: width }, () => Promise.resolve() as Promise<unknown>);
  return jobs.map((job, index) => {
    const lane = index % width;
    const run = (lanes[lane] as Promise<unknown>).then(job);
    lanes[lane] = run;
    return run;
  });
}
