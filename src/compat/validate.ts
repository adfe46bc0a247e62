import { messageOf } from '../errors.ts';
import type { Validate } from '../options/upkeep.ts';
import type { CheckedConfig } from './config.ts';
import type { Log } from './log.ts';
import type { Processes } from './processes.ts';

/** `validateFunction` says yes by anything that is true, also in time; what it throws is logged, and is a no. */
export function validateOf({ validateFunction }: CheckedConfig, processes: Processes, log: Log): Validate | undefined {
  if (!validateFunction) return undefined;
  const complain = (error: unknown): false => {
    log.line('error', 'StatefulProcessCommandProxy', `validateFunction threw error: ${messageOf(error)}`);
    return false;
  };
  return ({ id }) => {
    try {
      const answer = validateFunction(processes.at(id));
      return answer instanceof Promise ? answer.then(Boolean, complain) : Boolean(answer);
    } catch (error) {
      return complain(error);
    }
  };
}
