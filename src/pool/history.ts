import type { ErrorCode } from '../errors.ts';
import type { Outcome } from '../execution/outcome.ts';
import { maskedFields } from '../masking/copies.ts';
import type { Mask } from '../masking/mask.ts';
import { maskedValue } from '../masking/values.ts';

/** What a shell remembers of one command. */
export interface HistoryEntry {
  id: string;
  /** Clipped to 1,000 characters. */
  command: string;
  /** Epoch ms. */
  startedAt: number;
  /** Ms from the first byte written to the end of the answer. */
  durationMs: number;
  exitCode?: number;
  signal?: NodeJS.Signals;
  /** As given to the command. */
  meta?: Readonly<Record<string, unknown>>;
  /** Set when it was stopped. */
  error?: ErrorCode;
  /** Only with `history.output`; clipped to 10,000 characters each. */
  stdout?: string;
  stderr?: string;
}

const longestCommand = 1_000;
const longestOutput = 10_000;

/** The last commands of one shell, the oldest first. */
export class History {
  readonly #entries: HistoryEntry[] = [];
  readonly #max: number;
  readonly #output: boolean;

  constructor({ max, output }: { max: number; output: boolean }) {
    this.#max = max;
    this.#output = output;
  }

  add({ result, error }: Outcome, mask: Mask | undefined): void {
    if (this.#max === 0) return;
    if (this.#entries.length === this.#max) this.#entries.shift();
    const { id, command, startedAt, durationMs, exitCode, signal, meta } = result;
    const entry: HistoryEntry = { id, command: clippedCommand(command), startedAt, durationMs };
    if (exitCode !== undefined) entry.exitCode = exitCode;
    if (signal !== undefined) entry.signal = signal;
    if (meta !== undefined) entry.meta = mask ? maskedValue(meta, mask) : meta;
    if (error) entry.error = error.code;
    if (this.#output) Object.assign(entry, outputOf(result, mask));
    this.#entries.push(entry);
  }

  entries(): HistoryEntry[] {
    return this.#entries.map((entry) => ({ ...entry }));
  }
}

/** Masked before it is clipped: of a secret that is cut in two, neither part would be known. */
function outputOf(result: Outcome['result'], mask: Mask | undefined): Pick<HistoryEntry, 'stdout' | 'stderr'> {
  const { stdout, stderr } = mask ? maskedFields(result, mask) : result;
  return { stdout: clip(stdout.toString(), longestOutput), stderr: clip(stderr.toString(), longestOutput) };
}

/** A command as it is shown where many are. */
export function clippedCommand(text: string): string {
  return clip(text, longestCommand);
}

function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = isHighSurrogate(text.charCodeAt(length - 1)) ? length - 1 : length;
  // By way of bytes: a slice of a string keeps the whole of it in memory.
  return `${Buffer.from(text.slice(0, end)).toString()}…`;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
