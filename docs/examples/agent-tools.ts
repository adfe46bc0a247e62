/**
 * The tool loop of an agent with a shell of its own. A command that hangs is stopped, and the shell's state survives: the folder, variables and
 * functions are still there for the next call. The model is a list of what one might say; put yours in its place.
 */
import assert from 'node:assert/strict';
import { createPool, isShellwrightError, type Session } from 'shellwright';

interface ToolCall {
  readonly command: string;
  /** Ms that the model thinks it needs. */
  readonly timeout?: number;
}

const pool = createPool({
  name: 'agent',
  max: 1,
  init: ['export PAGER=cat GIT_TERMINAL_PROMPT=0'], // nothing may wait for a person
  timeout: 60_000,
  maxBuffer: 8_000, // what a model can read
  overflow: 'middle',
  // A guard rail against accidents. What must not happen belongs in a container: see docs/policy.md.
  policy: { deny: [/\bgit\s+push\b/] },
  logger: false,
});

const answers: string[] = [];
await pool.use(async (session) => {
  for await (const call of model(answers)) answers.push(await runTool(session, call));
});
await pool.close();

assert.match(answers[1] ?? '', /stopped after 500 ms; the shell is as it was/);
assert.match(answers[2] ?? '', /^\/tmp 42\n/);
assert.match(answers[3] ?? '', /bytes omitted/);
assert.match(answers[4] ?? '', /not allowed/);

/** What the model gets to read: always an answer, also where the command failed. */
async function runTool(session: Session, { command, timeout = 60_000 }: ToolCall): Promise<string> {
  process.stdout.write(`$ ${command}\n`);
  const result = await session.exec(command, { timeout, reject: false });
  const lines = [result.stdout + result.stderr];
  const { error } = result;
  if (isShellwrightError(error)) {
    if (error.code === 'ERR_TIMEOUT')
      lines.push(`[stopped after ${timeout} ms; the shell ${error.stateLost ? 'was lost' : 'is as it was'}]`);
    else if (error.code === 'ERR_POLICY') lines.push('[not allowed]');
    else throw error; // a lost session, a closed pool: for the program, not for the model
  } else if (result.failed) {
    lines.push(`[exit status ${result.exitCode ?? result.signal}]`);
  }
  const answer = lines.join('');
  const line = JSON.stringify(answer);
  process.stdout.write(`  ${line.length > 100 ? `${line.slice(0, 100)}…` : line}
`);
  return answer;
}

/** Stands for a model: each call could depend on the answers so far. */
async function* model(seen: readonly string[]): AsyncGenerator<ToolCall> {
  yield { command: 'cd /tmp && answer=42' };
  yield { command: 'echo waiting; while :; do sleep 1; done', timeout: 500 };
  yield { command: 'echo $PWD $answer' };
  yield { command: 'seq 1 100000' };
  yield { command: 'git push --force' };
  if (seen.at(-1)?.includes('not allowed')) yield { command: 'echo "then not"; false' };
}
