import type { ExecResult } from '../execution/result.ts';
import type { ShellAccess } from '../pool/access.ts';
import { CommandLog, type TrimmedOutput } from './command-log.ts';
import type { CheckedConfig } from './config.ts';
import type { Log, Severity } from './log.ts';
import { matches, type Verdict } from './regexes.ts';
import type { ProcessProxy, ProcessStatus, StatefulProcessCommandProxyConfig } from './types.ts';

/** What is known of one process: the pool has the process itself. */
export class ShellProcess implements ProcessProxy {
  readonly commands: CommandLog;
  readonly #pid: number;
  readonly #createdAt = new Date().toISOString();
  readonly #given: StatefulProcessCommandProxyConfig;
  readonly #config: CheckedConfig;
  readonly #log: Log;
  #verdict: string | undefined;

  constructor(
    { pid }: ShellAccess,
    { given, config, log }: { given: StatefulProcessCommandProxyConfig; config: CheckedConfig; log: Log },
  ) {
    this.commands = new CommandLog(config.processRetainMaxCmdHistory);
    this.#pid = pid;
    this.#given = given;
    this.#config = config;
    this.#log = log;
  }

  /** What has spoken against it. */
  get verdict(): string | undefined {
    return this.#verdict;
  }

  isValid(): boolean {
    return this.#verdict === undefined;
  }

  getPid(): number {
    return this.#pid;
  }

  getStatus(): ProcessStatus {
    const given = this.#given;
    const { processCwd: cwd, processEnvMap: env, processUid: uid, processGid: gid } = given;
    return {
      statusTime: new Date().toISOString(),
      pid: this.#pid,
      process: given.processCommand,
      arguments: given.processArgs,
      options: { ...(cwd && { cwd }), ...(env && { env }), ...(uid && { uid }), ...(gid && { gid }) },
      isValid: this.isValid(),
      createdAt: this.#createdAt,
      cmdBlacklistRegexesConfs: given.processCmdBlacklistRegex,
      cmdWhitelistRegexesConfs: given.processCmdWhitelistRegex,
      invalidateOnRegexConfig: given.processInvalidateOnRegex || undefined,
      autoInvalidationConfig: given.autoInvalidationConfig || null,
      activeCommandStack: this.commands.active,
      commandHistory: this.commands.finished,
    };
  }

  log(severity: Severity, message: string): void {
    this.#log.line(severity, `ProcessProxy[${this.#pid}]`, message);
  }

  /** The command of a caller has ended: what it wrote. */
  finish(result: ExecResult): TrimmedOutput {
    const { command, shellExited, exitCode, signal } = result;
    const output = this.commands.finish(result);
    // The result has no place for it.
    if (shellExited)
      this.log('warn', `the process ${signal ? `died of ${signal}` : `ended with exit code ${exitCode}`}: ${command}`);
    this.judge(output);
    return output;
  }

  /** Any command has ended: what it wrote may speak against the process. */
  judge(output: TrimmedOutput): void {
    const { any, ...own } = this.#config.processInvalidateOnRegex;
    for (const stream of ['stderr', 'stdout'] as const) {
      const text = output[stream];
      const found = text && [...any, ...own[stream]].find((pattern) => matches(pattern, text));
      if (!found) continue;
      this.#verdict = `${stream} matches ${found}`;
      return this.log('error', `ProcessProxy: ${stream} matches invalidation regex: ${found} ${stream}: ${text}`);
    }
  }

  /** A command of `autoInvalidationConfig` has ended. */
  judgeCheck(
    { command, regexes }: CheckedConfig['autoInvalidationConfig']['commands'][number],
    output: TrimmedOutput,
  ): void {
    this.judge(output);
    for (const stream of ['any', 'stdout', 'stderr'] as const) {
      const texts = stream === 'any' ? Object.values(output) : [output[stream]];
      const found = regexes[stream].find((verdict) => speaksAgainst(verdict, texts));
      if (!found) continue;
      this.#verdict = `${stream} of [${command}] ${found.invalidOn === 'match' ? 'matches' : 'does not match'} ${found.pattern}`;
      return this.log('warn', `auto-invalidation determined this ProcessProxy is invalid: ${this.#verdict}`);
    }
  }
}

/** `any` is either stream: it does not match when neither does. */
function speaksAgainst({ pattern, invalidOn }: Verdict, texts: readonly string[]): boolean {
  return texts.some((text) => matches(pattern, text)) === (invalidOn === 'match');
}
