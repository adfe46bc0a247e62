#!/usr/bin/env node
import { cli } from './cli.ts';

for (const stream of [process.stdout, process.stderr]) {
  // A pipe that blocks us when it is full slows the commands down, where Node would keep their output in memory.
  (stream as { _handle?: { setBlocking?(on: boolean): void } })._handle?.setBlocking?.(true);
}

process.exitCode = await cli({
  argv: process.argv.slice(2),
  stdin: () => process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
});
