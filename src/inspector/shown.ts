import { isShellwrightError } from '../errors.ts';
import type { HistoryEntry } from '../pool/history.ts';
import type { Detail, ErrorView, HistoryView } from './protocol.ts';

/** Texts of events that are words of ours or ids: all others may quote a command or what it wrote. */
const words = new Set(['code', 'childId', 'id', 'kind', 'reason', 'slot', 'state', 'strategy']);
/** Characters of a text that is not a word. */
const longest = 200;

/** The scalars of an event, and those one level below, that may be shown. */
export function detailOf(event: object, showCommands: boolean): Detail {
  const detail: Detail = {};
  for (const [key, value] of Object.entries(event)) {
    if (key === 'type') continue;
    if (typeof value === 'object' && value !== null) addScalars(detail, fieldsOf(value), `${key}.`, showCommands);
    else addScalar(detail, key, value, '', showCommands);
  }
  return detail;
}

export function errorOf(error: unknown, showCommands: boolean): ErrorView | undefined {
  if (error === undefined) return undefined;
  const code = isShellwrightError(error) ? error.code : 'error';
  return { code, ...(showCommands && error instanceof Error && { message: clip(error.message, 2_000) }) };
}

/** Never `meta`: it is the caller's own, and nobody else's. */
export function historyOf(entry: HistoryEntry, showCommands: boolean): HistoryView {
  const { id, startedAt, durationMs, exitCode, signal, error, command, stdout, stderr } = entry;
  return {
    id,
    startedAt,
    durationMs,
    ...(exitCode !== undefined && { exitCode }),
    ...(signal !== undefined && { signal }),
    ...(error !== undefined && { error }),
    ...(showCommands && { command, ...(stdout !== undefined && { stdout }), ...(stderr !== undefined && { stderr }) }),
  };
}

export function clip(text: string, length = longest): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

function fieldsOf(value: object): object {
  // The fields of an Error are not enumerable, but for those that it was given.
  return value instanceof Error ? { message: value.message, ...('code' in value && { code: value.code }) } : value;
}

function addScalars(detail: Detail, fields: object, prefix: string, showCommands: boolean): void {
  for (const [key, value] of Object.entries(fields)) addScalar(detail, key, value, prefix, showCommands);
}

function addScalar(detail: Detail, key: string, value: unknown, prefix: string, showCommands: boolean): void {
  const isShown =
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    (typeof value === 'string' && (showCommands || words.has(key)));
  if (isShown) detail[prefix + key] = typeof value === 'string' ? clip(value) : value;
}
