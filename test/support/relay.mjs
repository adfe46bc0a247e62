// A stand-in for a launcher such as ssh: it starts the program of its arguments elsewhere, and passes on stdin, stdout and stderr, late and in pieces.
import { spawn } from 'node:child_process';

const [program, ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: 'pipe', detached: true });
process.stdin.pipe(child.stdin);
child.stdout.pipe(process.stdout);
child.stderr.on('data', (chunk) => setTimeout(() => process.stderr.write(chunk), 5));
child.on('close', (code) => setTimeout(() => process.exit(code ?? 1), 10));
process.on('exit', () => child.kill('SIGKILL'));
