/**
 * Two pools of which one depends on the other, as in Erlang/OTP: `vault` holds what has to be unlocked once, `jobs` work with it. When the vault
 * is lost, `rest_for_one` starts the jobs again as well, and requests wait meanwhile.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, map } from 'rxjs';
import { createSupervisor, type ShellAccess } from 'shellwright';

const folder = await mkdtemp(join(tmpdir(), 'two-pools-'));
const ticket = join(folder, 'ticket');
let failures = 0;
let unlocks = 0;

const tree = createSupervisor({
  name: 'office',
  strategy: 'rest_for_one',
  intensity: 3,
  period: 60_000,
  logger: false,
  children: [
    { id: 'vault', pool: { min: 1, max: 1, init: [unlock], restart: { attempts: 1 } } },
    { id: 'jobs', pool: { min: 2, max: 2, init: [(shell) => shell.$`ticket=$(cat ${ticket})`] } },
  ],
});
tree.events$
  .pipe(
    filter(({ type }) => /^(supervisor|pool)\./.test(type)),
    map((event) => `${event.path ?? ''} ${event.type}${reasonIn(event)}`),
  )
  .subscribe((line) => process.stdout.write(`${line}\n`));
await tree.ready();
process.stdout.write(`${tree.tree().toString()}\n`);

const jobs = tree.pool('jobs'); // one object, through all restarts
assert.equal(await jobs.exec('echo $ticket').text(), 'ticket 1');

// The vault's shell ends, and cannot be unlocked at the first try: the pool fails, and its supervisor starts it and the jobs again.
failures = 1;
await tree.pool('vault').exec('exit 1');
await tree.pool('vault').exec('true'); // waits until there is a vault again
assert.equal(await jobs.exec('echo $ticket').text(), 'ticket 3');
assert.deepEqual(
  tree.children().map(({ id, restarts }) => [id, restarts]),
  [
    ['vault', 1],
    ['jobs', 1],
  ],
);
process.stdout.write(`${tree.tree().toString()}\n`);
await tree.close();
await rm(folder, { recursive: true });

function reasonIn(event: object): string {
  return 'reason' in event ? `: ${String(event.reason)}` : '';
}

/** Stands for a sign-in that takes seconds and can fail. */
async function unlock(shell: ShellAccess): Promise<void> {
  unlocks += 1;
  if (failures-- > 0) throw new Error('the vault does not answer');
  await shell.$`echo ${`ticket ${unlocks}`} >${ticket}`;
}
