import { sep } from 'node:path';
import type { Driver, Fences, Report } from '../dialect.ts';

export interface CmdDriverSettings {
  secret: string;
  fences: Fences;
  /** Where temporary files are: the value of the variable `temporaryFolder` in the shell. */
  folder: string;
}

/** In the environment of a cmd.exe: cmd reads its stdin byte by byte, so that a folder whose name is not ASCII cannot be written there. */
export const temporaryFolder = 'SHELLWRIGHT_TEMP';

/**
 * cmd.exe reads lines from its stdin, and takes an unfinished `(`, or a `^` at an end, for the begin of the next one. So a text is never there: it
 * is a batch file of its own, and what is written to stdin are few lines of a fixed form, ASCII each, that run it and print the fences.
 *
 * An error of the language ends all batch files, and the rest of the line that ran them: so the fences are on lines of their own.
 */
export function cmdDriver({ secret, fences, folder }: CmdDriverSettings): Driver {
  const marker = (tag: string): string => `\x01${secret}${tag} `;
  const end = (tag: string, payload: string): string[] => [
    // With %errorlevel%: that is put in when the line is read, and so when the text has ended.
    `@echo ${marker(tag)}${payload}`,
    ...(fences === 'both' ? [`@echo ${marker(tag)}.>&2`] : []),
  ];
  return {
    boot: lines(boot),
    frame: (tag, text, { textFile } = {}) => {
      if (text === '') return lines([...begin, ...end(tag, status)]);
      // It would have to be among these lines.
      if (textFile === undefined) return lines(end(tag, noFile));
      return lines([...begin, `@"${nameOf(textFile, folder)}" <nul & echo off`, ...end(tag, status)]);
    },
    longText: 0,
    textFile: { suffix: '.cmd', content: batchFile },
    marker: (tag) => Buffer.from(marker(tag), 'latin1'),
    report,
    afterInterrupt: (tag) => tag,
  };
}

const status = '%errorlevel%';
const noFile = 'none';

// Whether `/q` keeps the prompt away is doubtful; `echo off` at the prompt does. Texts are UTF-8, and so is what `echo` prints.
const boot = [
  '@echo off',
  String.raw`@"%SystemRoot%\System32\chcp.com" 65001 >nul || (echo cmd^(^) needs code page 65001, which could not be set >&2 & exit 1)`,
];

// A variable of that name would hide the status for good. To remove one that is not there makes that 1, `ver` makes it 0: what is left of an earlier
// command would be the status of each that, as `echo`, sets none.
const begin = ['@set "errorlevel="', '@ver >nul'];

/** Not with `call`, which would read the name twice: at the prompt a batch file comes back without it. */
function nameOf(file: string, folder: string): string {
  return file.startsWith(`${folder}${sep}`) ? `%${temporaryFolder}%${file.slice(folder.length)}` : file;
}

/** cmd looks for labels in files whose lines end in CRLF. */
function batchFile(text: string): string {
  return `${text.replaceAll(/\r?\n/g, '\r\n')}\r\n`;
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\r\n`).join('');
}

/** Reads `<ERRORLEVEL>`, a signed number. `echo` ends its line with CRLF, of which the host takes the LF. */
function report(payload: string): Report | undefined {
  const text = payload.replace(/\r$/, '');
  if (text === noFile) return { exitCode: 1, lacked: 'file' };
  return /^-?\d{1,10}$/.test(text) ? { exitCode: Number(text) } : undefined;
}
