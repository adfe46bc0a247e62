// A program for the tests of cmd(): its first argument says what it does.
const [what, ...rest] = process.argv.slice(2);

const doings = {
  /** Prints its arguments. */
  args: () => process.stdout.write(JSON.stringify(rest)),
  /** Prints what there is on stdin. */
  stdin: () => process.stdin.pipe(process.stdout),
  both: () => process.stdout.write('out', () => process.stderr.write('err')),
  exit: () => process.exit(Number(rest[0])),
  large: () => process.stdout.write('x'.repeat(Number(rest[0]))),
  /** Prints its process id, and goes on. */
  forever: () => {
    process.stdout.write(String(process.pid));
    setInterval(() => {}, 1_000);
  },
};
doings[what]();
