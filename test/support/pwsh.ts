import { execFile } from 'node:child_process';
import { powershell, type Dialect, type PowerShellOptions } from 'shellwright';
import { whyMissing } from './installed.ts';

/** Why PowerShell cannot be tried here, if so. */
export const noPwsh = whyMissing({ path: 'pwsh' });

/** For the name of a suite. */
export const skippedFor = noPwsh === undefined ? '' : ` (skipped: ${noPwsh})`;

/** Without escape sequences, so that texts can be compared. */
export function plainPwsh(options: PowerShellOptions = {}): Dialect {
  return powershell({ color: false, ...options });
}

export interface Outcome {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** What one process of its own makes of a command. */
export function pwshCommand(text: string): Promise<Outcome> {
  const env = { ...process.env, NO_COLOR: '1', POWERSHELL_TELEMETRY_OPTOUT: '1' };
  return new Promise((resolve) => {
    const args = ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', text];
    const child = execFile('pwsh', args, { env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) =>
      resolve({ exitCode: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
    child.stdin?.end();
  });
}
