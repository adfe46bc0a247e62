/**
 * What a driver inside an interpreter reads: a line with the tag and the lengths of what follows, in bytes. So a text may hold anything, and none
 * of it is read before its time.
 */
export function recordOf(tag: string, text: string, extras = ''): string {
  return `${tag} ${Buffer.byteLength(text)} ${Buffer.byteLength(extras)}\n${text}${extras}`;
}

/** Ends the tag of a command before which an interrupt was sent. */
export const late = '!';
