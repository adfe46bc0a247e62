import { newChild } from './supervisor/lives.ts';
import { crewAt, rosterOf } from './supervisor/roster.ts';
import { supervisorSetup, verdictOf } from './supervisor/setup.ts';

/**
 * Starts, watches and restarts children: pools and other supervisors. Words and meanings are those of OTP's `supervisor`.
 *
 * It decides who is started and stopped, when and in which order, and has no effects: provide `crew` (with its own `pool`
 * and `supervisor`), `announce`, `announceChild`, `announceRestart` and `escalate`. Unlike in OTP, a child that is restarted
 * alone keeps nobody waiting, and commands are heard while others start and stop.
 *
 * @example
 * const crew = crewMachine.provide({ actors: { pool, supervisor: lateBound((input) => …) } });
 * const tree = createActor(supervisorMachine.provide({ actors: { crew } }), { input });
 * tree.start();
 * tree.send({ type: 'child.terminate', id: 'git' });
 */
export const supervisorMachine = supervisorSetup.createMachine({
  id: 'supervisor',
  context: ({ input: { children, ...input } }) => ({
    ...input,
    roster: rosterOf(children.map((spec, index) => newChild(spec, crewAt(index)))),
    crews: 0,
    restarts: [],
    now: 0,
    backlog: [],
    shutdownTime: 0,
    plan: { number: 0, stop: [], start: [], done: 0 },
  }),
  output: ({ context }) => verdictOf(context),
  on: {
    'child.started': { actions: 'noteStarted' },
    'child.exited': { actions: ['readClock', 'noteExit'] },
    'child.expired': { actions: ['readClock', 'expire'] },
    'child.gone': { actions: { type: 'drop', params: ({ event }) => event } },
    'child.start': { actions: 'add' },
    'child.terminate': { actions: 'terminate' },
    'child.restart': { actions: 'revive' },
    'child.delete': { actions: 'remove' },
    // A crew's error that nothing handles would end the supervisor.
    'xstate.error.actor.*': { actions: ['readClock', 'replaceCrew', 'noteLostCrew'] },

    close: { target: '.closing', actions: { type: 'judge', params: { kind: 'normal' } } },
    shutdown: { target: '.closing', actions: { type: 'judge', params: { kind: 'shutdown' } } },
    kill: { target: '.closing.killing', actions: { type: 'judge', params: { kind: 'killed' } } },
  },
  initial: 'starting',
  states: {
    starting: {
      description: 'The children are started, each when the one before it is of use.',
      entry: [{ type: 'announce', params: { state: 'starting' } }, 'planStart'],
      always: [
        { guard: 'hasFailedStart', target: 'closing', actions: ['failStart', 'tellEscalation'] },
        { guard: 'hasToStart', actions: 'startNext' },
        { guard: 'hasStarted', target: 'running', actions: 'reportStarted' },
      ],
    },
    running: {
      description: 'Nothing is under way but starts of single children. What came meanwhile is decided one by one.',
      entry: [{ type: 'announce', params: { state: 'running' } }, 'readClock'],
      always: [
        { guard: 'hasNewFirst', actions: 'startFirst' },
        { guard: 'hasNothingToRestart', actions: 'passFirst' },
        { guard: 'isOverIntensity', target: 'closing', actions: ['failRestarts', 'tellEscalation'] },
        { guard: 'isForOne', actions: ['countRestart', 'tellRestart', 'startFirst'] },
        { guard: 'hasBacklog', target: 'restarting', actions: ['countRestart', 'tellRestart', 'planRestart'] },
      ],
    },
    restarting: {
      description: 'Several children are stopped, and started again. What else ends meanwhile waits.',
      entry: { type: 'announce', params: { state: 'restarting' } },
      initial: 'stopping',
      states: {
        stopping: {
          always: [
            { guard: 'hasToStop', actions: 'stopNext' },
            { guard: 'hasNoMoreToStop', target: 'starting' },
          ],
        },
        starting: {
          entry: 'rewind',
          always: [
            { guard: 'hasFailedTooOften', target: '#supervisor.closing', actions: ['failRestarts', 'tellEscalation'] },
            // As in OTP: it counts as one more restart, and the strategy is asked anew.
            { guard: 'hasFailedStart', target: 'stopping', actions: ['countRestart', 'tellRestart', 'planRestart'] },
            { guard: 'hasToStart', actions: 'startNext' },
            { guard: 'hasStarted', target: '#supervisor.running' },
          ],
        },
      },
    },
    closing: {
      description: 'The children are stopped, last started first, whatever the reason.',
      entry: { type: 'announce', params: { state: 'closing' } },
      always: [
        { guard: 'isEmptyAndFailed', target: 'failed' },
        { guard: 'isEmpty', target: 'closed' },
      ],
      on: {
        close: {},
        shutdown: {},
        kill: { target: '.killing' },
        // Whoever is here is leaving; nobody comes any more.
        'child.start': {},
        'child.restart': {},
        'child.terminate': {},
        'child.delete': {},
      },
      initial: 'stopping',
      states: {
        stopping: {
          description: 'Each child has its time; the next is asked when it has ended or was killed.',
          entry: 'planEnd',
          always: { guard: 'hasToStop', actions: 'stopNext' },
        },
        killing: {
          description: 'All at once.',
          entry: 'killAll',
          on: { kill: {} },
        },
      },
    },
    closed: {
      description: 'It was asked to end, and no child is left.',
      type: 'final',
      entry: { type: 'announce', params: { state: 'closed' } },
    },
    failed: {
      description: 'It gave up, and no child is left.',
      type: 'final',
      entry: { type: 'announce', params: { state: 'failed' } },
    },
  },
});
