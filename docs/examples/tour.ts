/**
 * A tour of the main job, run by `npm start`: real shells, real results, and the life of every shell printed as it happens.
 * It needs bash, and nothing else on the PATH.
 */
import assert from 'node:assert/strict';
import { filter, firstValueFrom } from 'rxjs';
import {
  bash,
  createPool,
  createSupervisor,
  type ExecResult,
  type Execution,
  type ShellwrightEvent,
} from 'shellwright';

const startedAt = performance.now();
const results: (string | number)[][] = [];

print('Shellwright, a tour: commands through a supervised pool of bash shells that stay alive.');
print('On the left, seconds since the start. Lines with a dot are events of the pool, as they happen.');

section('1. The pool: three shells, each set up once');
const pool = createPool({
  name: 'tour',
  shell: bash(),
  min: 3,
  max: 3,
  // bash has no `sleep` of its own, but reading from a pipe that stays empty waits as well, and starts no program.
  init: ['exec 9<> <(:)', 'pause() { read -rt "$1" -u 9 || [ $? -gt 128 ]; }'],
});
pool.events$.subscribe(showEvent);
pool.results$.subscribe(({ shellId = '', pid = '', signal, exitCode = '', waitMs, durationMs, command, stdout }) => {
  const times = [waitMs, durationMs].map((ms) => ms.toFixed(1));
  results.push([shellId, pid, signal ?? exitCode, ...times, clip(command, 34), clip(JSON.stringify(stdout), 22)]);
});
await pool.ready();

section('2. State: in a session a command finds what the one before it left');
await pool.use(async (session) => {
  await show(session.exec('cd /; city=Paris'));
  await show(session.exec('greet() { echo "$1 from $city, in $PWD"; }'));
  await show(session.exec('greet Hello'));
  const name = `it's "quoted" $HOME`; // as a value of a template: it arrives as it is, whatever is in it
  await show(session.$`greet ${name}`);
});

section('3. In parallel: three commands of 0.4 s on three shells');
const before = performance.now();
const answers = await inParallel(0.4);
const work = answers.reduce((sum, { durationMs }) => sum + durationMs, 0);
say(`${seconds(work)} s of work done in ${seconds(performance.now() - before)} s`);
assert.equal(new Set(answers.map(({ pid }) => pid)).size, 3);

section('4. Live: the lines of a command, while it runs');
for await (const line of pool.exec('for i in 1 2 3 4; do echo "line $i of 4"; pause 0.15; done')) say(`  ${line}`);

section('5. Killed: one shell gets kill -9 from outside, in the middle of a command, and is replaced');
const run = pool.exec('echo begun; pause 60; echo never');
await firstValueFrom(run.output$);
const victim = pool.status().shells.find(({ state }) => state === 'busy');
assert(victim);
const replaced = firstValueFrom(
  pool.events$.pipe(filter((event) => event.type === 'shell.idle' && event.shellId === victim.id)),
);
say(`kill -9 ${victim.pid}`);
process.kill(victim.pid, 'SIGKILL');
const { signal } = await show(run);
assert.equal(signal, 'SIGKILL');
const awake = setInterval(() => {}, 1_000); // a pool with nothing to do does not keep Node alive
await replaced;
clearInterval(awake);
const replacement = (await inParallel(0.2)).find(({ shellId }) => shellId === victim.id);
say(`${victim.id} was bash ${victim.pid}, and is bash ${replacement?.pid} now`);
assert(replacement && replacement.pid !== victim.pid);
await show(pool.exec('if true; then echo "a syntax error, and the shell lives"'));

section('6. A tree: pools under a supervisor, as in Erlang/OTP; each depends on those before it');
let locked = false;
const signIn = (): void => {
  if (locked) throw new Error('the account is locked');
};
const tree = createSupervisor({
  strategy: 'rest_for_one',
  logger: false,
  children: [
    { id: 'login', pool: { min: 1, max: 1, init: [signIn], restart: { attempts: 1 } } },
    { id: 'jobs', pool: { min: 2, max: 2 } },
  ],
});
await tree.ready();
print(String(tree.tree()));
tree.events$.pipe(filter(({ type }) => !/^(shell|command)\./.test(type))).subscribe(showEvent);
say('the account gets locked, and login loses its shell');
tree.pool('login').once('pool.failed', () => (locked = false));
locked = true;
await tree.pool('login').exec('exit 1');
const waited = await tree.pool('login').exec('echo "given while the pool was being restarted"');
say(`  ${waited.stdout.trim()}`);
await tree.ready();
print(String(tree.tree()));
assert.equal(tree.children()[0]?.restarts, 1);
await tree.close();

const status = pool.status();
section('What every command got');
table(['shell', 'pid', 'exit', 'waited ms', 'ran ms', 'command', 'stdout'], results);

section('The pool');
table(
  ['shell', 'pid', 'state', 'commands', 'last command'],
  status.shells.map(({ id, pid, state, uses, history }) => [
    id,
    pid,
    state,
    uses,
    clip(history.at(-1)?.command ?? '', 50),
  ]),
);
print(
  `${status.name}: ${status.state}, ${status.size} shells, ${status.idle} idle, ${status.busy} busy, ${status.queued} waiting`,
);

section('The end: the pool is closed, and no process is left');
await pool.close();
assert.equal(pool.status().size, 0);

/** As many commands as there are shells, each of so many seconds. */
function inParallel(length: number): Promise<ExecResult[]> {
  const commands = ['one', 'two', 'three'].map((word) => `pause ${length}; echo "${word}, from bash $$"`);
  return Promise.all(commands.map((command) => show(pool.exec(command))));
}

/** Prints the command and what came of it. */
async function show(execution: Execution): Promise<ExecResult> {
  const result = await execution;
  const how = result.signal ?? (result.exitCode === 0 ? '' : `exit ${result.exitCode}`);
  say(`${result.shellId} $ ${result.command}${how && paint('31', `   [${how}]`)}`);
  for (const line of (result.stdout + result.stderr).split('\n').filter(Boolean)) say(`  ${line}`);
  return result;
}

function showEvent(event: ShellwrightEvent): void {
  const [subject, what] = event.type.split('.');
  if (subject === 'command') return;
  const named = 'supervisor' in event ? `supervisor ${event.supervisor}` : `pool ${event.pool}`;
  const who = 'shellId' in event ? event.shellId : named;
  const why = 'reason' in event ? `: ${event.reason}` : '';
  say(paint('2', `· ${who} ${what}${why}${'pid' in event ? ` (pid ${event.pid})` : ''}`));
}

function table(head: string[], cells: (string | number)[][]): void {
  const rows = cells.map((row) => row.map(String));
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const isNumeric = head.map((_, column) => rows.some((row) => /^[\d.]+$/.test(row[column] ?? '')));
  const line = (row: string[]): string =>
    row
      .map((cell, column) =>
        isNumeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  print(paint('1', line(head)));
  print(line(widths.map((width) => '-'.repeat(width))));
  for (const row of rows) print(line(row));
}

function section(title: string): void {
  print(`\n${paint('1', title)}`);
}

function say(text: string): void {
  print(`${seconds(performance.now() - startedAt).padStart(6)}  ${text}`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}

function clip(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/** Colour, on a terminal that wants it. */
function paint(code: string, text: string): string {
  return process.stdout.isTTY && !process.env['NO_COLOR'] ? `\u001B[${code}m${text}\u001B[0m` : text;
}
