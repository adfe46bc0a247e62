/** As much of the ancestor's interface as we measure: it has no types of its own. */
declare module 'stateful-process-command-proxy' {
  interface Answer {
    command: string;
    /** Trimmed. */
    stdout: string;
    stderr: string;
  }

  export default class StatefulProcessCommandProxy {
    constructor(config: Readonly<Record<string, unknown>>);
    executeCommand(command: string): Promise<Answer>;
    executeCommands(commands: readonly string[]): Promise<Answer[]>;
    getStatus(): { pid: number }[];
    shutdown(): Promise<void>;
  }
}
