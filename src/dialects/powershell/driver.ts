import type { Driver, Extras, Report } from '../dialect.ts';
import { messageOf } from '../../errors.ts';
import { markerOf } from '../posix/fence.ts';
import { bootScript, type BootSettings } from './boot.ts';

export interface PowerShellDriverSettings extends BootSettings {
  jsonDepth: number;
}

/** The messages of one PowerShell, and the fences that its host writes: powershell/host-source.ts. */
export function powershellDriver({ jsonDepth, ...settings }: PowerShellDriverSettings): Driver {
  return {
    boot: bootScript(settings),
    frame: (tag, text, extras) => (extras ? fullFrame(tag, text, extras, jsonDepth) : `run\0${tag}\0\0\0\0\0${text}`),
    cancel: (tag) => `stop\0${tag}`,
    stuck: (message) => (message.startsWith(stuck) ? message.slice(stuck.length) : undefined),
    marker: (tag) => markerOf(settings.secret, tag),
    report: parseReport,
    // A stop names the command that it is for.
    afterInterrupt: (tag) => tag,
  };
}

const stuck = 'stuck\0';

function fullFrame(tag: string, text: string, { output, merge, cwd, input, env }: Extras, jsonDepth: number): string {
  const fields = ['run', tag, output === 'json' ? jsonDepth : '', merge ? 'merge' : '', cwd, input];
  return [...fields, ...Object.entries(env ?? {}).flat(), text].join('\0');
}

/** Reads `<status> <last process id> <note>`. */
function parseReport(payload: string, value = ''): Report | undefined {
  const match = /^(-?\d{1,10}) (\d*) (none|json|bad|no-cwd|no-file)( displaced)?$/.exec(payload);
  if (!match) return undefined;
  const [, exitCode, job, note = '', displaced] = match;
  return {
    exitCode: Number(exitCode),
    job: Number(job),
    ...(displaced !== undefined && { displaced: true }),
    ...noted(note, value),
  };
}

function noted(note: string, value: string): Partial<Report> {
  switch (note) {
    case 'json':
      return parsed(value);
    case 'bad':
      return { unfit: value };
    case 'no-cwd':
      return { lacked: 'cwd' };
    case 'no-file':
      return { lacked: 'file' };
    default:
      return {};
  }
}

function parsed(json: string): Partial<Report> {
  try {
    return { value: JSON.parse(json) as unknown };
  } catch (error) {
    return { unfit: messageOf(error) };
  }
}
