import { readFileSync } from 'node:fs';

/** One program, and what is known about it. */
export interface Snippet {
  readonly id: string;
  readonly code: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whether it gives the same result each time in dash; unknown is yes. */
  readonly dash: boolean;
}

/**
 * Reads JSON lines `{ id, code, env }`; `env` is a list of `NAME=value` or an object, and may be missing.
 * @throws {Error} for a line that is no such thing, with its number
 */
export function readSnippets(path: string): Snippet[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [parse(line, `${path}:${index + 1}`)]));
}

function parse(line: string, where: string): Snippet {
  const { id, code, env = [], dash = true } = asObject(line, where);
  if (typeof code !== 'string') throw new Error(`${where}: expected code to be a string, got ${JSON.stringify(code)}`);
  return { id: typeof id === 'string' ? id : where, code, env: asVariables(env, where), dash: dash !== false };
}

function asObject(line: string, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new Error(`${where}: expected one JSON object a line, got ${line.slice(0, 80)}`, { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${where}: expected one JSON object a line, got ${line.slice(0, 80)}`);
  return value as Record<string, unknown>;
}

function asVariables(env: unknown, where: string): Record<string, string> {
  const entries: [string, unknown][] = Array.isArray(env)
    ? env.map((entry) => [String(entry).split('=', 1)[0] ?? '', String(entry).replace(/^[^=]*=?/, '')])
    : Object.entries(env ?? {});
  const wrong = entries.find(([name, value]) => name === '' || typeof value !== 'string');
  if (wrong) throw new Error(`${where}: expected env to be a list of NAME=value, or an object of strings`);
  return Object.fromEntries(entries) as Record<string, string>;
}
