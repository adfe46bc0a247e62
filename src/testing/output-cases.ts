import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { firstValueFrom, filter } from 'rxjs';
import { inSession, joined, outcome, type Case } from './case.ts';
import type { ContractScripts } from './scripts.ts';

/** State, output, status and input. */
export function outputCases(scripts: ContractScripts): readonly (Case | undefined)[] {
  const { write, copyStdin, everyByte, large, child, late, status, values, failsByStderr = false } = scripts;
  const writeBoth = (out: string, err: string): string =>
    failsByStderr ? write(out, 'stdout') : joined(scripts, write(out, 'stdout'), write(err, 'stderr'));
  const stderrOf = (text: string): string => (failsByStderr ? '' : text);
  return [
    {
      name: 'keeps its state from one command to the next',
      run: (bench) =>
        inSession(bench, async (session) => {
          deepEqual(outcome(await session.exec(scripts.keep(session.quote('one two')))), [0, '', '']);
          deepEqual(outcome(await session.exec(scripts.recall)), [0, 'one two', '']);
        }),
    },
    {
      name: 'gives output exactly: nothing is trimmed or added',
      run: (bench) =>
        inSession(bench, async (session) => {
          for (const text of ['', 'a', 'a\n', '\n', '\n\na \t\n\n', ' a', '-n', '\\n%s%d\\0', 'a\r\nb\r']) {
            const word = session.quote(text);
            deepEqual(outcome(await session.exec(writeBoth(word, word))), [0, text, stderrOf(text)]);
          }
        }),
    },
    {
      name: 'gives each of 300 commands its own output',
      run: (bench) =>
        inSession(bench, async (session) => {
          const text = (index: number): string => writeBoth(session.quote(`o${index}`), session.quote(`e${index}`));
          const results = await session.execAll(Array.from({ length: 300 }, (_, index) => text(index)));
          results.forEach((result, index) => deepEqual(outcome(result), [0, `o${index}`, stderrOf(`e${index}`)]));
        }),
    },
    {
      name: 'keeps Unicode',
      run: (bench) =>
        inSession(bench, async (session) => {
          const text = '日本語 ünï 😀 \u{10ffff} \ufeff \u0301 \u2028\n';
          equal((await session.exec(write(session.quote(text), 'stdout'))).stdout, text);
        }),
    },
    {
      name: 'runs a text of many lines, and a long one',
      run: (bench) =>
        inSession(bench, async (session) => {
          const line = write(session.quote('x\n'), 'stdout');
          equal(
            (await session.exec(joined(scripts, ...Array.from({ length: 500 }, () => line)))).stdout,
            'x\n'.repeat(500),
          );
          const long = 'long '.repeat(50_000);
          equal((await session.exec(write(session.quote(long), 'stdout'))).stdout, long);
        }),
    },
    everyByte === undefined
      ? undefined
      : {
          name: 'is binary-exact, NUL bytes too',
          run: (bench) =>
            inSession(bench, async (session) => {
              const { stdout } = await session.exec(everyByte, { encoding: 'buffer' });
              deepEqual([...stdout], [...Array(256).keys()]);
            }),
        },
    large && {
      name: 'gives large output whole',
      run: (bench) =>
        inSession(bench, async (session) => {
          const text = joined(scripts, large(5_000_000), writeBoth(session.quote('end'), session.quote('end')));
          const { stdout, stderr } = await session.exec(text, { encoding: 'buffer' });
          deepEqual([stdout.length, stderr.toString()], [5_000_003, stderrOf('end')]);
        }),
    },
    child === undefined
      ? undefined
      : {
          name: 'gives the output of other programs, in its place',
          run: (bench) =>
            inSession(bench, async (session) => {
              const [before, after] = ['<', '>'].map((text) => write(session.quote(text), 'stdout')) as [
                string,
                string,
              ];
              deepEqual(outcome(await session.exec(joined(scripts, before, child, after))), [0, '<out>', 'err']);
            }),
        },
    late === undefined
      ? undefined
      : {
          name: 'tells output that comes after the end of a command from that of the next one',
          run: (bench) =>
            inSession(bench, async (session) => {
              const event = firstValueFrom(bench.pool.events$.pipe(filter(({ type }) => type === 'shell.late_output')));
              const { stdout, id } = await session.exec(late);
              equal(stdout, '');
              const found = await event;
              ok(found.type === 'shell.late_output');
              deepEqual([found.commandId, found.stream, found.data.toString()], [id, 'stdout', 'late']);
            }),
        },
    {
      name: 'says that a command has failed, and goes on',
      run: (bench) =>
        inSession(bench, async (session) => {
          await session.exec(scripts.keep(session.quote('kept')));
          const result = await session.exec(scripts.fail);
          deepEqual([result.failed, result.shellExited], [true, false]);
          notEqual(result.stderr, '');
          equal((await session.exec(scripts.recall)).stdout, 'kept');
        }),
    },
    status && {
      name: 'has the status that a command gives itself',
      run: (bench) =>
        inSession(bench, async (session) => {
          for (const code of [1, 2, 7, 255, 0]) equal((await session.exec(status(code))).exitCode, code);
        }),
    },
    ...scripts.broken.map((text): Case => ({
      name: `answers a text that is no command, and goes on: ${JSON.stringify(text)}`,
      run: (bench) =>
        inSession(bench, async (session) => {
          await session.exec(scripts.keep(session.quote('kept')));
          const result = await session.exec(text);
          deepEqual([result.failed, result.shellExited], [true, false]);
          notEqual(result.stderr, '');
          deepEqual(outcome(await session.exec(scripts.recall)), [0, 'kept', '']);
        }),
    })),
    copyStdin === undefined
      ? undefined
      : {
          name: 'gives a reader of stdin its end at once, and nothing of the protocol',
          run: (bench) =>
            inSession(bench, async (session) => {
              const reader = session.exec(copyStdin);
              const next = session.exec(write(session.quote('next'), 'stdout'));
              deepEqual(outcome(await reader), [0, '', '']);
              equal((await next).stdout, 'next');
            }),
        },
    values && {
      name: 'keeps the value of an expression apart from what is printed',
      run: (bench) =>
        inSession(bench, async (session) => {
          for (const [text, value] of Object.entries(values)) {
            const result = await session.exec(joined(scripts, write(session.quote('printed'), 'stdout'), text));
            deepEqual([result.exitCode, result.stdout, result.value], [0, 'printed', value], text);
          }
          const cut = await session.exec(Object.keys(values)[0] as string, { maxBuffer: 1 });
          match(String(cut.value), /^.?$/s);
        }),
    },
  ];
}
