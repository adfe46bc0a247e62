import type { Peer } from './peers.ts';
import { nextQuestion, type Question } from './questions.ts';

/** One way of giving commands to one to four shells. */
export interface Scenario {
  readonly name: string;
  readonly shells: number;
  /** Gives commands until `isOver`, each as soon as the one before it was answered; resolves when all are answered. */
  run(peer: Peer, isOver: () => boolean): Promise<Tally>;
}

/** What was asked, and what came back wrong. */
export interface Tally {
  asked: number;
  /** The first few wrong answers, for the report. */
  wrong: string[];
}

export const scenarios: readonly Scenario[] = [
  { name: 'sequential', shells: 1, run: callers(1) },
  { name: '4 callers on 4 shells', shells: 4, run: callers(4) },
  { name: '16 callers on 4 shells', shells: 4, run: callers(16) },
  { name: 'execAll of 1,000', shells: 1, run: batches(1_000) },
];

/** So many loops, each of which awaits its answer before it asks again. */
function callers(amount: number): Scenario['run'] {
  return async (peer, isOver) => {
    const tally: Tally = { asked: 0, wrong: [] };
    const call = async (): Promise<void> => {
      while (!isOver()) {
        const question = nextQuestion();
        mark(tally, question, await peer.ask(question));
      }
    };
    await Promise.all(Array.from({ length: amount }, call));
    return tally;
  };
}

function batches(size: number): Scenario['run'] {
  return async (peer, isOver) => {
    const tally: Tally = { asked: 0, wrong: [] };
    while (!isOver()) {
      const questions = Array.from({ length: size }, nextQuestion);
      const answers = await peer.askAll(questions);
      questions.forEach((question, index) => mark(tally, question, answers[index]));
    }
    return tally;
  };
}

function mark(tally: Tally, { command, answer }: Question, got: string | undefined): void {
  tally.asked++;
  if (got !== answer && tally.wrong.length < 3) tally.wrong.push(`${command} gave ${JSON.stringify(got)}`);
}
