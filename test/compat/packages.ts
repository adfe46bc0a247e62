import { StatefulProcessCommandProxy as Ours, type StatefulProcessCommandProxyConfig } from 'shellwright/compat';
import Ancestor from 'stateful-process-command-proxy';
import { onTestFinished } from 'vitest';

/** What programs written for the ancestor use of it. */
export type Proxy = Pick<Ours, 'executeCommand' | 'executeCommands' | 'getStatus' | 'shutdown'>;

/** Options, also such as programs in the wild give. */
export type Config = Partial<StatefulProcessCommandProxyConfig> & Record<string, unknown>;

/** Both packages, by name. */
export const packages = ['the ancestor', 'shellwright/compat'] as const;

/** One bash, of the package named. It is shut down when the test ends. */
export function open(name: (typeof packages)[number], config: Config = {}): Proxy {
  if (name === 'shellwright/compat') return openOurs(config);
  // Without a log function it writes to the console.
  const proxy = new Ancestor({ ...base, logFunction: () => {}, ...config });
  onTestFinished(() => proxy.shutdown());
  return proxy as unknown as Proxy;
}

export function openOurs(config: Config = {}): Ours {
  const proxy = new Ours({ ...base, ...config });
  onTestFinished(() => proxy.shutdown({ timeout: 0 }));
  return proxy;
}

const base = { name: 'test', max: 1, min: 0, processCommand: '/bin/bash', processArgs: ['-s'] };

/** Everything logged, as `severity origin message`. */
export function logLines(): { lines: string[]; logFunction: (...line: string[]) => void } {
  const lines: string[] = [];
  return { lines, logFunction: (...line) => lines.push(line.join(' ')) };
}

/** The first value that is not undefined, asked for until there is one: neither package says when something has changed. */
export async function eventually<T>(what: string, ask: () => T | undefined): Promise<T> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const value = ask();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
