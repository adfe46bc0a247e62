import type {
  ChildCounts,
  ExitKind,
  PoolState,
  RemovalReason,
  RestartType,
  ShellState,
  StrategyName,
  SupervisorState,
} from '../../machines/index.ts';

/** What all nodes of the tree have. */
interface NodeBase {
  /** Its path, e.g. `root/git/shell.0`: unique. */
  path: string;
  /** The path of the node above it; absent at the top. */
  parent?: string;
  /** The last part of its path, or the name of the top. */
  name: string;
  /** The states that its machine is in, outer ones first: `idle`, `idle.free`. */
  active: string[];
}

/** What the supervisor above says of a child. */
interface Supervised {
  restart?: RestartType;
  /** How often it was started again. */
  restarts?: number;
  lastExit?: ExitKind;
}

export interface SupervisorView extends NodeBase, Supervised {
  type: 'supervisor';
  state: SupervisorState;
  strategy: StrategyName | undefined;
  intensity: number | undefined;
  /** ms */
  period: number | undefined;
  /** Restarts of children that count now. */
  recentRestarts: number;
  count: ChildCounts;
  lastError?: ErrorView;
}

export interface PoolView extends NodeBase, Supervised {
  type: 'pool';
  state: PoolState;
  min: number | undefined;
  max: number | undefined;
  size: number;
  idle: number;
  busy: number;
  queued: number;
  finished: number;
  failed: number;
  rejected: number;
  /** Shells since the pool was made. */
  spawned: number;
  lost: number;
  lastError?: ErrorView;
}

export interface ShellView extends NodeBase {
  type: 'shell';
  state: ShellState;
  /** 0 until the process was started. */
  pid: number;
  /** When it entered the state, epoch ms. */
  since: number;
  uses: number;
  running?: RunningView;
}

/** A command that runs now. */
export interface RunningView {
  id: string;
  /** Epoch ms. */
  startedAt: number;
  /** Only with `showCommands`. */
  command?: string;
}

/** One node of the tree, in full. */
export type NodeView = SupervisorView | PoolView | ShellView;

/** An error as far as it may be shown. */
export interface ErrorView {
  code: string;
  /** Only with `showCommands`: it may quote what `init` said. */
  message?: string;
}

/** A scalar of an event that says nothing of what was run. */
export type Detail = Record<string, string | number | boolean>;

/** One event that an actor was sent. */
export interface MessageView {
  /** Counts from 1. */
  n: number;
  at: number;
  /** The path of the actor that sent it; absent where it came from outside. */
  from?: string;
  to: string;
  type: string;
  detail: Detail;
}

/** One transition that a machine took. */
export interface StepView {
  path: string;
  /** The state that it left, as in `idle.free`; '' where it is taken in any state. */
  from: string;
  to: string;
  /** The type of the event, '' where a guard alone decided. */
  event: string;
}

/** A shell entered a state. */
export interface TurnView {
  at: number;
  path: string;
  state: ShellState;
  reason?: RemovalReason;
}

/** Commands that ran in a shell one after the other without a pause. */
export interface SpanView {
  path: string;
  /** Epoch ms, with fractions. */
  from: number;
  to: number;
  count: number;
  failed: number;
  /** Of one command. */
  id?: string;
  /** Of one command, only with `showCommands`. */
  command?: string;
}

/** p50, p90 and p99 in ms. */
export type Percentiles = [p50: number, p90: number, p99: number];

/** What a pool did in one second. */
export interface SampleView {
  path: string;
  at: number;
  /** The most that waited at once, as far as was seen. */
  queued: number;
  /** Commands that ended. */
  ended: number;
  failed: number;
  /** Absent where no command ended. */
  wait?: Percentiles;
  run?: Percentiles;
}

/** How many of each did not fit into a frame. */
export interface Omitted {
  messages: number;
  steps: number;
  spans: number;
  turns: number;
}

/** What happened since the last frame. */
export interface Happened {
  messages: MessageView[];
  steps: StepView[];
  turns: TurnView[];
  spans: SpanView[];
  samples: SampleView[];
  omitted: Omitted;
}

/** What has changed since the last frame. */
export interface Frame extends Happened {
  at: number;
  /** Those that are new or different, in full. */
  nodes: NodeView[];
  /** The paths of those that are gone. */
  gone: string[];
}

/** The whole present state, and what is remembered of before: sent to each new viewer, and after frames that one was not sent. */
export interface Present {
  at: number;
  /** The path of the top. */
  root: string;
  version: string;
  showCommands: boolean;
  /** In the order of the tree. */
  nodes: NodeView[];
  recent: Happened;
  /** Frames that this viewer was not sent since it came, because it did not take them. */
  missed: number;
}

/** One command in the history of a shell. */
export interface HistoryView {
  id: string;
  startedAt: number;
  durationMs: number;
  exitCode?: number;
  signal?: string;
  error?: string;
  /** Only with `showCommands`. */
  command?: string;
  /** Only with `showCommands`, and where the pool keeps it. */
  stdout?: string;
  stderr?: string;
}
