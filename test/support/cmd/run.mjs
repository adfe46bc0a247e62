import { spawnSync } from 'node:child_process';
import { readSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { builtins } from './builtins.mjs';
import { holds } from './condition.mjs';
import { findProgram, labelIn, linesOf } from './files.mjs';
import { Leave } from './leave.mjs';
import { parse, SyntaxError_, Unfinished } from './parse.mjs';
import { open } from './redirects.mjs';
import { argumentsOf, asRead, delimiters, expandPercents } from './text.mjs';

export class Shell {
  level = 0;
  echo;
  codePage = 437;
  /** Batch files and subroutines that run, the innermost last. */
  contexts = [];
  /** Where 0, 1 and 2 lead. */
  fds = [0, 1, 2];
  #variables = new Map(Object.entries(process.env).map(([name, value]) => [name.toUpperCase(), { name, value }]));
  #keepsEcho;

  constructor({ echo, banner, keepsEcho }) {
    this.echo = echo;
    this.#keepsEcho = keepsEcho;
    if (banner) this.write(1, 'A stand-in for Microsoft Windows\r\n');
  }

  /** Lines from stdin, until that ends. */
  main() {
    const nextLine = () => {
      if (this.echo) this.write(1, `\r\n${process.cwd()}>`);
      const line = this.readLine(0);
      return line === undefined ? undefined : this.#prepared(asRead(line), false);
    };
    for (;;) {
      try {
        const command = parse(nextLine);
        if (command === undefined) process.exit(this.level);
        if (command) this.run(command);
      } catch (error) {
        this.#end(error);
      }
    }
  }

  get context() {
    return this.contexts.at(-1);
  }

  variable(name) {
    return this.#variables.get(name.toUpperCase())?.value ?? this.#ofItself(name.toLowerCase());
  }

  get variables() {
    return [...this.#variables.values()];
  }

  set(name, value) {
    if (value === '') this.#variables.delete(name.toUpperCase());
    else this.#variables.set(name.toUpperCase(), { name, value });
  }

  has(name) {
    return this.#variables.has(name.toUpperCase());
  }

  /** For `setlocal`: puts them back. */
  keepVariables() {
    const kept = new Map(this.#variables);
    return () => {
      this.#variables = kept;
    };
  }

  write(fd, text) {
    const bytes = Buffer.from(text, this.codePage === 65001 ? 'utf8' : 'latin1');
    for (let done = 0; done < bytes.length;) done += writeSync(this.fds[fd], bytes, done);
  }

  /** Its bytes without the line feed. */
  readLine(fd) {
    const bytes = [];
    const byte = Buffer.alloc(1);
    while (readSync(this.fds[fd], byte, 0, 1, null) === 1) {
      if (byte[0] === 10) return bytes;
      bytes.push(byte[0]);
    }
    return bytes.length > 0 ? bytes : undefined;
  }

  fail(message, level = 1) {
    this.write(2, `${message}\r\n`);
    this.level = level;
    return false;
  }

  /** Whether it succeeded, for && and ||. */
  run(command) {
    switch (command.kind) {
      case 'all':
        return command.parts.map((part) => this.run(part)).at(-1);
      case '&&':
        return this.run(command.left) && this.run(command.right);
      case '||':
        return this.run(command.left) || this.run(command.right);
      case 'group':
        return this.#redirected(command.redirects, () => command.parts.map((part) => this.run(part)).at(-1));
      case 'if':
        if (holds(command, this) !== command.not) return this.run(command.body);
        return command.otherwise ? this.run(command.otherwise) : true;
      case 'simple':
        return this.#redirected(command.redirects, () => this.simple(command.text));
      default:
        return this.refuse(command.what);
    }
  }

  /** A test that needs it is wrong here. */
  refuse(what) {
    writeSync(2, `the stand-in for cmd.exe does not know: ${what}\n`);
    process.exit(250);
  }

  simple(text) {
    const line = text.replace(new RegExp(`^[${delimiters}]+`), '');
    if (line === '') return true;
    const [, word] = /^((?:"[^"]*"?|[^ \t,;="(/.:\\+[\]])+|.)/.exec(line);
    const builtin = builtins[word.toLowerCase()];
    if (builtin) return builtin(this, line.slice(word.length));
    const [, name] = /^((?:"[^"]*"?|[^ \t,;="])+)/.exec(line) ?? [line, line];
    return this.start(name.replaceAll('"', ''), line.slice(name.length));
  }

  /** A program or a batch file. */
  start(name, rest, called = false) {
    if (basename(name.replaceAll('\\', '/')).toLowerCase() === 'chcp.com') return this.#changeCodePage(rest);
    const path = findProgram(name, this.variable('PATH'));
    if (path === undefined)
      return this.fail(
        `'${name}' is not recognized as an internal or external command,\r\noperable program or batch file.`,
        9009,
      );
    if (/\.(?:cmd|bat)$/i.test(path)) {
      this.batch({ path, rest });
      // Without `call` it does not come back to another one.
      if (!called && this.context) throw new Leave();
      return this.level === 0;
    }
    const env = Object.fromEntries(this.variables.map(({ name, value }) => [name, value]));
    const { status } = spawnSync(path, argumentsOf(rest), { stdio: this.fds, env });
    this.level = status ?? 1;
    return this.level === 0;
  }

  /** Runs a file, from a label on. */
  batch({ path, rest, label }) {
    const lines = this.context?.path === path ? this.context.lines : linesOf(path, this.codePage);
    const args = [path, ...(rest.match(/(?:"[^"]*"?|[^ \t,;="])+/g) ?? [])];
    const context = {
      path,
      lines,
      at: 0,
      args,
      rest: rest.trim(),
      type: path.slice(-3).toLowerCase(),
      locals: [],
      echo: this.echo,
    };
    this.contexts.push(context);
    try {
      if (label !== undefined && !this.goTo(label)) return;
      this.#runLines(context);
    } finally {
      this.contexts.length = this.contexts.indexOf(context);
      context.locals[0]?.();
      if (!this.#keepsEcho) this.echo = context.echo;
    }
  }

  /** False: there is no such label. */
  goTo(label) {
    const wanted = label.replace(/^:/, '').toLowerCase();
    const found = labelIn(this.context, wanted);
    if (found === undefined) return this.fail(`The system cannot find the batch label specified - ${wanted}`);
    this.context.at = found + 1;
    return true;
  }

  #runLines(context) {
    const nextLine = () => {
      const line = context.lines[context.at++];
      return line === undefined ? undefined : this.#prepared(line, true);
    };
    try {
      for (;;) {
        const command = parse(nextLine);
        if (command === undefined) return;
        if (command && this.echo && !command.quiet)
          this.write(1, `\r\n${process.cwd()}>${command.text ?? '( … )'}\r\n`);
        if (command) this.run(command);
      }
    } catch (error) {
      if (!(error instanceof Leave) && !(error instanceof Unfinished)) throw error;
    }
  }

  /** As it is read: percent signs first, then no carriage return is left. */
  #prepared(line, batch) {
    const expanded = expandPercents(line, {
      batch,
      variable: (name) => this.variable(name),
      argument: (name) => (name === '*' ? this.context.rest : (this.context.args[Number(name)] ?? '')),
    });
    return expanded.replaceAll('\r', '');
  }

  #ofItself(name) {
    if (name === 'errorlevel') return String(this.level);
    return name === 'cd' ? process.cwd() : undefined;
  }

  #redirected(redirects, run) {
    if (redirects.length === 0) return run();
    const before = this.fds;
    const opened = open(redirects, before);
    if (!opened) return this.fail('The system cannot find the file specified.');
    this.fds = opened.fds;
    try {
      return run();
    } finally {
      this.fds = before;
      opened.close();
    }
  }

  #changeCodePage(rest) {
    this.codePage = Number(rest);
    this.write(1, `Active code page: ${this.codePage}\r\n`);
    this.level = 0;
    return true;
  }

  /** Back to the prompt, from however deep. */
  #end(error) {
    this.contexts = [];
    if (error instanceof SyntaxError_) this.fail(error.message, 255);
    else if (error instanceof Unfinished) process.exit(this.level);
    else if (!(error instanceof Leave)) throw error;
  }
}
