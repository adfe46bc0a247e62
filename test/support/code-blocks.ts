import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repoRoot } from './repo.ts';

export interface CodeBlock {
  /** The page, as a path from the root. */
  readonly page: string;
  /** Line of the first line of code, from 1. */
  readonly line: number;
  readonly language: 'ts' | 'js';
  /** The words after the language on the fence: `run`, `continued`, `cjs`. */
  readonly words: readonly string[];
  readonly code: string;
}

/** The fenced TypeScript and JavaScript blocks of a page, in order. */
export function codeBlocksOf(page: string): CodeBlock[] {
  return parseCodeBlocks(page, readFileSync(join(repoRoot, page), 'utf8'));
}

export function parseCodeBlocks(page: string, text: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { indent: string; fence: string; info: string; line: number; code: string[] } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const [, indent = '', fence = '', info = ''] = /^(\s*)(`{3,}|~{3,})\s*(.*?)\s*$/.exec(line) ?? [];
    if (open === undefined) {
      if (fence !== '') open = { indent, fence, info, line: index + 2, code: [] };
    } else if (info === '' && fence.startsWith(open.fence)) {
      const block = toBlock(page, open);
      if (block !== undefined) blocks.push(block);
      open = undefined;
    } else {
      open.code.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line);
    }
  }
  if (open !== undefined) throw new Error(`${page}:${open.line - 1}: a code block that is never closed`);
  return blocks;
}

const languages: Readonly<Record<string, 'ts' | 'js'>> = { ts: 'ts', typescript: 'ts', js: 'js', javascript: 'js' };
const knownWords = new Set(['run', 'continued', 'cjs']);

function toBlock(page: string, open: { info: string; line: number; code: string[] }): CodeBlock | undefined {
  const [name = '', ...words] = open.info.split(/\s+/);
  const language = languages[name];
  if (language === undefined) return undefined;
  const unknown = words.find((word) => !knownWords.has(word));
  // A misspelt `run` would otherwise silently turn an executed example into one that is only read.
  if (unknown !== undefined) throw new Error(`${page}:${open.line - 1}: unknown word after the language: ${unknown}`);
  return { page, line: open.line, language, words, code: `${open.code.join('\n')}\n` };
}
