import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bash, command, secret, sh, type Dialect } from '../../src/index.ts';
import { errorOf, nextEvent } from '../support/pools.ts';
import { script, textsOf, witnessedPool } from '../support/witness.ts';

const value = 'hunter2-correct-horse';
const token = secret(value);

function leaksOf(texts: readonly string[], ...hidden: string[]): string[] {
  return texts.filter((text) => hidden.some((part) => text.includes(part)));
}

describe('what a command writes', () => {
  test('is as it is for its caller, and masked for everybody else', async () => {
    const { pool, seen } = witnessedPool();
    const run = pool.$`echo ${token}; echo ${token} >&2`;
    const lines: string[] = [];
    for await (const line of run) lines.push(line);
    expect(await run).toMatchObject({ stdout: `${value}\n`, stderr: `${value}\n` });
    expect(lines).toEqual([value]);
    expect(run.partial()).toEqual({ stdout: `${value}\n`, stderr: `${value}\n` });
    expect(leaksOf(seen(), value)).toEqual([]);
    expect(pool.status().shells[0]!.history).toMatchObject([
      { command: 'echo ***; echo *** >&2', stdout: '***\n', stderr: '***\n' },
    ]);
  });

  test('is masked where the value comes in many pieces', async () => {
    const { pool, seen } = witnessedPool();
    const piecewise = 'for part in h unter2-cor rect-horse; do printf %s "$part"; sleep 0.02; done';
    const { stdout } = await pool.exec(command`: ${token}; ${script(piecewise)}`);
    expect(stdout).toBe(value);
    expect(leaksOf(seen(), value)).toEqual([]);
    expect(pool.status().shells[0]!.history.at(-1)?.stdout).toBe('***');
  });

  test('is masked in Buffers, be they UTF-8 or not', async () => {
    const { pool, seen } = witnessedPool({ encoding: 'buffer' as never });
    const results: unknown[] = [];
    pool.results$.subscribe(({ stdout }) => results.push(stdout));
    const wide = secret('日本-hunter2');
    const { stdout } = await pool.$`printf '%s\377\000|' ${wide}; printf %s ${wide}`;
    await pool.$`printf 'ü%s' ${wide}`;
    expect((stdout as unknown as Buffer).toString()).toContain('日本-hunter2');
    expect(results).toEqual([Buffer.from('***\xff\0|***', 'latin1'), Buffer.from('ü***')]);
    expect(leaksOf(seen(), 'hunter2')).toEqual([]);
  });

  test.each<[string, string, Dialect]>([
    ['by the trace of bash', 'set -x; : "$S"; set +x', bash()],
    ['by the trace of sh', 'set -x; : "$S"; set +x', sh()],
    ['by printf %q', 'printf %q "$S"', bash()],
    ['by declare', 'declare -p S; export S; export -p | tail -n 3', bash()],
    ['by export in sh', 'export S; export -p', sh()],
    ['by @Q', 'echo "${S@Q}"', bash()],
    ['by an error', '"$S"', bash()],
    ['by env', 'S="$S" env', sh()],
    ['without its line end', 'echo "<$(printf "%s\\n" "$S")>"', sh()],
  ])('is masked where it is quoted: %s', async (_, print, shell) => {
    for (const hidden of [
      `it's "a" $b \\ \`c\``,
      `plain'${value}`,
      `two\n${value} 'lines'\n`,
      `a\tb\x1b[31m ${value} é`,
    ]) {
      const { pool, seen } = witnessedPool({ shell });
      const { stdout, stderr } = await pool.exec(command`S=${secret(hidden)}; ${script(print)}`);
      expect(stdout + stderr).toMatch(/a|hunter2/);
      expect(leaksOf(seen(), value, 'it\\', "it's", 'it\'"', '"a" ')).toEqual([]);
      await pool.close({ force: true });
    }
  });

  test('is masked line by line where the secret has many, the short ones aside', async () => {
    const { pool, seen } = witnessedPool();
    const key = secret('-----BEGIN KEY-----\nMIIEvQIBADAN\nshort\n-----END KEY-----\n');
    expect((await pool.$`printf %s ${key} | grep -v BEGIN`).stdout).toContain('MIIEvQIBADAN');
    expect(leaksOf(seen(), 'MIIEvQIBADAN', 'END KEY')).toEqual([]);
    expect(pool.status().shells[0]!.history[0]?.stdout).toBe('***\nshort\n***\n');
  });

  test('leaves nothing of secrets that overlap, or contain each other or themselves', async () => {
    const { pool } = witnessedPool();
    const parts = [secret('abcdef'), secret('defghi'), secret('cde'), secret('aba')];
    await pool.$`: ${parts}; echo 1abcdefghi2 cdefghi abcde ababa fghi`;
    expect(pool.status().shells[0]!.history[0]?.stdout).toBe('1***2 *** ab*** *** fghi\n');
  });

  test('is masked for a secret of one character, too', async () => {
    const { pool } = witnessedPool();
    expect(await pool.$`echo axbx; : ${secret('x')}`.text()).toBe('axbx');
    expect(pool.status().shells[0]!.history).toMatchObject([{ command: 'echo a***b***; : ***', stdout: 'a***b***\n' }]);
  });

  test.each(['head', 'tail', 'middle'] as const)(
    'leaves no part of a secret where maxBuffer cut it: %s',
    async (overflow) => {
      for (let maxBuffer = 20; maxBuffer < 70; maxBuffer += 5) {
        const { pool, seen } = witnessedPool({ maxBuffer, overflow });
        const { truncated } = await pool.$`printf '%s%s%s%s%s%s' ${Array.from({ length: 6 }, () => token)}`;
        expect(truncated).not.toBe(false);
        expect(leaksOf(seen(), 'hun', 'ter', 'cor', 'ect', 'hor', 'rse')).toEqual([]);
        await pool.close({ force: true });
      }
    },
  );
});

describe('an error', () => {
  test.each([
    ['of a command that failed', { reject: true }, 'echo "$S" >&2; echo "$S"; false', 'ERR_COMMAND_FAILED'],
    ['of one that ran too long', { timeout: 1_000 }, 'echo "$S"; sleep 600', 'ERR_TIMEOUT'],
    ['of one that wrote too much', { maxBuffer: 30, overflow: 'kill' }, 'yes "$S"', 'ERR_MAX_BUFFER'],
    ['of one whose shell took its descriptors away', {}, 'echo "$S"; exec 251>&- 252>&-', 'ERR_PROTOCOL'],
  ] as const)('%s shows no secret, neither to its caller nor to others', async (_, options, text, code) => {
    const { pool, seen } = witnessedPool();
    const error = await errorOf(pool.exec(command`S=${token}; ${script(text)}`, options));
    expect(error.code).toBe(code);
    expect(error.command).toBe(`S=***; ${text}`);
    expect(error.stdout).toMatch(/\*\*\*/);
    expect(leaksOf([...textsOf(error), ...seen()], value, 'hunter')).toEqual([]);
  });

  test('has the reason of a signal as it is for its caller, and masked for others', async () => {
    const { pool, seen } = witnessedPool();
    const reason = new Error(`gave up on ${value}`, {
      cause: { url: new URL(`http://host/?t=${value}`), list: [value] },
    });
    const controller = new AbortController();
    const run = pool.exec(command`sleep 600; : ${token}`, { signal: controller.signal });
    await nextEvent(pool, 'command.started');
    controller.abort(reason);
    const error = await errorOf(run);
    expect(error.cause).toBe(reason);
    expect(error.message).not.toContain(value);
    expect(leaksOf(seen(), value)).toEqual([]);
  });

  test.each([
    ['text', 'false'],
    ['lines', 'yes "$S" | head -c 1000'],
    ['json', 'printf \'{"key": "%s" oops\' "$S"'],
    ['json', 'printf %s "$S"'],
  ] as const)('of %s() shows no secret: %s', async (read, text) => {
    const { pool } = witnessedPool({ maxBuffer: 100 });
    const error = await errorOf(pool.exec(command`S=${token}; echo "$S" >&2; ${script(text)}`)[read]());
    expect(leaksOf(textsOf(error), value, 'hunter')).toEqual([]);
  });

  test('of json() still says where, when there is nothing to mask in the output', async () => {
    const { pool } = witnessedPool();
    const error = await errorOf(pool.$`: ${token}; echo nonsense`.json());
    expect(error.message).toContain('nonsense');
    expect(error.cause).toBeInstanceOf(SyntaxError);
  });
});

describe('random secrets in random commands', () => {
  // Six characters and more, of which not all are `*`: what is shorter stands in names and ids of ours by chance.
  const hidden = fc
    .oneof(
      fc.string({ minLength: 6, maxLength: 40, unit: 'binary' }),
      fc.string({ minLength: 6, maxLength: 40, unit: fc.constantFrom(...Array.from('ab\'"\\$`\n\t *é😀\x1b!')) }),
    )
    .filter((text) => !text.includes('\0') && Buffer.from(text).toString() === text && /[^*]/.test(text));
  const prints = fc.constantFrom(
    'printf %s "$S"',
    'printf "x%sx" "$S" >&2',
    'printf "%s" "$S" | while IFS= read -rn 1 -d "" c; do printf "%s" "$c"; done',
    'set -x; : "$S"; set +x',
    'printf %q "$S"',
    'type -- "$S"',
    'declare -p S',
    'false',
  );

  test('never show them, but in result.stdout', { timeout: 300_000 }, async () => {
    const { pool, seen } = witnessedPool({ history: { max: 3, output: true } });
    await fc.assert(
      fc.asyncProperty(
        fc.array(hidden, { minLength: 1, maxLength: 3 }),
        prints,
        fc.boolean(),
        async (values, print, reject) => {
          const secrets = values.map((text) => secret(text));
          const run = pool.exec(command`printf '%s\n' ${secrets}; S=${secrets[0]!}; ${script(print)}`, {
            timeout: 5_000,
          });
          const { stdout } = await run;
          expect(stdout.startsWith(values.map((text) => `${text}\n`).join(''))).toBe(true);
          const error = reject ? await run.json().catch((thrown: unknown) => thrown) : undefined;
          expect(leaksOf([...textsOf(error), ...seen()], ...values)).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });
});
