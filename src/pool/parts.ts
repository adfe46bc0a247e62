import { Bus } from '../events/bus.ts';
import { poolLogger, type Logger } from '../events/log.ts';
import { defaultSettings } from '../execution/settings.ts';
import type { CheckedPoolOptions } from '../options/pool-options.ts';
import type { PoolContext } from './context.ts';
import { KeepAlive } from './keep-alive.ts';
import type { Keeper } from './keeper.ts';
import { Lifecycle } from './lifecycle.ts';
import { Metrics } from './metrics.ts';
import { poolMask } from './pool-mask.ts';
import { StatusStream } from './status-stream.ts';
import type { PoolStatus } from './status.ts';

/** What a pool is made of. */
export interface PoolParts {
  readonly context: PoolContext;
  readonly lifecycle: Lifecycle;
  readonly statuses: StatusStream<PoolStatus>;
}

/** Where a pool is that a supervisor runs. */
export interface Place extends Keeper {
  /** Such as `root/git`. */
  readonly path: string;
  /** Hears every event of the pool. */
  readonly bus: Bus;
  /** For pools without one of their own. */
  readonly logger: Logger | undefined;
}

/** The parts of a pool: of its own, or in its place under a supervisor. Nothing is started. */
export function poolParts(options: CheckedPoolOptions, place?: Place): PoolParts {
  const { name } = options;
  const logger = place && options.logger === undefined ? place.logger : poolLogger(options.logger);
  const bus = new Bus({ pool: name, ...(place && { path: place.path }) }, logger, place?.bus);
  const context: PoolContext = {
    name,
    path: place?.path ?? name,
    options,
    dialect: options.shell,
    settings: defaultSettings(options),
    mask: poolMask(options),
    bus,
    metrics: new Metrics(),
    keepAlive: new KeepAlive(),
  };
  const statuses: StatusStream<PoolStatus> = new StatusStream(() => lifecycle.status());
  const lifecycle = new Lifecycle(context, statuses, place);
  return { context, lifecycle, statuses };
}
