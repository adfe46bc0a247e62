import type { ExecResult } from '../execution/result.ts';
import type { ShellAccess } from '../pool/access.ts';
import type { Pool } from '../pool/pool.ts';
import type { CheckedConfig } from './config.ts';
import type { Log } from './log.ts';
import { ShellProcess } from './shell-process.ts';
import type { ProcessStatus, StatefulProcessCommandProxyConfig } from './types.ts';

/** The processes of the shells of a pool, by the slots of those. */
export class Processes {
  readonly #about: { given: StatefulProcessCommandProxyConfig; config: CheckedConfig; log: Log };
  readonly #live = new Map<string, ShellProcess>();
  /** Those that were found invalid since the last call. Their shells are replaced already, but callers expect to see them until the next. */
  readonly #invalid = new Set<ShellProcess>();
  /** What took their places: not seen until then. */
  readonly #successors = new Set<ShellProcess>();

  constructor(about: { given: StatefulProcessCommandProxyConfig; config: CheckedConfig; log: Log }) {
    this.#about = about;
  }

  /** Keeps up with the shells that leave. */
  follow(pool: Pool): void {
    pool.on('shell.invalid', ({ shellId, pid, reason }) => {
      this.#remove(shellId, pid, reason === 'invalidated' || reason === 'health-failed');
    });
    pool.on('shell.destroying', ({ shellId, pid }) => this.#remove(shellId, pid, false));
  }

  /** Undefined: it is lost. */
  find(shellId: string): ShellProcess | undefined {
    return this.#live.get(shellId);
  }

  /** Of a shell that was set up, and is not lost. */
  at(shellId: string): ShellProcess {
    const process = this.#live.get(shellId);
    if (!process) throw new Error(`${shellId} is lost`);
    return process;
  }

  /** Sets a new shell up. Its process is known when that is done; what fails is logged, and the shell serves nevertheless. */
  async start(shell: ShellAccess): Promise<void> {
    const process = new ShellProcess(shell, this.#about);
    if (this.#invalid.size > 0) this.#successors.add(process);
    for (const command of this.#about.config.initCommands) {
      const result = await shell.exec(command, { reject: false });
      if (result.error) throw result.error;
      if (result.shellExited) throw new Error(`initialize - initCommands: ${failureOf(result)}`);
      process.judge(process.commands.add(result));
      if (result.failed) process.log('error', `initialize - initCommands: ${failureOf(result)}`);
    }
    this.#live.set(shell.shellId, process);
    process.log('info', 'new process ready, initialization commands completed.');
  }

  /** Before a shell ends. */
  async leave(shell: ShellAccess): Promise<void> {
    const { log, config } = this.#about;
    for (const command of config.preDestroyCommands) {
      const { stdout, stderr, error } = await shell.exec(command, { reject: false });
      const how = error ? `error:${error.message}` : `out:${stdout.trim()} err:${stderr.trim()}`;
      const line = `process preDestroyCmd[${command}] ${how}`;
      log.line(error ? 'error' : 'info', 'StatefulProcessCommandProxy', line);
      if (error) return;
    }
  }

  /** Forgets the invalid ones: their successors are seen from now on. */
  forgetInvalid(): void {
    this.#invalid.clear();
    this.#successors.clear();
  }

  status(): ProcessStatus[] {
    const seen = [...this.#live.values()].filter((process) => !this.#successors.has(process));
    return [...this.#invalid, ...seen]
      .toSorted((a, b) => a.getPid() - b.getPid())
      .map((process) => process.getStatus());
  }

  #remove(shellId: string, pid: number | undefined, wasJudged: boolean): void {
    const process = this.#live.get(shellId);
    if (!process || process.getPid() !== pid) return;
    this.#live.delete(shellId);
    if (wasJudged && !process.isValid() && !this.#successors.delete(process)) this.#invalid.add(process);
  }
}

function failureOf({ command, exitCode, signal, stderr }: ExecResult): string {
  const said = stderr.trim();
  const how = exitCode === undefined ? `its shell died of ${signal}` : `exit code ${exitCode}`;
  return `${how}: ${command}${said && `, and said: ${said.slice(-500)}`}`;
}
