import type { Figures } from '../contest.ts';
import type { Peer } from '../peers/peer.ts';
import { expectAnswer, nextQuestion, type Question } from '../questions.ts';
import { shellCpu } from '../shell-cpu.ts';

/** Gives commands until `isOver`; resolves with how many, when all are answered. */
export type Give = (peer: Peer, isOver: () => boolean) => Promise<number>;

/** So many loops, each of which awaits its answer before it asks again. */
export function callers(amount: number, next: () => Question = nextQuestion): Give {
  return async (peer, isOver) => {
    let asked = 0;
    const call = async (): Promise<void> => {
      while (!isOver()) {
        const question = next();
        expectAnswer(question, await peer.ask(question));
        asked++;
      }
    };
    await Promise.all(Array.from({ length: amount }, call));
    return asked;
  };
}

/** Lists of so many, one list after the other. */
export function lists(size: number): Give {
  return async (peer, isOver) => {
    let asked = 0;
    while (!isOver()) {
      const questions = Array.from({ length: size }, nextQuestion);
      const answers = await peer.askAll(questions);
      questions.forEach((question, index) => expectAnswer(question, answers[index]));
      asked += size;
    }
    return asked;
  };
}

const warm = callers(4);

/** What a peer does in so many ms, and what it costs; a little untimed work before that makes it warm again. */
export async function slice(peer: Peer, give: Give, ms: number): Promise<Figures> {
  const warmUntil = performance.now() + ms / 8;
  await warm(peer, () => performance.now() >= warmUntil);
  const pids = peer.pids?.();
  const shellsBefore = pids && shellCpu(pids);
  const nodeBefore = process.cpuUsage();
  const start = performance.now();
  const asked = await give(peer, () => performance.now() - start >= ms);
  const elapsed = performance.now() - start;
  const { user, system } = process.cpuUsage(nodeBefore);
  const shells = pids && shellCpu(pids);
  const figures: Figures = { 'commands/s': (asked / elapsed) * 1_000, 'Node µs/command': (user + system) / asked };
  if (shells !== undefined && shellsBefore !== undefined) figures['shell µs/command'] = (shells - shellsBefore) / asked;
  return figures;
}
