import type { Question } from '../questions.ts';

/** Something that answers questions, with its shells started. */
export interface Peer {
  ask(question: Question): Promise<string>;
  /** All of them in one shell, in order. */
  askAll(questions: readonly Question[]): Promise<string[]>;
  /** Of its shells, where it tells. */
  pids?: (() => number[]) | undefined;
  close(): Promise<unknown>;
}

/** Starts so many shells of a peer. */
export type OpenPeer = (shells: number) => Promise<Peer>;

/** One after the other: what has no lists of commands does them so. */
export function oneByOne(ask: Peer['ask']): Peer['askAll'] {
  return async (questions) => {
    const answers: string[] = [];
    for (const question of questions) answers.push(await ask(question));
    return answers;
  };
}
