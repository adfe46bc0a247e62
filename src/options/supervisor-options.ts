import * as v from 'valibot';
import type { InspectionEvent, Observer } from 'xstate';
import type { ChildType, RestartType, Shutdown, StrategyName } from '../../machines/index.ts';
import type { Logger } from '../events/log.ts';
import { check, count, expects, finiteMilliseconds, oneOf, optionsError, plainObject, show } from './check.ts';
import { inspector, logger } from './observers.ts';
import { checkPoolOptions, type CheckedPoolOptions, type PoolOptions } from './pool-options.ts';

/** Options of `createSupervisor`. The words are those of OTP's `supervisor`. */
export interface SupervisorOptions {
  /** In events, logs and errors; of the root also the first part of every path. @default 'root', of a child its id */
  name?: string | undefined;
  /** What happens to the siblings of a child that is restarted. @default 'one_for_one' */
  strategy?: StrategyName | undefined;
  /** Restarts within `period` that are borne; with one more the supervisor gives up. @default 3 */
  intensity?: number | undefined;
  /** Milliseconds. @default 5_000 */
  period?: number | undefined;
  /** In the order in which they are started. @default [] */
  children?: ChildOptions[] | undefined;
  /** For everything below that has none of its own. @default pino at 'warn' on stderr */
  logger?: Logger | false | undefined;
  /** An XState inspection observer, passed to createActor; of the root only, and for the whole tree. */
  inspect?: ((event: InspectionEvent) => void) | Observer<InspectionEvent> | undefined;
}

/** One child: a pool, or another supervisor. */
export interface ChildOptions {
  /** Unique among its siblings, without `/`; the last part of its path. */
  id: string;
  /** The options of the pool that it is. */
  pool?: PoolOptions | undefined;
  /** The options of the supervisor that it is. */
  supervisor?: SupervisorOptions | undefined;
  /** When it is started again after its end. @default 'permanent' */
  restart?: RestartType | undefined;
  /** Milliseconds that it has to end, then it is killed; or `'brutal_kill'`, or `'infinity'`. @default 5_000, of a supervisor 'infinity' */
  shutdown?: Shutdown | undefined;
}

const id = expects<string>(
  'a non-empty string without "/" or control characters, other than a name of Object.prototype',
  // XState keeps children in plain objects, by their ids.
  (value) => typeof value === 'string' && /^[^/\p{Cc}]+$/u.test(value) && !(value in Object.prototype),
);

const schema = v.strictObject({
  name: v.optional(id),
  strategy: v.optional(oneOf('one_for_one', 'one_for_all', 'rest_for_one'), 'one_for_one'),
  intensity: v.optional(count, 3),
  period: v.optional(
    expects<number>(
      'a positive, finite number of milliseconds',
      (value) => typeof value === 'number' && value > 0 && value < Infinity,
    ),
    5_000,
  ),
  children: v.optional(v.array(v.unknown(), 'an array'), () => []),
  logger: v.optional(logger),
  inspect: v.optional(inspector),
});

const childSchema = v.strictObject({
  id,
  pool: v.optional(v.unknown()),
  supervisor: v.optional(v.unknown()),
  restart: v.optional(oneOf('permanent', 'transient', 'temporary'), 'permanent'),
  shutdown: v.optional(
    v.union(
      [finiteMilliseconds, v.literal('brutal_kill'), v.literal('infinity')],
      "a non-negative, finite number of milliseconds, 'brutal_kill' or 'infinity'",
    ),
  ),
});

/** The options of a supervisor, checked and with their defaults. */
export interface CheckedSupervisor extends Omit<v.InferOutput<typeof schema>, 'name' | 'children'> {
  readonly name: string;
  readonly children: readonly CheckedChild[];
}

/** The options of a child, checked and with their defaults. */
export type CheckedChild = {
  readonly id: string;
  readonly type: ChildType;
  readonly restart: RestartType;
  readonly shutdown: Shutdown;
} & ({ readonly type: 'pool'; readonly pool: CheckedPoolOptions } | CheckedSubtree);

interface CheckedSubtree {
  readonly type: 'supervisor';
  readonly supervisor: CheckedSupervisor;
}

/** What is being checked, and for whom. */
interface Scope {
  /** The method that it was given to. */
  readonly where: string;
  /** The path of the supervisor; empty for the root, whose name is yet to be read. */
  readonly path: string;
  /** The options of the supervisors above. */
  readonly above: readonly unknown[];
}

/**
 * Checks the options of a whole tree before anything starts.
 * @throws {ShellwrightError} ERR_OPTIONS, with the path of the child
 */
export function checkSupervisorOptions(options: unknown): CheckedSupervisor {
  return checkSupervisor(options ?? {}, 'root', 'createSupervisor', { where: 'createSupervisor', path: '', above: [] });
}

/**
 * Checks the options of a child that is to be added to the supervisor at `path`.
 * @throws {ShellwrightError} ERR_OPTIONS, with the path of the child
 */
export function checkChildOptions(options: unknown, path: string, where: string): CheckedChild {
  return checkChild(options, `the child of ${where}`, { where, path, above: [] });
}

function checkSupervisor(options: unknown, defaultName: string, what: string, scope: Scope): CheckedSupervisor {
  check(plainObject, options, what);
  const given = check(schema, options, what);
  const name = given.name ?? defaultName;
  const path = scope.path === '' ? name : scope.path;
  if (scope.path !== '') refuseInspect(given.inspect, what);
  const inner = { ...scope, path, above: [...scope.above, options] };
  const children = given.children.map((child, index) => checkChild(child, `children.${index} of ${what}`, inner));
  checkUnique(children, what);
  return { ...given, name, children };
}

function checkChild(options: unknown, unnamed: string, scope: Scope): CheckedChild {
  const isNamed = v.is(v.object({ id }), options);
  const path = isNamed ? `${scope.path}/${options.id}` : '';
  const what = isNamed ? `child ${path} in ${scope.where}` : unnamed;
  check(plainObject, options, what);
  const { pool, supervisor, shutdown, ...child } = check(childSchema, options, what);
  if ((pool === undefined) === (supervisor === undefined)) {
    const got = pool === undefined ? 'neither' : 'both';
    throw optionsError(`Expected ${what} to have one of the options \`pool\` and \`supervisor\`, got ${got}`);
  }
  if (pool !== undefined) {
    const checked = checkSupervisedPool(pool, child.id, `pool ${path} in ${scope.where}`);
    return { ...child, type: 'pool', pool: checked, shutdown: shutdown ?? 5_000 };
  }
  if (scope.above.includes(supervisor)) throw optionsError(`Expected ${what} not to be a child of itself`);
  const checked = checkSupervisor(supervisor, child.id, `supervisor ${path} in ${scope.where}`, { ...scope, path });
  return { ...child, type: 'supervisor', supervisor: checked, shutdown: shutdown ?? 'infinity' };
}

function checkSupervisedPool(options: unknown, defaultName: string, what: string): CheckedPoolOptions {
  check(plainObject, options, what);
  const checked = checkPoolOptions(options, what);
  refuseInspect(checked.inspect, what);
  return (options as PoolOptions).name === undefined ? { ...checked, name: defaultName } : checked;
}

function refuseInspect(inspect: unknown, what: string): void {
  if (inspect === undefined) return;
  throw optionsError(
    `Expected the \`inspect\` option of ${what} to be absent, got ${show(inspect)}: one observer is given to createSupervisor, for the whole tree`,
  );
}

function checkUnique(children: readonly CheckedChild[], what: string): void {
  const places = new Map<string, number>();
  for (const [index, { id }] of children.entries()) {
    const first = places.get(id);
    if (first !== undefined) {
      throw optionsError(
        `Expected the ids of the children of ${what} to be unique, got ${show(id)} for children.${first} and children.${index}`,
      );
    }
    places.set(id, index);
  }
}
