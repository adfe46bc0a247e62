import { contest, type Rival } from '../contest.ts';
import { peers, type PeerName } from '../peers/index.ts';
import { longerQuestion } from '../questions.ts';
import { atLeast, atMost, skippedRow } from '../row.ts';
import type { Scenario } from '../scenario.ts';
import { callers, lists, slice, type Give } from './slice.ts';

interface Commands {
  name: string;
  shells: number;
  ours?: PeerName;
  rivals: Partial<Record<PeerName, Rival['goals']>>;
  /** Who cannot take part, and why. */
  absent?: Partial<Record<PeerName, string>>;
  /** @default 2 */
  warmups?: number;
  give: Give;
}

const beatAncestor = { 'commands/s': atLeast(1), 'Node µs/command': atMost(1), 'shell µs/command': undefined };
const beatOnDash = { 'commands/s': atLeast(1.3), 'Node µs/command': undefined, 'shell µs/command': undefined };
const manyTimes = { 'commands/s': atLeast(40) };
const known = { 'commands/s': undefined };
const absent = { 'child-shell': 'one shell, and no pool of them' };
const dash = { ours: 'ours on dash', rivals: { 'ancestor on dash': beatOnDash } } as const;
const inspected = { 'ours, inspected once': known, 'ours, watched': known };

/** Small commands, in every way of giving them. */
export const commands: readonly Scenario[] = [
  {
    name: 'sequential',
    shells: 1,
    rivals: {
      ancestor: beatAncestor,
      cat: { 'commands/s': atLeast(0.8) },
      'child-shell': known,
    },
    // The first of all: Node has nothing compiled yet.
    warmups: 8,
    give: callers(1),
  },
  {
    name: 'sequential, beside a process each',
    shells: 1,
    rivals: { 'child_process.exec': manyTimes, execa: manyTimes },
    give: callers(1),
  },
  {
    name: '4 callers on 4 shells',
    shells: 4,
    rivals: { ancestor: beatAncestor, cat: known },
    absent,
    give: callers(4),
  },
  {
    name: '16 callers on 4 shells',
    shells: 4,
    rivals: { ancestor: beatAncestor, cat: known },
    absent,
    give: callers(16),
  },
  {
    name: 'execAll of 1,000',
    shells: 1,
    rivals: { ancestor: beatAncestor, cat: known, 'child-shell': known },
    give: lists(1_000),
  },
  {
    name: 'sequential, of 100 characters',
    shells: 1,
    rivals: { ancestor: beatAncestor },
    give: callers(1, longerQuestion),
  },
  {
    name: '4 callers on 4 shells, of 100 characters',
    shells: 4,
    rivals: { ancestor: beatAncestor },
    give: callers(4, longerQuestion),
  },
  { name: 'dash, sequential', shells: 1, ...dash, give: callers(1) },
  { name: 'dash, 4 callers on 4 shells', shells: 4, ...dash, give: callers(4) },
  { name: 'dash, 16 callers on 4 shells', shells: 4, ...dash, give: callers(16) },
  { name: 'dash, execAll of 1,000', shells: 1, ...dash, give: lists(1_000) },
  { name: 'inspector, 1 caller', shells: 1, rivals: inspected, give: callers(1) },
  { name: 'inspector, 4 callers', shells: 4, rivals: inspected, give: callers(4) },
].map(scenarioOf);

function scenarioOf({
  name,
  shells,
  ours = 'ours',
  rivals,
  absent: without = {},
  warmups = 2,
  give,
}: Commands): Scenario {
  const names = Object.keys(rivals) as PeerName[];
  return {
    name,
    measure: async ({ rounds, slice: ms }) => {
      const opened = await Promise.all([ours, ...names].map((peer) => peers[peer](shells)));
      const sides = opened.map((peer, index) => ({
        name: names[index - 1] ?? ours,
        goals: rivals[names[index - 1] ?? ours] ?? {},
        attempt: () => slice(peer, give, ms),
      }));
      const [our, ...others] = sides as [Rival, ...Rival[]];
      try {
        return [
          ...(await contest({ scenario: name, rounds, warmups, ours: our, rivals: others })),
          ...Object.entries(without).map(([peer, why]) =>
            skippedRow({ scenario: name, quantity: 'commands/s', peer }, why),
          ),
        ];
      } finally {
        await Promise.all(opened.map((peer) => peer.close()));
      }
    },
  };
}
