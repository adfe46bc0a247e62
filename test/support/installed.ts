import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Dialect } from 'shellwright';

/** Why the shell cannot be tried here, if so. */
export function whyMissing({ path }: Pick<Dialect, 'path'>): string | undefined {
  const places = path.includes('/') ? [''] : (process.env['PATH'] ?? '').split(delimiter);
  return places.some((place) => existsSync(place === '' ? path : join(place, path)))
    ? undefined
    : `there is no ${path} on this machine`;
}
