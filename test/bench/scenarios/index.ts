import type { Scenario } from '../scenario.ts';
import { commands } from './commands.ts';
import { longText } from './long-text.ts';
import { manyShells } from './many-shells.ts';
import { output } from './output.ts';
import { queues, sessions } from './queue.ts';
import { starts } from './start.ts';

/** All that is measured, in the order of the table. */
export const scenarios: readonly Scenario[] = [
  ...commands,
  output,
  longText,
  ...queues,
  sessions,
  ...manyShells,
  ...starts,
];
