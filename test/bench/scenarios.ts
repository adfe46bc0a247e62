import type { Peer, PeerName } from './peers.ts';
import { nextQuestion, type Question } from './questions.ts';

/** One way of giving commands to one to four shells. */
export interface Scenario {
  readonly name: string;
  readonly shells: number;
  /** Whom it is measured with; the ratios are those of the first. */
  readonly peers: readonly PeerName[];
  /** Gives commands until `isOver`, each as soon as the one before it was answered; resolves when all are answered. */
  run(peer: Peer, isOver: () => boolean): Promise<Tally>;
}

/** What was asked, and what came back wrong. */
export interface Tally {
  asked: number;
  /** The first few wrong answers, for the report. */
  wrong: string[];
}

const others: readonly PeerName[] = ['ours', 'ancestor', 'raw'];
const inspected: readonly PeerName[] = ['ours', 'unwatched', 'watched'];

export const scenarios: readonly Scenario[] = [
  { name: 'sequential', shells: 1, peers: others, run: callers(1) },
  { name: '4 callers on 4 shells', shells: 4, peers: others, run: callers(4) },
  { name: '16 callers on 4 shells', shells: 4, peers: others, run: callers(16) },
  { name: 'execAll of 1,000', shells: 1, peers: others, run: batches(1_000) },
  { name: 'inspector, 1 caller', shells: 1, peers: inspected, run: callers(1) },
  { name: 'inspector, 4 callers', shells: 4, peers: inspected, run: callers(4) },
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
