import type { Report } from '../dialects/dialect.ts';
import type { Capture } from '../execution/capture.ts';
import type { End, StopReason } from '../execution/task-roles.ts';
import type { Task } from '../execution/task.ts';
import type { Mask } from '../masking/mask.ts';

/** How a task has ended of which its shell reports so. */
export function endOf(report: Report, task: Task, { hasOwn, failsByStderr, stateLost, invalid }: Circumstances): End {
  const { lacked, unfit: why, value } = report;
  if (hasOwn && lacked) return { shellExited: false, unstarted: true, invalid, error: lackOf(lacked, task) };
  const hasFailed = failsByStderr && task.stderr.total > 0;
  const exitCode = hasFailed ? report.exitCode || 1 : report.exitCode;
  const end = { exitCode, value, shellExited: false, stateLost, invalid };
  return why === undefined ? end : { ...end, error: unfit(why, task) };
}

interface Circumstances {
  /** It has something of its own, which may not be to be had. */
  hasOwn: boolean;
  /** What writes to stderr has failed, whatever status it has. */
  failsByStderr?: boolean | undefined;
  /** The shell is out of use. */
  stateLost: boolean;
  /** Why it is, where the command has seen to that. */
  invalid: string | undefined;
}

/** Why a command was not run. */
export function lackOf(lacked: NonNullable<Report['lacked']>, { settings, stderr }: Task): StopReason {
  const { cwd, env } = settings.own ?? {};
  if (lacked === 'file')
    return {
      code: 'ERR_ABORTED',
      message: 'The command was not run: the shell could not open the file or pipe that was made for it',
    };
  const said = stderr
    .read('utf8')
    .output.trim()
    .replace(/^.*?\bcd:(?:\d+:)? /, '');
  return {
    code: 'ERR_OPTIONS',
    message:
      lacked === 'cwd'
        ? `The command was not run: its \`cwd\` \`${cwd}\` could not be entered${said && ` (${said})`}`
        : `The command was not run: of the variables of its \`env\` (${Object.keys(env ?? {}).join(', ')}) one is read-only in the shell, or the shell has a function called command`,
  };
}

/** What a task that failed to start a shell wrote to stderr, for messages. @param before what was written before it */
export function said(task: Task | undefined, before = ''): string {
  const text = (before + textOf(task?.stderr, task?.mask)).trim();
  return text === '' ? '' : `, and said: ${text.slice(-500)}`;
}

/** What was kept of a stream, masked. */
export function textOf(kept: Capture | undefined, mask: Mask | undefined): string {
  if (!kept) return '';
  const { output, omitted } = kept.read('utf8');
  return mask?.output(output, omitted > 0) ?? output;
}

/** Why a command has no value, though it ran. */
function unfit(why: string, { text }: Task): StopReason {
  return { code: 'ERR_OUTPUT', message: `What the command put out could not be had as JSON (${why}): ${text}` };
}
