import { TextDecoder } from 'node:util';
import { UsageError } from './usage-error.ts';

/**
 * The lines of a stream of bytes, without their ends (`\n` or `\r\n`); the stream is read only as fast as lines are taken.
 *
 * Not `node:readline`: it also ends lines at U+2028 and at a lone `\r`, which may stand inside a command.
 * @throws {UsageError} for bytes that are not UTF-8: a changed character could make another command
 */
export async function* linesOf(stream: AsyncIterable<Uint8Array | string>, name: string): AsyncGenerator<string, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decode(decoder, chunk, name)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  rest += decode(decoder, undefined, name);
  if (rest !== '') yield rest;
}

function decode(decoder: TextDecoder, chunk: Uint8Array | string | undefined, name: string): string {
  if (typeof chunk === 'string') return chunk;
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch (error) {
    throw new UsageError(`Expected ${name} to be UTF-8 text`, { cause: error });
  }
}
