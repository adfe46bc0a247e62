import type { Dialect } from '../dialects/dialect.ts';
import type { Bus } from '../events/bus.ts';
import type { Settings } from '../execution/settings.ts';
import type { Mask } from '../masking/mask.ts';
import type { CheckedPoolOptions } from '../options/pool-options.ts';
import type { KeepAlive } from './keep-alive.ts';
import type { Metrics } from './metrics.ts';

/** What the parts of one pool share. */
export interface PoolContext {
  readonly name: string;
  /** Where it is in its tree, such as `root/git`; its name without one. */
  readonly path: string;
  readonly options: CheckedPoolOptions;
  readonly dialect: Dialect;
  /** The settings of a command without options. */
  readonly settings: Settings;
  /** What must not be seen anywhere; undefined when there is no such thing. */
  readonly mask: Mask | undefined;
  readonly bus: Bus;
  readonly metrics: Metrics;
  readonly keepAlive: KeepAlive;
}
