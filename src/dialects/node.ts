import type { Dialect, Driver, Fences } from './dialect.ts';
import { insideJavascriptQuotes, javascriptString, withImporter } from './interpreters/javascript-text.ts';
import { nodeDriver } from './interpreters/node-driver.ts';
import { checkInterpreter, type InterpreterOptions } from './interpreters/options.ts';
import { late, recordOf } from './interpreters/records.ts';
import { displaced, noCwd, noFile } from './posix/extras.ts';
import { markerOf, parseReport } from './posix/fence.ts';

/**
 * Node 20 and later.
 *
 * Its commands are JavaScript, as in Node's own console: what they declare lasts, `await` works at their top, and the value of a last expression that
 * is not undefined is the result's `value`, as `util.inspect` shows it. What is thrown goes to stderr, with status 1. `process.exit(3)` ends the
 * interpreter, with that status.
 * @throws {ShellwrightError} ERR_OPTIONS
 */
export function node(options?: InterpreterOptions): Dialect {
  return {
    name: 'node',
    ...checkInterpreter(options, 'node', 'node', ['-e', loader], /^node(js)?[\d.]*(\.exe)?$/),
    // What is for the process that starts it.
    env: {
      NODE_OPTIONS: undefined,
      NODE_V8_COVERAGE: undefined,
      NODE_CHANNEL_FD: undefined,
      NODE_UNIQUE_ID: undefined,
    },
    driver,
    extras: true,
    quote: javascriptString,
    insideQuotes: insideJavascriptQuotes,
    separator: ', ',
    phrases: {
      nothing: '',
      changeFolder: ['process.chdir(', ')'],
      setVariable: (name) => [`process.env["${name}"] = `, ''],
      unsetVariable: (name) => `delete process.env["${name}"]`,
      and: '; ',
    },
  };
}

/** Of a fixed length, which the loader knows. */
function bootOf(secret: string, fences: Fences): string {
  return `(function (require) { const secret = '${secret}', both = ${fences === 'both' ? 'true ' : 'false'}, CODES = ${JSON.stringify({ noCwd, noFile, displaced })};${nodeDriver}})`;
}

const length = bootOf('s'.repeat(25), 'both').length;
const loader =
  `{ const b = Buffer.alloc(${length}); let n = 0, r; while (n < b.length && (r = require('fs').readSync(0, b, n, b.length - n))) n += r;\n` +
  `r ? require('vm').runInThisContext(b.toString(), 'shellwright')(require) : process.exit(); }`;

function driver(secret: string, fences: Fences): Driver {
  return {
    boot: bootOf(secret, fences),
    frame: (tag, text, extras) =>
      recordOf(tag, withImporter(text, '__sw_import'), extras === undefined ? '' : JSON.stringify(extras)),
    marker: (tag) => markerOf(secret, tag),
    report: (payload, value) => {
      const report = parseReport(payload);
      return report && { ...report, value };
    },
    afterInterrupt: (tag) => tag + late,
  };
}
