/**
 * What runs inside Node 20 and later, as the body of a function of `require`, `secret` and `both`.
 *
 * Texts are evaluated by way of the inspector, in the mode of a console: `await` works at their top, `const` may be declared again, and all of it
 * lasts. Records are as those of python(). An interrupt finds a thread of its own, since this one may be computing: that has V8 end what runs.
 */
export const nodeDriver = String.raw`
'use strict';
const fs = require('node:fs');
const vm = require('node:vm');
const { inspect } = require('node:util');
const { Session } = require('node:inspector');
const { Worker } = require('node:worker_threads');
const { Socket } = require('node:net');
const { Readable, Writable } = require('node:stream');
const { closeSync, fstatSync, openSync, readFileSync, writeSync } = fs;
const { O_RDONLY, O_WRONLY } = fs.constants;
const { setImmediate } = globalThis;
const idle = new Int32Array(new SharedArrayBuffer(4));

// --- descriptors: the driver's own, which children do not get, and 0, 1 and 2, which are the program's ---

function reopened(fd, flags) {
  for (const path of ['/proc/self/fd/' + fd, '/dev/fd/' + fd]) {
    try {
      return openSync(path, flags);
    } catch {}
  }
  // A socket, or Windows: it is used as it is.
  return fd;
}

function identity(fd) {
  try {
    const { dev, ino, rdev } = fstatSync(fd);
    return dev + ':' + ino + ':' + rdev;
  } catch {
    return '';
  }
}

const channel = reopened(0, O_RDONLY);
const out = reopened(1, O_WRONLY);
const err = reopened(2, O_WRONLY);
const ownsStdio = channel !== 0 && out !== 1 && err !== 2;
const ends = [channel, out, err].map((fd) => [fd, identity(fd)]);

/** Whatever is free below is taken by what is opened: so the numbers come one after the other. */
function lead(fd, path, flags) {
  try {
    closeSync(fd);
  } catch {}
  return openSync(path, flags) === fd;
}

function restore() {
  if (!ownsStdio) return;
  lead(0, '/dev/null', O_RDONLY);
  if (identity(1) !== ends[1][1]) lead(1, '/proc/self/fd/' + out, O_WRONLY);
  if (identity(2) !== ends[2][1]) lead(2, '/proc/self/fd/' + err, O_WRONLY);
}

function put(fd, data) {
  for (let rest = typeof data === 'string' ? Buffer.from(data) : data; rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      // A program that shared the pipe has left it so that a write fails where it should wait.
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(idle, 0, 0, 1);
    }
  }
}

// --- the program's own streams: written at once and whole, as to a file; they cannot be closed ---

class Output extends Writable {
  constructor(fd) {
    super();
    this.fd = fd;
    this._type = 'pipe';
    this._isStdio = true;
    this.destroySoon = this.destroy;
  }
  // Not _write: an interrupt in the middle would leave the stream waiting for the end of that.
  write(chunk, encoding, done) {
    const told = typeof encoding === 'function' ? encoding : done;
    if (typeof chunk === 'string') put(this.fd, Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8'));
    else if (ArrayBuffer.isView(chunk)) put(this.fd, new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    else throw Object.assign(new TypeError('Expected a string or bytes to write, got ' + inspect(chunk)), { code: 'ERR_INVALID_ARG_TYPE' });
    if (typeof told === 'function') process.nextTick(told);
    return true;
  }
  end(chunk, encoding, done) {
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function') this.write(chunk, encoding);
    const told = [chunk, encoding, done].find((given) => typeof given === 'function');
    if (told) process.nextTick(told);
    return this;
  }
  _destroy(error, done) {
    done(error);
    this._undestroy();
  }
}

let stdin;
const streams = {
  stdout: new Output(1),
  stderr: new Output(2),
  get stdin() {
    stdin ??= ownsStdio ? fs.createReadStream('', { fd: 0, autoClose: false }) : Readable.from([]);
    return stdin;
  },
};
for (const name of ['stdin', 'stdout', 'stderr'])
  Object.defineProperty(process, name, { configurable: true, enumerable: true, get: () => streams[name] });

// --- interrupts ---

const session = new Session();
session.connect();
/** The number of the command that runs, 0 for none. Whoever ends it sets it to 0 first. */
const running = new Int32Array(new SharedArrayBuffer(4));
let interrupted = 0;
/** An interrupt came between two commands: it was meant for the next one, unless the tag of that says that it was sent to an earlier one. */
let isPending = false;

process.on('SIGINT', () => {
  if (running[0] === 0) isPending = true;
  else finish(running[0], 130);
});

/** Called by the thread, on this one, in the middle of what runs here. */
Object.defineProperty(process, Symbol.for('shellwright.interrupt'), {
  value: (id) => {
    if (id === 0 || running[0] !== id) return;
    interrupted = id;
    setImmediate(() => finish(id, 130));
    session.post('Runtime.terminateExecution');
  },
});

const watch = new Worker(
  "process.noDeprecation = true;" +
    "const { Session } = require('node:inspector'), { parentPort, workerData } = require('node:worker_threads');" +
    "const { Signal } = process.binding('signal_wrap');" +
    "const signal = new Signal();" +
    "signal.onsignal = () => { const id = Atomics.load(workerData, 0); if (id === 0) return; const session = new Session(); session.connectToMainThread();" +
    "session.post('Runtime.evaluate', { expression: 'process[Symbol.for(\"shellwright.interrupt\")](' + id + ')' }, () => session.disconnect()); };" +
    "signal.start(2);" +
    "parentPort.on('message', (message) => setImmediate(() => parentPort.postMessage(message)));" +
    "parentPort.postMessage('ready')",
  { eval: true, workerData: running, stdout: true, stderr: true, execArgv: [], env: {} },
);
let settled = () => {};
/** Resolves when the thread has seen every signal that was sent before this call; also where there is no such thread. */
let settle = () => new Promise((resolve) => { settled = resolve; });
let isReady = settle();
const settleByThread = () => new Promise((resolve) => { settled = resolve; watch.postMessage('seen'); });
watch.on('message', (message) => {
  if (message === 'ready') settle = settleByThread;
  settled();
});
const goOnWithout = () => {
  settle = () => Promise.resolve();
  settled();
};
watch.on('error', goOnWithout);
watch.on('exit', goOnWithout);
watch.unref();

// --- a command ---

const importer = (() => {
  const { emitWarning } = process;
  // It is experimental in Node 20.
  process.emitWarning = () => {};
  try {
    return new vm.Script('(specifier, options) => import(specifier, options)', {
      filename: process.cwd() + '/[command]',
      importModuleDynamically: vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    }).runInThisContext();
  } finally {
    setImmediate(() => { process.emitWarning = emitWarning; });
  }
})();
Object.defineProperty(globalThis, '__sw_import', { value: importer });
Object.defineProperty(globalThis, 'require', { value: require('node:module').createRequire(process.cwd() + '/'), configurable: true, writable: true });

/** The objects of the inspector's answers come by way of this function. */
let received;
const receiver = (() => {
  const key = Symbol.for('shellwright.receive');
  globalThis[key] = (value) => { received = value; };
  let id;
  session.post('Runtime.evaluate', { expression: 'globalThis[Symbol.for("shellwright.receive")]' }, (_, { result }) => { id = result.objectId; });
  delete globalThis[key];
  return id;
})();

function valueOf({ objectId, unserializableValue, value }) {
  if (objectId !== undefined) {
    session.post('Runtime.callFunctionOn', {
      objectId: receiver,
      functionDeclaration: '(receive, value) => receive(value)',
      arguments: [{ objectId: receiver }, { objectId }],
      silent: true,
    });
    const found = received;
    received = undefined;
    return found;
  }
  if (unserializableValue === undefined) return value;
  return unserializableValue.endsWith('n') ? BigInt(unserializableValue.slice(0, -1)) : Number(unserializableValue);
}

let count = 0;

function evaluate(id, text) {
  session.post(
    'Runtime.evaluate',
    {
      expression: (isObject(text) ? '(' + text + '\n)' : text) + '\n//# sourceURL=command-' + id,
      replMode: true,
      awaitPromise: true,
      silent: true,
      objectGroup: 'command',
    },
    (error, answer) => {
      if (running[0] !== id) return;
      if (error) return interrupted === id ? finish(id, 130) : fail(id, error);
      const { result, exceptionDetails } = answer;
      if (exceptionDetails) return fail(id, valueOf(exceptionDetails.exception ?? result), place(id, text, exceptionDetails));
      let shown;
      try {
        const value = valueOf(result);
        if (value !== undefined) shown = inspect(value);
      } catch (thrown) {
        return fail(id, thrown);
      }
      finish(id, 0, shown);
    },
  );
}

/** As in a console, what begins with a brace is an object where it can be. */
function isObject(text) {
  if (!/^\s*\{/.test(text) || /;\s*$/.test(text)) return false;
  try {
    return Boolean(new vm.Script('async () => (' + text + '\n)'));
  } catch {
    return false;
  }
}

/** Of a text that is not JavaScript. */
function place(id, text, { scriptId, lineNumber, columnNumber, exception }) {
  if (scriptId === undefined || exception?.className !== 'SyntaxError') return '';
  const line = text.split('\n')[lineNumber] ?? '';
  return 'command-' + id + ':' + (lineNumber + 1) + '\n' + line + '\n' + line.slice(0, columnNumber).replace(/[^\t]/g, ' ') + '^\n';
}

function fail(id, error, where = '') {
  say(where + 'Uncaught ' + shownError(error));
  finish(id, 1);
}

function shownError(error) {
  try {
    // What is below the program's own calls is the driver's.
    return inspect(error).replace(/(?:\n +at .*(?:node:inspector|shellwright|node:internal\/inspector).*)(?:\n +at .*)*/g, '');
  } catch {
    return 'an error that cannot be shown';
  }
}

function say(text) {
  try {
    streams.stderr.write(text + '\n');
  } catch {}
}

process.on('uncaughtException', (error) => {
  say('Uncaught ' + shownError(error));
  if (running[0] !== 0) finish(running[0], 1);
  else if (ending) ending.status ||= 1;
});

// --- what a command has of its own ---

function furnish({ cwd, env, input, merge }) {
  const undo = [];
  const own = { undo, lacked: 0 };
  try {
    if (cwd !== undefined) {
      const before = process.cwd();
      process.chdir(cwd);
      undo.push(() => {
        try {
          process.chdir(before);
        } catch {
          own.displaced = true;
        }
      });
    }
  } catch (error) {
    say('cd: ' + error.message);
    own.lacked = CODES.noCwd;
    return own;
  }
  try {
    if (input !== undefined && !(ownsStdio && lead(0, input, O_RDONLY))) own.lacked = CODES.noFile;
  } catch {
    own.lacked = CODES.noFile;
  }
  if (merge && !ownsStdio) own.lacked = CODES.noFile;
  else if (merge) lead(2, '/proc/self/fd/' + out, O_WRONLY);
  for (const [name, value] of Object.entries(env ?? {})) {
    const before = process.env[name];
    process.env[name] = value;
    undo.push(() => {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    });
  }
  return own;
}

// --- records and fences ---

let present;
let ending;

function start({ tag, text, extras }) {
  const skip = isPending && !tag.endsWith('!');
  isPending = false;
  stdin = undefined;
  restore();
  const own = extras === '' ? undefined : furnish(JSON.parse(extras));
  const id = ++count;
  present = { tag, own };
  running[0] = id;
  if (own?.lacked) finish(id, own.lacked);
  else if (skip) finish(id, 130);
  else evaluate(id, text);
}

function finish(id, status, shown) {
  if (running[0] !== id) return;
  Atomics.store(running, 0, 0);
  ending = { ...present, status, shown };
  // In a moment: a promise that nobody catches is told of first.
  setImmediate(answer);
}

function answer() {
  let { tag, own, status, shown } = ending;
  ending = undefined;
  if (own) {
    own.undo.forEach((step) => step());
    if (own.displaced) status += CODES.displaced;
  }
  session.post('Runtime.releaseObjectGroup', { objectGroup: 'command' });
  if (ends.some(([fd, end]) => identity(fd) !== end)) {
    try {
      put(2, 'the descriptors by which node() answers were taken\n');
    } catch {}
    process.reallyExit(1);
  }
  const marker = '\0' + secret + tag + ' ';
  if (shown !== undefined) {
    const data = Buffer.from(shown);
    for (let at = 0; at === 0 || at < data.length; at += 2700)
      put(out, marker + '=' + data.toString('base64', at, Math.min(at + 2700, data.length)) + '\n');
  }
  put(out, marker + status + ' ' + lastChild() + ' \n');
  if (both) put(err, marker + '\n');
}

function lastChild() {
  try {
    return /(\d*) ?$/.exec(readFileSync('/proc/self/task/' + process.pid + '/children', 'latin1'))[1];
  } catch {
    return '';
  }
}

let waiting = [];
let size = 0;
let head;

function take(data) {
  waiting.push(data);
  size += data.length;
  for (;;) {
    if (head === undefined) {
      if (waiting.length > 1) waiting = [Buffer.concat(waiting)];
      const end = waiting.length === 0 ? -1 : waiting[0].indexOf(10);
      if (end === -1) return;
      const [tag, length, extras] = waiting[0].toString('latin1', 0, end).split(' ');
      head = { tag, length: Number(length), extras: Number(extras) };
      waiting = [waiting[0].subarray(end + 1)];
      size = waiting[0].length;
    }
    const { tag, length, extras } = head;
    if (size < length + extras) return;
    const whole = Buffer.concat(waiting);
    head = undefined;
    waiting = [whole.subarray(length + extras)];
    size = waiting[0].length;
    const record = { tag, text: whole.toString('utf8', 0, length), extras: whole.toString('utf8', length, length + extras) };
    // The first waits for the thread; one after an interrupt, until that has seen it.
    if (isReady || tag.endsWith('!')) void (isReady ?? settle()).then(() => setImmediate(start, record));
    else start(record);
    isReady = undefined;
  }
}

const source = new Socket({ fd: channel, readable: true, writable: false });
source.on('data', take);
source.on('end', () => process.exit());
source.on('error', () => process.exit());
restore();
`;
