import { Channel, type ChannelEvents } from '../process/channel.ts';
import { shellEnvironment } from '../process/environment.ts';
import { rememberGroup } from '../process/group.ts';
import type { PoolContext } from './context.ts';

/** Starts the process of a shell. @throws {LaunchError} */
export async function launch({ options, dialect, bus }: PoolContext, events: ChannelEvents): Promise<Channel> {
  const { cwd, uid, gid, extendEnv, env } = options;
  const { path, args, stdin, control } = dialect;
  const channel = await Channel.open(
    { path, args, stdin, control, cwd, uid, gid, env: shellEnvironment(extendEnv, env, dialect.env) },
    events,
  );
  if (channel.noPipes !== undefined) bus.warnOnce('Commands cannot open /dev/stdout and /dev/stderr', channel.noPipes);
  rememberGroup(channel.pid, (cause) =>
    bus.warn({ cause }, 'The guard is lost: until another shell starts, what shells run outlives this process'),
  );
  return channel;
}
