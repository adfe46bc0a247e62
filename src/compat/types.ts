/** A regular expression, as these options have it. */
export interface RegexConfig {
  regex: string | RegExp;
  flags?: string | null | undefined;
}

/** One that speaks against a shell when it matches, or when it does not. */
export interface AutoInvalidationRegex extends RegexConfig {
  invalidOn: 'match' | 'noMatch';
}

/** Lists for each stream; those of `any` are for both. */
export interface RegexesByStream<Entry extends RegexConfig> {
  any?: Entry[] | null | undefined;
  stdout?: Entry[] | null | undefined;
  stderr?: Entry[] | null | undefined;
}

/** Where log lines go. Severities: `error`, `warn`, `info`, `verbose`. */
export type LogFunction = (severity: string, origin: string, message: string) => void;

/** One command of `autoInvalidationConfig`. */
export interface AutoInvalidationCommand {
  command: string;
  regexes?: RegexesByStream<AutoInvalidationRegex> | null | undefined;
}

/** Commands that are run at intervals in shells that nobody uses, and whose output says whether they are well. */
export interface AutoInvalidationConfig {
  /** Milliseconds. @default 30_000 */
  checkIntervalMS?: number | null | undefined;
  commands?: AutoInvalidationCommand[] | null | undefined;
}

/** The options of `stateful-process-command-proxy`; `null` is as good as absent. What they are here: docs/migration.md. */
export interface StatefulProcessCommandProxyConfig {
  /** The shell's program: a path, or a name that is looked up. */
  processCommand: string;
  processArgs?: readonly string[] | null | undefined;
  name?: string | null | undefined;
  /** @default 1 */
  max?: number | null | undefined;
  /** @default 0 */
  min?: number | null | undefined;
  /** Milliseconds. @default 30_000 */
  idleTimeoutMS?: number | null | undefined;
  /** The name that generic-pool has for it; `idleTimeoutMS` goes first. */
  idleTimeoutMillis?: number | null | undefined;
  /** @default 0 */
  processRetainMaxCmdHistory?: number | null | undefined;
  processInvalidateOnRegex?: RegexesByStream<RegexConfig> | null | undefined;
  processCmdBlacklistRegex?: RegexConfig[] | null | undefined;
  processCmdWhitelistRegex?: RegexConfig[] | null | undefined;
  processCwd?: string | null | undefined;
  /** The whole environment of the shells. @default this process's */
  processEnvMap?: Record<string, string | number | boolean | null | undefined> | null | undefined;
  processUid?: number | null | undefined;
  processGid?: number | null | undefined;
  /** @default silence */
  logFunction?: LogFunction | null | undefined;
  initCommands?: string[] | null | undefined;
  preDestroyCommands?: string[] | null | undefined;
  validateFunction?: ((process: ProcessProxy) => unknown) | null | undefined;
  autoInvalidationConfig?: AutoInvalidationConfig | null | undefined;
}

/** The result of one command: what it wrote, without the blanks around it. It may be added to. */
export interface CommandResult {
  /** As given. */
  command: string;
  stdout: string;
  stderr: string;
}

/** What `getStatus()` gives for each process, in this order. */
export interface ProcessStatus {
  /** ISO 8601, as all times here. */
  statusTime: string;
  pid: number;
  /** As given: `processCommand` and `processArgs`. */
  process: StatefulProcessCommandProxyConfig['processCommand'];
  arguments: StatefulProcessCommandProxyConfig['processArgs'];
  /** Of the spawn, those that were given: `cwd`, `env`, `uid`, `gid`. */
  options: { cwd?: unknown; env?: unknown; uid?: unknown; gid?: unknown };
  isValid: boolean;
  createdAt: string;
  /** As given, as are the three below. */
  cmdBlacklistRegexesConfs: StatefulProcessCommandProxyConfig['processCmdBlacklistRegex'];
  cmdWhitelistRegexesConfs: StatefulProcessCommandProxyConfig['processCmdWhitelistRegex'];
  invalidateOnRegexConfig: StatefulProcessCommandProxyConfig['processInvalidateOnRegex'];
  autoInvalidationConfig: StatefulProcessCommandProxyConfig['autoInvalidationConfig'];
  /** What the process was given and has not finished. */
  activeCommandStack: CommandStatus[];
  /** The last `processRetainMaxCmdHistory` commands, those of `initCommands` and `autoInvalidationConfig` among them. */
  commandHistory: CommandStatus[];
}

/** What `validateFunction` gets. */
export interface ProcessProxy {
  /** False once its output has spoken against it: `processInvalidateOnRegex`, `autoInvalidationConfig`. */
  isValid(): boolean;
  getPid(): number;
  getStatus(): ProcessStatus;
}

/** One command, as `getStatus()` shows it. */
export interface CommandStatus {
  command: string;
  /** ISO 8601. */
  startedAt: string;
  /** Whether it has written anything. */
  receivedData: boolean;
  finishedAt: string | null;
  /** Trimmed; null until it has finished. */
  stdout: string | null;
  stderr: string | null;
}
