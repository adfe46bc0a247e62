import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { check, expects, flag } from './check.ts';

/** Options of `createInspector`. */
export interface InspectorOptions {
  /** 0 is any that is free. @default 0 */
  port?: number | undefined;
  /** The address to listen on. Any but a loopback one lets the network in, over plain HTTP. @default '127.0.0.1' */
  host?: string | undefined;
  /** What a URL must carry: at least 16 letters, digits, `-` or `_`. @default random */
  token?: string | undefined;
  /** Opens the page in the browser of whoever runs this. @default false */
  open?: boolean | undefined;
  /** Shows the text of commands, and their output where the pool's history keeps it. @default false */
  showCommands?: boolean | undefined;
}

const schema = v.strictObject({
  port: v.optional(
    expects<number>(
      'an integer from 0 to 65535',
      (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65_535,
    ),
    0,
  ),
  host: v.optional(
    expects<string>('an address or a host name', (value) => typeof value === 'string' && /^[\w.:-]+$/.test(value)),
    '127.0.0.1',
  ),
  token: v.optional(
    expects<string>(
      'at least 16 letters, digits, - or _',
      (value) => typeof value === 'string' && /^[\w-]{16,200}$/.test(value),
    ),
    () => randomBytes(24).toString('base64url'),
  ),
  open: v.optional(flag, false),
  showCommands: v.optional(flag, false),
});

/** The options of an inspector, checked and with their defaults. */
export type CheckedInspectorOptions = v.InferOutput<typeof schema>;

/** @throws {ShellwrightError} ERR_OPTIONS */
export function checkInspectorOptions(options: unknown): CheckedInspectorOptions {
  return check(schema, options ?? {}, 'createInspector');
}
