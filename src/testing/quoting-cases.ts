import { deepEqual, equal, throws } from 'node:assert/strict';
import { command } from '../index.ts';
import { inSession, joined, type Case } from './case.ts';
import { naughty } from './naughty.ts';
import type { ContractScripts } from './scripts.ts';

/** What `quote` promises. */
export function quotingCases(scripts: ContractScripts): readonly Case[] {
  const { write } = scripts;
  const echo = (session: { quote(value: string): string }, text: string): string =>
    write(session.quote(text), 'stdout');
  return [
    {
      name: 'gives naughty strings back, byte for byte',
      run: (bench) =>
        inSession(bench, async (session) => {
          const separator = '\n<|>\n';
          for (let from = 0; from < naughty.length; from += 50) {
            const texts = naughty.slice(from, from + 50);
            const parts = texts.flatMap((text) => [echo(session, text), echo(session, separator)]);
            const { stdout } = await session.exec(joined(scripts, ...parts));
            deepEqual(stdout.split(separator).slice(0, -1), texts);
          }
        }),
    },
    {
      name: 'gives random strings back, byte for byte',
      run: (bench) =>
        inSession(bench, async (session) => {
          for (let round = 0; round < 60; round++) {
            const text = randomText();
            equal((await session.exec(echo(session, text))).stdout, text, JSON.stringify(text));
          }
        }),
    },
    {
      name: 'refuses what cannot reach a shell unchanged',
      run: async ({ pool }) => {
        for (const text of ['a\0b', '\ud800', 'a\udc00']) throws(() => pool.quote(text), { code: 'ERR_OPTIONS' });
      },
    },
    {
      name: 'refuses a value inside quotes',
      run: async ({ pool }) => {
        // What `quote` gives ends with what closes it: without that, the text ends inside.
        const open = pool.quote('a b').slice(0, -1);
        const template = Object.assign([open, ''], { raw: [open, ''] });
        const { error } = await pool.exec(command(template, 'x'), { reject: false });
        deepEqual([error?.code, error?.started], ['ERR_OPTIONS', false]);
      },
    },
  ];
}

const special = `'"\\\`$(){}[]<>|&;#!*?~^%@=+-/,.: \t\n\r\x01\x1b\x7f\u0085\u2028éß日😀n0x`;

function randomText(): string {
  const chars = Array.from(special);
  const length = Math.floor(Math.random() * 40);
  return Array.from({ length }, () => chars[Math.floor(Math.random() * chars.length)]).join('');
}
