// A stand-in for launchers: starts the program of its arguments, and passes on no more than its stdio. Its first argument says in which manner:
// pieces  as ssh: elsewhere (a session of its own), stdout and stderr apart, stderr later and in pieces
// frames  as `docker exec -i`: elsewhere, both over one connection; what it started outlives it until its stdin ends
// parent  as sudo: it waits for a child that has its own stdio, group and end, but not its environment
// slow    as a line that takes some 600 KB a second of stderr
import { spawn } from 'node:child_process';

const [manner, program, ...args] = process.argv.slice(2);
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

if (manner === 'parent') {
  const { PATH, TERM } = process.env;
  const child = spawn(program, args, { stdio: 'inherit', env: { PATH, TERM, HOME: '/', RELAY_USER: 'other' } });
  child.on('exit', (code, signal) => (signal ? process.kill(process.pid, signal) : process.exit(code)));
} else {
  const child = spawn(program, args, { stdio: 'pipe', detached: true });
  process.stdin.pipe(child.stdin);
  // What a launcher is told when its shell is gone.
  child.stdin.on('error', () => {});
  const sent = { pieces: sendPieces, frames: sendFrames, slow: sendSlowly }[manner](child);
  if (manner !== 'frames') process.on('exit', () => child.kill('SIGKILL'));
  child.on('close', async (code, signal) => {
    await Promise.all(sent);
    process.exit(signal ? 255 : code);
  });
}

function sendPieces({ stdout, stderr }) {
  const sent = [];
  stdout.pipe(process.stdout);
  stderr.on('data', (chunk) => sent.push(wait(5).then(() => write(process.stderr, chunk))));
  return sent;
}

function sendFrames({ stdout, stderr }) {
  let connection = Promise.resolve();
  const sent = [];
  const send = (to) => (chunk) => sent.push((connection = connection.then(() => write(to, chunk))));
  stdout.on('data', send(process.stdout));
  stderr.on('data', send(process.stderr));
  return sent;
}

function sendSlowly({ stdout, stderr }) {
  stdout.pipe(process.stdout);
  let line = Promise.resolve();
  const sent = [];
  stderr.on('data', (chunk) => {
    line = line.then(() => wait(chunk.length / 600)).then(() => write(process.stderr, chunk));
    sent.push(line);
  });
  return sent;
}

function write(to, chunk) {
  return new Promise((resolve) => to.write(chunk, resolve));
}
