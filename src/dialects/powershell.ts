import type { Dialect, Phrases } from './dialect.ts';
import { addressVariable, connectScript } from './powershell/boot.ts';
import { cacheFolder } from './powershell/cache.ts';
import { powershellDriver } from './powershell/driver.ts';
import { checkPowerShellOptions, type PowerShellOptions } from './powershell/options.ts';
import { insideQuotes, quote } from './powershell/quote.ts';

/**
 * PowerShell 7, and by option Windows PowerShell 5.1.
 *
 * Commands arrive over a control channel at a host of ours in the process, which runs them in a runspace of its own (powershell/host-source.ts).
 * @throws {ShellwrightError} ERR_OPTIONS
 */
export function powershell(options?: PowerShellOptions): Dialect {
  const checked = checkPowerShellOptions(options);
  const { path, args, color, jsonDepth, width } = checked;
  const isWindows = process.platform === 'win32';
  return {
    name: 'powershell',
    path,
    args: [...args, '-Command', connectScript],
    capabilities: { signals: !isWindows, streamInput: !isWindows, localFiles: true },
    control: addressVariable,
    extras: true,
    json: true,
    env: {
      POWERSHELL_TELEMETRY_OPTOUT: '1',
      ...(color === false && { NO_COLOR: '1' }),
      ...(color === true && { NO_COLOR: undefined, TERM: 'xterm-256color' }),
    },
    driver: (secret, fences) =>
      powershellDriver({ jsonDepth, width, secret, fences, cache: cacheFolder(checked.cacheFolder) }),
    quote,
    insideQuotes,
    phrases,
  };
}

const phrases: Phrases = {
  nothing: '',
  changeFolder: ['Set-Location -LiteralPath ', ''],
  setVariable: (name) => [`\${env:${name}} = `, ''],
  unsetVariable: (name) => `\${env:${name}} = $null`,
  and: '\n',
};
