import type { Edge, Graph } from './graph.ts';

/** From how many states on the ways to one other are told in their boxes, and drawn without a text. */
const many = 5;

/**
 * Where nearly every state leads, as in a shell's `invalid`, arrows with a text each would hide the rest. They are folded, save those of a
 * state that leads nowhere else.
 */
export function isFolded({ edges }: Graph, { from, to }: Edge): boolean {
  const sources = edges.filter((edge) => edge.to === to);
  const ways = edges.filter((edge) => edge.from === from);
  return sources.length >= many && (ways.length > 1 || from === '');
}
