import { describe, expect, onTestFinished, test } from 'vitest';
import { bash, sh, type Pool } from '../../src/index.ts';
import { errorOf, nextEvent, openPool, soon } from '../support/pools.ts';
import { temporaryFolder } from '../support/folders.ts';
import { isRunning, sessionOf, untilEmpty } from '../support/processes.ts';

/** A line that was logged at `warn`. */
type Line = Record<string, unknown>;

describe.each([
  ['bash', () => bash()],
  ['sh', () => sh()],
])('in %s', (_, shell) => {
  /** A pool of one shell that ends like any other, and what it logs at `warn`. */
  function open(): { pool: Pool; lines: Line[] } {
    const lines: Line[] = [];
    const quiet = (): void => {};
    const warn = (fields: object, message?: string): void => void lines.push({ message, ...fields });
    return {
      pool: openPool({
        shell: shell(),
        max: 1,
        cwd: temporaryFolder(),
        logger: { debug: quiet, info: quiet, warn, error: warn },
      }),
      lines,
    };
  }

  /** Runs `text`, the naps of which note their ids, until `amount` of them are there; none of them outlives the test. */
  async function pidsOf(pool: Pool, text: string, { amount = 1, end = ':' } = {}): Promise<number[]> {
    const { stdout } = await soon(
      pool.exec(`${text}; until [ "$(wc -l <pids)" = ${amount} ]; do sleep 0.01; done 2>/dev/null; cat pids; ${end}`),
    );
    const pids = stdout.trim().split('\n').map(Number).filter(Boolean);
    onTestFinished(() => pids.filter(isRunning).forEach((pid) => process.kill(pid, 'SIGKILL')));
    return pids;
  }

  const nap = `sh -c 'echo $$ >>pids; exec sleep 300'`;
  const saying = `sh -c 'echo $$; exec sleep 300'`;

  describe('a process that left its session', () => {
    test.each([
      ['and is its child', `setsid ${nap} & :`, 1],
      ['and whose parent is gone', `(setsid ${nap} &)`, 1],
      ['with its streams closed', `(setsid sh -c 'echo $$ >>pids; exec sleep 300 <&- >&- 2>&-' &)`, 1],
      [
        'with every descriptor closed, while its parent lives',
        `setsid bash -c 'echo $$ >>pids; for fd in /proc/self/fd/*; do eval "exec \${fd##*/}>&-"; done; exec sleep 300' & :`,
        1,
      ],
      ['with its child', `setsid sh -c 'echo $$ >>pids; sh -c "echo \\$\\$ >>pids; exec sleep 300"; :' & :`, 2],
    ])('%s, outlives a shell that is closed, and is named', async (_, text, amount) => {
      const { pool, lines } = open();
      const pids = await pidsOf(pool, text, { amount });
      const destroyed = nextEvent(pool, 'shell.destroyed');
      await pool.close();
      const { strays, shellId, pid } = await destroyed;
      expect(strays).toEqual(pids);
      expect(pids.every(isRunning)).toBe(true);
      expect(lines).toEqual([
        { message: expect.stringMatching(/outlive/), pool: 'shell', shellId, shellPid: pid, strays },
      ]);
    });

    test('does not hold up a close by writing without end', async () => {
      const { pool } = open();
      const pids = await pidsOf(
        pool,
        `(setsid sh -c 'echo $$ >>pids; until [ -e go ]; do sleep 0.01; done; exec yes' &)`,
        {
          end: 'touch go',
        },
      );
      const destroyed = nextEvent(pool, 'shell.destroyed');
      await nextEvent(pool, 'shell.late_output');
      await soon(pool.close());
      expect((await destroyed).strays).toEqual(pids);
    });

    test('is named when its shell is killed from outside', async () => {
      const { pool } = open();
      const pids = await pidsOf(pool, `setsid ${nap} & :`);
      const destroyed = nextEvent(pool, 'shell.destroyed');
      await pool.exec('kill -9 $$');
      expect((await destroyed).strays).toEqual(pids);
    });

    test('is named once, by its own shell', async () => {
      const { pool } = open();
      const destroyed = nextEvent(pool, 'shell.destroyed');
      const pids = await pidsOf(pool, `setsid ${nap} & :`, { end: 'exit' });
      expect((await destroyed).strays).toEqual(pids);
      const next = nextEvent(pool, 'shell.destroyed');
      await pool.exec('exit');
      expect(await next).not.toHaveProperty('strays');
    });

    test('is named when its command is killed', async () => {
      const { pool } = open();
      const destroyed = nextEvent(pool, 'shell.destroyed');
      const run = pool.exec(`setsid ${saying}`);
      const pid = Number(await firstLine(run.output$));
      onTestFinished(() => void (isRunning(pid) && process.kill(pid, 'SIGKILL')));
      run.kill();
      await errorOf(run);
      expect((await destroyed).strays).toEqual([pid]);
    });
  });

  describe('a process that left its group only', () => {
    test.each([
      ['timeout', `timeout 300 ${nap} & :`],
      ['a subshell with job control', `bash -c 'set -m; sh -c "echo \\$\\$ >>pids; exec sleep 300" & wait' & :`],
    ])('is ended with a shell that is closed: %s', async (_, text) => {
      const { pool, lines } = open();
      const pids = await pidsOf(pool, text);
      const destroyed = nextEvent(pool, 'shell.destroyed');
      expect(pids.every(isRunning)).toBe(true);
      await pool.close();
      expect(pids.filter(isRunning)).toEqual([]);
      expect(await destroyed).not.toHaveProperty('strays');
      expect(lines).toEqual([]);
    });

    test('is gone when kill() has rejected', async () => {
      const { pool } = open();
      const run = pool.exec(`timeout 300 ${saying}`);
      const pid = Number(await firstLine(run.output$));
      run.kill();
      const error = await errorOf(run);
      expect(error).toMatchObject({ code: 'ERR_ABORTED', rung: 'kill', stateLost: true, signal: 'SIGKILL' });
      expect(isRunning(pid)).toBe(false);
      expect(sessionOf(error.pid!)).toEqual([]);
    });

    test('is ended with a shell that ended by itself', async () => {
      const { pool } = open();
      const pids = await pidsOf(pool, `timeout 300 ${nap} & :`, { end: 'exit' });
      expect(await untilEmpty(() => pids.filter(isRunning), 5_000)).toEqual([]);
    });
  });
});

function firstLine(output$: { subscribe(next: (chunk: { data: string }) => void): unknown }): Promise<string> {
  return new Promise((resolve) => {
    output$.subscribe(({ data }) => resolve(data.trim()));
  });
}
