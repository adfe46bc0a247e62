import { tmpdir } from 'node:os';
import { cmdDriver, temporaryFolder } from './cmd/driver.ts';
import { checkCmdOptions, type CmdOptions } from './cmd/options.ts';
import { insideQuotes, quote } from './cmd/quote.ts';
import type { Dialect, Phrases } from './dialect.ts';
import { optionsError } from '../options/check.ts';

/**
 * cmd.exe of Windows 10 and later. It was written from what is documented and known of it, and has never run on a Windows machine.
 *
 * Commands are batch files: each text is one of its own, so that `%%` is a percent sign, labels and `goto :eof` work, and `exit /b 3` gives a status.
 * Variables and the current folder last; `setlocal` ends with its text. `exit 3` ends the shell. ERRORLEVEL is 0 when a command begins.
 * @throws {ShellwrightError} ERR_OPTIONS
 */
export function cmd(options?: CmdOptions): Dialect {
  const { path, args } = checkCmdOptions(options);
  const folder = tmpdir();
  return {
    name: 'cmd',
    path,
    args,
    // Windows has no signals: what is to be stopped is killed, and its shell with it.
    capabilities: { signals: false, streamInput: false, localFiles: true },
    env: { [temporaryFolder]: folder },
    driver: (secret, fences) => cmdDriver({ secret, fences, folder }),
    quote,
    insideQuotes,
    phrases,
  };
}

const phrases: Phrases = {
  nothing: '',
  changeFolder: ['cd /d ', ''],
  setVariable: (name) => {
    throw optionsError(
      `Expected no variable \`${name}\` in the \`env\` of a session: what cmd() quotes is an argument for programs, which \`set\` would take with its quotes; use \`set\` in a command, or the \`env\` of the pool`,
    );
  },
  // ERRORLEVEL is 1 after one that is not there.
  unsetVariable: (name) => `set "${name}=-"\nset "${name}="`,
  and: '\n',
};
