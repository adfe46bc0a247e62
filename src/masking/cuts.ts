import { mask } from '../commands/secret.ts';

/** What a Capture puts where it left out the middle. */
const note = /(\n\[\d+ bytes omitted\]\n)/;

/** Output of which a part was omitted: what is left of a secret at the cut, its beginning or its end, is masked too. */
export function maskAtCuts(text: string, forms: readonly string[]): string {
  return text
    .split(note)
    .map((part, index) => (index % 2 === 1 ? part : maskEnds(part, forms)))
    .join('');
}

/** How many characters at the end of the text begin one of the forms and do not finish it. */
export function openEnd(text: string, forms: readonly string[]): number {
  return Math.max(
    0,
    ...forms.map((form) => overlap(form.length, text.length, (size) => text.endsWith(form.slice(0, size)))),
  );
}

/** How many at its start finish one that did not begin in it. */
function openStart(text: string, forms: readonly string[]): number {
  return Math.max(
    0,
    ...forms.map((form) => overlap(form.length, text.length, (size) => text.startsWith(form.slice(-size)))),
  );
}

function maskEnds(text: string, forms: readonly string[]): string {
  const start = openStart(text, forms);
  const rest = text.slice(start);
  const end = rest.length - openEnd(rest, forms);
  return (start > 0 ? mask : '') + rest.slice(0, end) + (end < rest.length ? mask : '');
}

/** The largest size, below the whole, that fits. */
function overlap(whole: number, room: number, fits: (size: number) => boolean): number {
  for (let size = Math.min(whole - 1, room); size > 0; size--) if (fits(size)) return size;
  return 0;
}
