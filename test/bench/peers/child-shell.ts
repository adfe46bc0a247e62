import { createRequire } from 'node:module';
import type { Peer } from './peer.ts';

/** As much of its interface as we measure: its own types need those of a package that it does not bring. */
declare class AbstractShell {
  constructor(options: { executable: string; executableOptions: Record<string, boolean | string> });
  readonly history: unknown[];
  /** Rejects when the command wrote to stderr; `raw` is trimmed. */
  invoke(command: string): Promise<{ raw: string }>;
  dispose(): Promise<void>;
}

const require = createRequire(import.meta.url);
const { Shell } = require('child-shell') as { Shell: typeof AbstractShell };

class Bash extends Shell {
  protected writeToOutput(input: string): string {
    return `echo ${input}`;
  }

  protected writeToError(input: string): string {
    return `echo ${input} >&2`;
  }
}

/** child-shell 5.0.0: one shell with a queue in front of it, so it takes part where one shell does. */
export async function openChildShell(): Promise<Peer> {
  const shell = new Bash({ executable: 'bash', executableOptions: { '--noprofile': true, '--norc': true } });
  const ask: Peer['ask'] = async ({ command }) => {
    const { raw } = await shell.invoke(command);
    // It keeps every command there ever was, and makes room for each at the front.
    shell.history.length = 0;
    return raw;
  };
  await shell.invoke('echo ready');
  return { ask, askAll: (questions) => Promise.all(questions.map(ask)), close: () => shell.dispose() };
}
