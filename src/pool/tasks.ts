import { isShellwrightError, messageOf, ShellwrightError } from '../errors.ts';
import { optionsError } from '../options/check.ts';
import { defaultSettings, settingsWith } from '../execution/settings.ts';
import { Task } from '../execution/task.ts';
import type { Outcome } from '../execution/outcome.ts';
import { maskedError, maskedResult } from '../masking/copies.ts';
import type { Mask } from '../masking/mask.ts';
import { maskedValue } from '../masking/values.ts';
import { checkExecOptions, secretsIn, type ExecOptions } from '../options/exec-options.ts';
import type { PoolContext } from './context.ts';
import { renderCommand } from './rendering.ts';
import { recordUse, type Shell } from './shell.ts';
import { refusalOf, verdictOn } from './verdict.ts';

let created = 0;

/** For whom a task is made. */
export interface TaskScope {
  /** The method, for messages: `pool.exec`. */
  where: string;
  sessionId?: string | undefined;
}

/**
 * The task for what a caller gave. Never throws: what is wrong with it becomes its error, and then it has ended already.
 */
export function createTask(pool: PoolContext, given: unknown, options: unknown, { where, sessionId }: TaskScope): Task {
  const id = `${pool.name}-${(++created).toString(36)}`;
  const observed = pool.bus.wantsCommands;
  pool.metrics.commands.submitted++;
  let { mask } = pool;
  try {
    const checked = checkExecOptions(options, where);
    checkCapabilities(checked, pool, where);
    const rendered = renderCommand(pool, given, where, secretsIn(checked));
    mask = rendered.mask;
    // Last of what can throw: from here on the task has the input stream.
    const settings = settingsWith(pool.settings, checked);
    const task = new Task({
      id,
      ...rendered,
      settings,
      pool: pool.name,
      sessionId,
      observed,
    });
    stopWhenInputFails(task);
    const refusal = refusalOf(task.script, pool.options.policy, task.text);
    if (refusal) refuse(pool, task, new ShellwrightError('ERR_POLICY', refusal));
    else if (settings.signal?.aborted)
      refuse(pool, task, aborted(settings, `The command was aborted before it began: ${task.text}`));
    return task;
  } catch (error) {
    const text = typeof given !== 'string' ? '' : mask ? mask.text(given) : given;
    const reject = (options as { reject?: unknown } | null | undefined)?.reject === false ? false : undefined;
    const settings = { ...pool.settings, reject };
    const task = new Task({ id, text, mask, settings, pool: pool.name, sessionId, observed });
    refuse(
      pool,
      task,
      isShellwrightError(error) ? error : new ShellwrightError('ERR_OPTIONS', messageOf(error), { cause: error }),
    );
    return task;
  }
}

/** @throws {ShellwrightError} ERR_OPTIONS for what the dialect cannot do */
function checkCapabilities(options: Readonly<ExecOptions>, { dialect }: PoolContext, where: string): void {
  if (options.output === 'json' && !dialect.json)
    throw optionsError(`Expected the \`output\` option of ${where} to be 'text': ${dialect.name} has no objects`);
  const given = (['input', 'cwd', 'env', 'merge'] as const).find((name) => options[name] !== undefined);
  if (given === undefined) return;
  if (!dialect.extras)
    throw optionsError(`Expected the \`${given}\` option of ${where} not to be given: ${dialect.name} has none`);
  if (options.input === undefined) return;
  // It is given as a file or a FIFO of this host.
  const lacking = (['streamInput', 'localFiles'] as const).find((name) => !dialect.capabilities[name]);
  if (lacking === undefined) return;
  throw optionsError(
    `Expected the \`input\` option of ${where} not to be given: ${dialect.name} as it is started here takes none (capabilities.${lacking})`,
  );
}

/** Queued or running: half of an input must not pass for the whole. */
function stopWhenInputFails(task: Task): void {
  const feed = task.settings.own?.source?.feed;
  if (!feed) return;
  feed.onFailure = (cause) =>
    task.stop({ code: 'ERR_ABORTED', message: `The input of the command failed: ${messageOf(cause)}`, cause });
}

/** A task of our own: the handshake, `init` and `destroy`. No limit but the caller's, no events, no metrics. */
export function createInternalTask(pool: PoolContext, given: unknown, options: unknown, where: string): Task {
  const checked = checkExecOptions(options, where);
  checkCapabilities(checked, pool, where);
  const rendered = renderCommand(pool, given, where, secretsIn(checked));
  const defaults = { ...defaultSettings(pool.settings), timeout: Infinity, noOutputTimeout: Infinity };
  const task = new Task({
    id: `${pool.name}-${(++created).toString(36)}`,
    ...rendered,
    settings: settingsWith(defaults, checked),
    pool: pool.name,
    observed: false,
  });
  stopWhenInputFails(task);
  return task;
}

/** Ends a task that nothing was run of. */
export function refuse(pool: PoolContext, task: Task, error: ShellwrightError): void {
  const { owner } = task;
  task.owner = {
    dequeue: () => {},
    ended: (ended, outcome) => (owner ? owner.ended(ended, outcome) : record(pool, ended, outcome)),
  };
  task.end({ shellExited: false, error: { code: error.code, message: error.message, cause: error.cause } });
}

export function aborted(settings: { signal?: AbortSignal | undefined }, message: string): ShellwrightError {
  return new ShellwrightError('ERR_ABORTED', message, { cause: settings.signal?.reason });
}

/** Enters an ended task in the books: metrics, history, events, each once. */
export function record(pool: PoolContext, task: Task, outcome: Outcome, shell?: Shell): void {
  const { bus, metrics } = pool;
  metrics.ended(outcome);
  if (shell) {
    judge(pool, shell, outcome);
    recordUse(shell, outcome, task.mask);
  }
  const name = outcome.error ? 'command.rejected' : 'command.finished';
  const wanted = bus.wants(name);
  if (!wanted && !bus.wantsResults) return;
  const { result, error } = asSeen(outcome, task.mask);
  if (wanted) {
    task.inContext(() => bus.publish(name, { ...commandFields(task), ...(error ? { error } : { result }) }));
  }
  if (bus.wantsResults) task.inContext(() => bus.publishResult(result));
}

/** What others than the caller get: copies where something of it must not be seen. */
function asSeen(outcome: Outcome, mask: Mask | undefined): Outcome {
  if (!mask) return outcome;
  const result = maskedResult(outcome.result, mask);
  return outcome.error ? { result, error: maskedError(outcome.error, mask) } : { result };
}

/** Takes the shell out of use, when the output of a command says so, before anybody sees the result. */
function judge({ options }: PoolContext, shell: Shell, { result, error }: Outcome): void {
  if (options.invalidateOn.length === 0) return;
  const verdict = verdictOn(result, options.invalidateOn);
  if (verdict === undefined) return;
  result.invalid = verdict;
  if (error) Object.assign(error, { invalid: verdict });
  shell.invalidate('pattern-matched', verdict);
}

/** Publishes that a task waits, or that it runs. */
export function announce(pool: PoolContext, task: Task, name: 'command.queued' | 'command.started'): void {
  if (pool.bus.wants(name)) task.inContext(() => pool.bus.publish(name, commandFields(task)));
}

function commandFields({ id, text, sessionId, runner, mask, settings: { meta } }: Task): {
  commandId: string;
  command: string;
  sessionId?: string;
  meta?: Readonly<Record<string, unknown>>;
  shellId?: string;
  pid?: number;
} {
  return {
    commandId: id,
    command: text,
    ...(sessionId !== undefined && { sessionId }),
    ...(meta !== undefined && { meta: mask ? maskedValue(meta, mask) : meta }),
    ...(runner && { shellId: runner.slot, pid: runner.pid }),
  };
}
