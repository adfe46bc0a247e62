// A program: two commands, one after the other, read a line each of its stdin, which is open all the time.
import { createPool } from 'shellwright';

const pool = createPool({ max: 1, logger: false });
for (let round = 0; round < 2; round++)
  process.stdout.write((await pool.exec('read -r x; echo "$x"', { input: process.stdin })).stdout);
console.log(`destroyed: ${process.stdin.destroyed}`);
await pool.close();
process.stdin.unref();
