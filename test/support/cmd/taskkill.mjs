// A stand-in for `taskkill /T /F /PID n`: ends the process and all that descends from it. Status 128 where there is none.
import { execFileSync } from 'node:child_process';

const [tree, force, , pid] = process.argv.slice(2);
if (tree !== '/T' || force !== '/F') process.exit(1);

const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
const parents = new Map(rows.map((row) => row.trim().split(/\s+/).map(Number)));
const doomed = parents.has(Number(pid)) ? [Number(pid)] : process.exit(128);
for (const one of doomed) doomed.push(...[...parents.keys()].filter((child) => parents.get(child) === one));
for (const one of doomed)
  try {
    process.kill(one, 'SIGKILL');
  } catch {
    // gone by itself
  }
