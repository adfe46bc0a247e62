import { causeOf } from '../cause.ts';
import { childOf } from './roster.ts';
import type { Exit, SupervisorContext } from './types.ts';

/** Why a supervisor gives up that could not start a child. */
export function startStory({ roster, plan }: SupervisorContext): Exit {
  const { failed = '' } = plan;
  return { kind: 'crash', cause: causeOf(`child ${failed} failed to start: ${endOf(childOf(roster, failed)?.exit)}`) };
}

/** Why a supervisor gives up whose children end too often. */
export function intensityStory(context: SupervisorContext, id: string): Exit {
  const { roster, intensity, period } = context;
  const bound = `${intensity} restart${intensity === 1 ? '' : 's'} within ${period} ms`;
  return {
    kind: 'crash',
    cause: causeOf(`more than ${bound}, the last for child ${id}: ${endOf(childOf(roster, id)?.exit)}`),
  };
}

const ends = { normal: 'it was closed', shutdown: 'it was shut down', killed: 'it was killed', crash: 'it crashed' };

function endOf({ kind, cause }: Exit = { kind: 'crash' }): string {
  return cause ?? ends[kind];
}
