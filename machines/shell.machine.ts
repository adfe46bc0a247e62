import { assign } from 'xstate';
import { causeOf, isFatal } from './cause.ts';
import { isInStep } from './reasons.ts';
import { shellSetup, verdictOf } from './shell/setup.ts';

/**
 * The life of one shell: one process, its start, its borrowers, its end.
 *
 * It decides, and has no effects: provide `process`, `initialize`, `teardown` and `announce`. It knows of borrowers, not
 * of commands: `busy` is edge-triggered, however many commands run in it. What is done with a shell between two borrowers
 * (validating, checking, resetting) is told to it by whoever does it, and bounded by it.
 *
 * @example
 * const shell = createActor(shellMachine, { input: { path: 'shell.0', slot: 'shell.0', idleTimeout: 1000, initTimeout: 1000 } });
 * shell.start();
 * shell.send({ type: 'process.spawned', pid: 1 }); // initializing, and idle a moment later
 */
export const shellMachine = shellSetup.createMachine({
  id: 'shell',
  context: ({ input }) => ({
    ...input,
    fatal: false,
    failedStart: false,
    graceful: false,
    borrowed: false,
    served: false,
    overdue: false,
  }),
  output: ({ context }) => ({ reason: verdictOf(context).reason, failedStart: context.failedStart }),
  invoke: { id: 'process', src: 'process', input: ({ context }) => ({ path: context.path }) },
  on: {
    kill: {
      target: '.destroying',
      actions: { type: 'condemn', params: ({ event }) => ({ reason: event.reason, graceful: false }) },
    },
    // An actor's error that nothing handles would end this machine and leave its process behind.
    'xstate.error.actor.process': [
      { guard: 'isCondemned' },
      {
        guard: 'hasProcess',
        target: '.invalid',
        actions: {
          type: 'condemn',
          params: ({ context, event }) => ({
            reason: 'protocol-error',
            cause: causeOf(event.error),
            failedStart: !context.served,
          }),
        },
      },
      {
        target: '.invalid',
        actions: {
          type: 'condemn',
          params: ({ event }) => ({
            reason: 'spawn-failed',
            cause: causeOf(event.error),
            fatal: isFatal(event.error),
            failedStart: true,
          }),
        },
      },
    ],
    // These two may still be on their way when their state has been left.
    'xstate.error.actor.initialize': {},
    'xstate.error.actor.teardown': {},
  },
  initial: 'spawning',
  states: {
    spawning: {
      description: 'The process is being started.',
      // One timer for both states of a start, so that its whole time is bounded.
      entry: [{ type: 'announce', params: { state: 'spawning' } }, 'armStart'],
      on: {
        'process.spawned': { target: 'initializing', actions: assign({ pid: ({ event }) => event.pid }) },
        'process.failed': {
          target: 'invalid',
          actions: {
            type: 'condemn',
            params: ({ event }) => ({
              reason: 'spawn-failed',
              cause: event.cause,
              fatal: event.fatal,
              failedStart: true,
            }),
          },
        },
        'process.exited': {
          target: 'invalid',
          actions: {
            type: 'condemn',
            params: ({ event }) => ({ reason: 'exited', cause: event.cause, failedStart: true }),
          },
        },
        'start.expired': {
          target: 'invalid',
          actions: { type: 'condemn', params: { reason: 'init-timeout', failedStart: true } },
        },
        invalidate: {
          target: 'invalid',
          actions: {
            type: 'condemn',
            params: ({ event }) => ({ reason: event.reason, cause: event.cause, failedStart: true }),
          },
        },
        retire: {
          target: 'destroying',
          actions: { type: 'condemn', params: ({ event }) => ({ reason: event.reason }) },
        },
      },
    },
    initializing: {
      description: 'The process runs, and is being made ready for its first command.',
      entry: { type: 'announce', params: { state: 'initializing' } },
      invoke: {
        id: 'initialize',
        src: 'initialize',
        input: ({ context }) => ({ path: context.path }),
        onDone: { target: 'idle', actions: ['disarmStart', 'armCheck'] },
        onError: {
          target: 'invalid',
          actions: {
            type: 'condemn',
            params: ({ event }) => ({
              reason: 'init-failed',
              cause: causeOf(event.error),
              fatal: isFatal(event.error),
              failedStart: true,
            }),
          },
        },
      },
      on: {
        'process.failed': {
          target: 'invalid',
          actions: {
            type: 'condemn',
            params: ({ event }) => ({
              reason: 'spawn-failed',
              cause: event.cause,
              fatal: event.fatal,
              failedStart: true,
            }),
          },
        },
        'process.exited': {
          target: 'invalid',
          actions: {
            type: 'condemn',
            params: ({ event }) => ({ reason: 'exited', cause: event.cause, failedStart: true }),
          },
        },
        'start.expired': {
          target: 'invalid',
          actions: { type: 'condemn', params: { reason: 'init-timeout', failedStart: true } },
        },
        invalidate: {
          target: 'invalid',
          actions: {
            type: 'condemn',
            params: ({ event }) => ({ reason: event.reason, cause: event.cause, failedStart: true }),
          },
        },
        retire: {
          target: 'destroying',
          actions: { type: 'condemn', params: ({ event }) => ({ reason: event.reason }) },
        },
      },
    },
    idle: {
      description: 'No borrower holds it.',
      entry: [{ type: 'announce', params: { state: 'idle' } }, 'armIdle'],
      exit: 'disarmIdle',
      on: {
        borrow: { target: 'busy', actions: 'borrow' },
        validate: { target: '.validating' },
        check: { target: '.checking' },
        'check.due': { actions: 'reportCheckDue' },
        'idle.expired': { actions: 'noteOverdue' },
        'process.exited': {
          target: 'invalid',
          actions: {
            type: 'condemn',
            params: ({ event }) => ({ reason: 'exited', cause: event.cause, failedStart: event.early }),
          },
        },
        invalidate: {
          target: 'invalid',
          actions: {
            type: 'condemn',
            params: ({ event }) => ({
              reason: event.reason,
              cause: event.cause,
              graceful: isInStep(event.reason),
            }),
          },
        },
        retire: {
          target: 'destroying',
          actions: { type: 'condemn', params: ({ event }) => ({ reason: event.reason, graceful: true }) },
        },
      },
      initial: 'free',
      states: {
        free: {
          description: 'Nobody waits for it.',
          entry: ['reportIdle', 'serve'],
          on: {
            // The pool may refuse, because of `min` or `spare`: then it is asked again after as long.
            'idle.expired': { actions: ['reportIdleTimeout', 'armIdle'] },
          },
        },
        validating: {
          description: 'It is asked whether it may be borrowed once more.',
          entry: 'armUpkeep',
          exit: 'disarmUpkeep',
          on: {
            return: { target: 'free', actions: 'tellOverdue' },
            'upkeep.expired': {
              target: '#shell.invalid',
              actions: {
                type: 'condemn',
                params: ({ context }) => ({
                  reason: 'validate-failed',
                  cause: `not decided within initTimeout (${context.initTimeout} ms)`,
                }),
              },
            },
          },
        },
        checking: {
          description: 'Its health is checked.',
          entry: 'armChecking',
          exit: ['disarmUpkeep', 'armCheck'],
          on: {
            return: { target: 'free', actions: 'tellOverdue' },
            'upkeep.expired': {
              target: '#shell.invalid',
              actions: {
                type: 'condemn',
                params: ({ context }) => ({
                  reason: 'health-failed',
                  cause: `the check did not end within its timeout (${context.health?.timeout} ms)`,
                }),
              },
            },
          },
        },
        resetting: {
          description: 'What its last borrower left is undone.',
          entry: 'armUpkeep',
          exit: 'disarmUpkeep',
          on: {
            return: { target: 'free', actions: 'tellOverdue' },
            'upkeep.expired': {
              target: '#shell.invalid',
              actions: {
                type: 'condemn',
                params: ({ context }) => ({
                  reason: 'reset-failed',
                  cause: `the reset did not end within initTimeout (${context.initTimeout} ms)`,
                }),
              },
            },
          },
        },
      },
    },
    busy: {
      description: 'A borrower holds it, running a command or not.',
      entry: [{ type: 'announce', params: { state: 'busy' } }, 'reportBusy'],
      on: {
        return: { target: 'idle', actions: 'release' },
        validate: { target: 'idle.validating', actions: 'release' },
        check: { target: 'idle.checking', actions: 'release' },
        reset: { target: 'idle.resetting', actions: 'release' },
        'check.due': { actions: 'reportCheckDue' },
        'process.exited': {
          target: 'invalid',
          actions: {
            type: 'condemn',
            params: ({ event }) => ({ reason: 'exited', cause: event.cause, failedStart: event.early }),
          },
        },
        invalidate: {
          target: 'invalid',
          actions: {
            type: 'condemn',
            params: ({ event }) => ({
              reason: event.reason,
              cause: event.cause,
              graceful: isInStep(event.reason),
            }),
          },
        },
        // A command may be running, so nothing can be said to the shell any more: not graceful.
        retire: {
          target: 'destroying',
          actions: { type: 'condemn', params: ({ event }) => ({ reason: event.reason }) },
        },
      },
    },
    invalid: {
      description: 'It must not run another command; its borrower has yet to let go.',
      entry: [{ type: 'announce', params: { state: 'invalid' } }, 'disarmStart', 'disarmCheck', 'reportInvalid'],
      always: { guard: 'isFree', target: 'destroying' },
      on: {
        return: { actions: 'release' },
        retire: { target: 'destroying' },
      },
    },
    destroying: {
      description: 'Its whole process group is being ended.',
      entry: [{ type: 'announce', params: { state: 'destroying' } }, 'disarmStart', 'disarmCheck', 'reportEnding'],
      invoke: {
        id: 'teardown',
        src: 'teardown',
        input: ({ context }) => ({ path: context.path, graceful: context.graceful }),
        onDone: { target: 'destroyed' },
        // Nothing more can be done; the disposer of `process` kills what is left.
        onError: { target: 'destroyed' },
      },
      on: {
        // Not entered again: the state is announced once, and a teardown by force need not start over.
        kill: [{ guard: 'isGraceful', actions: 'forceTeardown' }, {}],
      },
    },
    destroyed: {
      description: 'Its process group is gone.',
      type: 'final',
      entry: { type: 'announce', params: { state: 'destroyed' } },
    },
  },
});
