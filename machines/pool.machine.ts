import { causeOf } from './cause.ts';
import { exitOf, poolSetup } from './pool/setup.ts';

/**
 * The supervisor of up to `max` shells of one template.
 *
 * It decides how many shells live and replaces those that are lost; who may use which is plain code's to say, which tells
 * it of demand. It has no effects: provide `shell` (with its own effects), `announce`, `reap`, `check`, `fail`,
 * `crashed` and `abandon`. Giving up after so many failed starts and trying one again later is a circuit breaker's, as in cockatiel.
 *
 * With a `parent` it is a supervisor's child: it takes its orders, and gives up for good. Plain code then tells it to stop:
 * when what still runs has ended, or at once when it hears `abandon`.
 *
 * @example
 * const shell = shellMachine.provide({ actors: { process, initialize, teardown } });
 * const pool = createActor(poolMachine.provide({ actors: { shell } }), { input });
 * pool.start();
 * pool.send({ type: 'demand', waiting: 2 }); // two shells start, `max` permitting
 */
export const poolMachine = poolSetup.createMachine({
  id: 'pool',
  context: ({ input }) => ({
    ...input,
    slots: Array.from({ length: input.max }, () => 'empty' as const),
    failures: 0,
    streaks: {},
    elders: [],
    cautious: false,
    fatal: false,
    waiting: 0,
    backingOff: false,
    probing: false,
    full: false,
    reported: false,
  }),
  output: ({ context }) => exitOf(context),
  on: {
    demand: { actions: [{ type: 'noteDemand', params: ({ event }) => event }, 'refill'] },
    saturate: { actions: { type: 'noteFull', params: { full: true } } },
    drain: { actions: { type: 'noteFull', params: { full: false } } },
    retry: { actions: ['endBackoff', 'refill'] },
    close: { target: '.closing', actions: { type: 'judge', params: { kind: 'normal' } } },
    stop: { target: '.closing.stopping', actions: [{ type: 'judge', params: { kind: 'normal' } }, 'tellAll'] },
    shutdown: { target: '.closing', actions: { type: 'judge', params: { kind: 'shutdown' } } },
    kill: { target: '.closing', actions: ['judgeKill', 'abandon'] },

    'shell.ready': [
      {
        guard: { type: 'isElder', params: ({ event }) => event },
        actions: [{ type: 'noteReady', params: ({ event }) => event }, 'refill'],
      },
      { actions: [{ type: 'noteReady', params: ({ event }) => event }, 'disarmRetry', 'refill'] },
    ],
    // A shell is told to be idle only when nothing waits for it.
    'shell.idle': {
      actions: [
        { type: 'place', params: ({ event }) => ({ slot: event.slot, state: 'idle' }) },
        { type: 'noteDemand', params: { waiting: 0 } },
      ],
    },
    'shell.busy': {
      actions: [{ type: 'place', params: ({ event }) => ({ slot: event.slot, state: 'busy' }) }, 'refill'],
    },
    'shell.invalid': [
      // What was started together fails together: counted once, and waited out once.
      {
        guard: { type: 'isElderFailing', params: ({ event }) => event },
        actions: [{ type: 'noteFailure', params: ({ event }) => event }, 'refill'],
      },
      {
        guard: { type: 'isFailedStart', params: ({ event }) => event },
        actions: [{ type: 'noteFailure', params: ({ event }) => event }, 'armRetry', 'refill'],
      },
      { actions: [{ type: 'place', params: ({ event }) => ({ slot: event.slot, state: 'ending' }) }, 'refill'] },
    ],
    'shell.ending': {
      actions: [{ type: 'place', params: ({ event }) => ({ slot: event.slot, state: 'ending' }) }, 'refill'],
    },
    'xstate.done.actor.*': {
      actions: [
        { type: 'dismiss', params: ({ event }) => ({ slot: event.actorId }) },
        { type: 'place', params: ({ event }) => ({ slot: event.actorId, state: 'empty' }) },
        'refill',
      ],
    },
    // One at a time: each is counted as ending before the next is asked about.
    'shell.idleTimeout': [
      {
        guard: 'hasSurplus',
        actions: [
          { type: 'noteDemand', params: { waiting: 0 } },
          { type: 'reap', params: ({ event }) => ({ slot: event.slot }) },
        ],
      },
      { actions: { type: 'noteDemand', params: { waiting: 0 } } },
    ],
    'shell.checkDue': { actions: { type: 'check', params: ({ event }) => ({ slot: event.slot }) } },
    // A child's error that nothing handles would end the pool. Its process is plain code's to end: nobody else can now.
    'xstate.error.actor.*': {
      actions: [
        { type: 'crashed', params: ({ event }) => ({ slot: event.actorId, cause: causeOf(event.error) }) },
        {
          type: 'noteFailure',
          params: ({ event }) => ({ slot: event.actorId, cause: causeOf(event.error), fatal: false }),
        },
        { type: 'dismiss', params: ({ event }) => ({ slot: event.actorId }) },
        { type: 'place', params: ({ event }) => ({ slot: event.actorId, state: 'empty' }) },
        'armRetry',
        'refill',
      ],
    },
  },
  initial: 'starting',
  states: {
    starting: {
      description: 'Not enough shells have been idle yet.',
      entry: [{ type: 'announce', params: { state: 'starting' } }, 'fill'],
      always: [
        { guard: 'isHopeless', target: 'failed' },
        { guard: 'isToReport', actions: 'reportStarted' },
        { guard: 'isStaffed', target: 'ready' },
      ],
      on: { fill: { actions: 'fill' } },
    },
    ready: {
      description: 'Work is taken, and done without a long wait.',
      entry: { type: 'announce', params: { state: 'ready' } },
      always: [
        { guard: 'isHopeless', target: 'failed' },
        { guard: 'isFull', target: 'saturated' },
      ],
      on: { fill: { actions: 'fill' } },
    },
    saturated: {
      description: 'Work waits, and every shell is taken.',
      entry: { type: 'announce', params: { state: 'saturated' } },
      always: [
        { guard: 'isHopeless', target: 'failed' },
        { guard: 'isNotFull', target: 'ready' },
      ],
      on: { fill: { actions: 'fill' } },
    },
    failed: {
      description: 'Shells do not start. Those that live go on; no other is started.',
      entry: [
        { type: 'announce', params: { state: 'failed' } },
        { type: 'fail', params: ({ context }) => ({ cause: context.cause, fatal: context.fatal }) },
        'judgeFailure',
        'disarmRetry',
        'forgetDemand',
        'armCooldown',
      ],
      exit: 'disarmCooldown',
      on: {
        // A start that was still under way.
        'shell.ready': [
          { guard: 'isSupervised', actions: { type: 'noteReady', params: ({ event }) => event } },
          { target: 'ready', actions: [{ type: 'noteReady', params: ({ event }) => event }, 'refill'] },
        ],
        close: { target: 'closing.stranded', actions: { type: 'judge', params: { kind: 'normal' } } },
        shutdown: { target: 'closing.stranded' },
        kill: { target: 'closing.stranded', actions: 'abandon' },
      },
      initial: 'open',
      states: {
        open: {
          description: 'Requests are refused.',
          on: { demand: {}, cooled: { target: 'cooled' } },
        },
        cooled: {
          description: 'The next request is worth one try.',
          on: {
            demand: [
              {
                guard: { type: 'isWanted', params: ({ event }) => event },
                target: '#pool.starting',
                actions: [{ type: 'noteDemand', params: ({ event }) => event }, 'halfOpen'],
              },
              {},
            ],
          },
        },
      },
    },
    closing: {
      description: 'No new work comes. It ends when it is told to stop and the last shell is gone.',
      entry: { type: 'announce', params: { state: 'closing' } },
      on: {
        close: {},
        shutdown: {},
        stop: { target: '.stopping', actions: 'tellAll' },
        kill: { actions: ['judgeKill', 'abandon'] },
      },
      initial: 'draining',
      states: {
        draining: {
          description: 'What waited is still served.',
          always: {
            guard: 'isHopeless',
            target: 'stranded',
            actions: { type: 'fail', params: ({ context }) => ({ cause: context.cause, fatal: context.fatal }) },
          },
          on: { fill: { actions: 'fillForWaiting' } },
        },
        stranded: { description: 'Shells do not start, so nothing that waits can be served.' },
        stopping: {
          description: 'Every shell is being ended.',
          entry: 'disarmRetry',
          always: { guard: 'isEmpty', target: '#pool.closed' },
          on: { stop: { actions: 'tellAll' } },
        },
      },
    },
    closed: {
      description: 'No shell is left.',
      type: 'final',
      entry: { type: 'announce', params: { state: 'closed' } },
    },
  },
});
