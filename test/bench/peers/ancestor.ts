import Ancestor from 'stateful-process-command-proxy';
import type { OpenPeer } from './peer.ts';

/** stateful-process-command-proxy 1.0.3: what we come from. It looks for no end of stderr. */
export function openAncestor(program: 'bash' | 'dash'): OpenPeer {
  return async (shells) => {
    const proxy = new Ancestor({
      name: 'ancestor',
      min: shells,
      max: shells,
      idleTimeoutMS: 3_600_000,
      processCommand: program,
      processArgs: program === 'bash' ? ['--noprofile', '--norc'] : [],
      processRetainMaxCmdHistory: 0,
      logFunction: () => {},
    });
    // It has no `ready`: one command for each shell, at the same time, finds them all started.
    await Promise.all(Array.from({ length: shells }, () => proxy.executeCommand('sleep 0.1')));
    return {
      ask: async ({ command }) => (await proxy.executeCommand(command)).stdout,
      askAll: async (questions) =>
        (await proxy.executeCommands(questions.map(({ command }) => command))).map(({ stdout }) => stdout),
      pids: () => proxy.getStatus().map(({ pid }) => pid),
      close: () => proxy.shutdown(),
    };
  };
}
