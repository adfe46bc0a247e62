import type { CheckedConfig } from './config.ts';
import type { Log } from './log.ts';
import { matches } from './regexes.ts';

/** Why the lists refuse the commands, the blacklist first for all of them; undefined when they do not. */
export function refusalOf(
  commands: readonly string[],
  { processCmdBlacklistRegex: denied, processCmdWhitelistRegex: allowed }: CheckedConfig,
  log: Log,
): Error | undefined {
  for (const command of commands) {
    const found = denied.find((pattern) => matches(pattern, command));
    if (!found) continue;
    log.line('error', 'ProcessProxy', `ProcessProxy: command matches blacklist regex: ${found} command: ${command}`);
    return refusal(`Command cannot be executed as it matches a blacklist regex pattern, see logs: command: ${command}`);
  }
  const stranger =
    allowed.length > 0 && commands.find((command) => !allowed.some((pattern) => matches(pattern, command)));
  if (stranger === undefined || stranger === false) return undefined;
  const message = `ProcessProxy: command does not match any configured whitelist regexes, command: ${stranger}`;
  log.line('error', 'ProcessProxy', message);
  return refusal(
    `Command cannot be executed it does not match our set of whitelisted commands, see logs: command: ${stranger}`,
  );
}

/** A plain error, as there, with what those of this library have. */
function refusal(message: string): Error {
  return Object.assign(new Error(message), { code: 'ERR_POLICY', started: false });
}
