import { Leave } from './leave.mjs';
import { expandPercents } from './text.mjs';
import { parse } from './parse.mjs';

/** What cmd does itself: with what follows the name. Whether it succeeded; ERRORLEVEL they change only where cmd does. */
export const builtins = {
  echo(shell, rest) {
    const word = rest.trim().toLowerCase();
    if (word === 'on' || word === 'off') shell.echo = word === 'on';
    else if (word === '') shell.write(1, `ECHO is ${shell.echo ? 'on' : 'off'}.\r\n`);
    else shell.write(1, `${rest.slice(1)}\r\n`);
    return true;
  },
  rem: () => true,
  ver: (shell) => succeed(shell, '\r\nA stand-in for Microsoft Windows\r\n'),
  set(shell, rest) {
    const text = rest.trimStart();
    if (/^\/a/i.test(text)) return shell.refuse('set /a');
    if (/^\/p/i.test(text)) return ask(shell, text.slice(2).trimStart());
    const [name, value] = assignment(text);
    if (value === undefined) return show(shell, name.trim());
    const isMissing = value === '' && !shell.has(name);
    shell.set(name, value);
    if (isMissing) shell.level = 1;
    // In a .cmd; in a .bat and at the prompt it leaves what was there.
    else if (shell.context?.type === 'cmd') shell.level = 0;
    return !isMissing;
  },
  cd: changeFolder,
  chdir: changeFolder,
  setlocal(shell) {
    if (shell.context) shell.context.locals.push(shell.keepVariables());
    shell.level = 0;
    return true;
  },
  endlocal(shell) {
    shell.context?.locals.pop()?.();
    return true;
  },
  goto(shell, rest) {
    if (!shell.context) return true;
    const label = rest.trim().split(/[\s+,;=]/, 1)[0];
    if (/^:eof$/i.test(label) || !shell.goTo(label)) throw new Leave();
    return true;
  },
  call(shell, rest) {
    const text = rest.trim();
    const label = /^(:[^\s]+)(.*)$/.exec(text);
    if (label) {
      if (!shell.context) return shell.fail('Invalid attempt to call batch label outside of batch script.');
      shell.batch({ path: shell.context.path, rest: label[2], label: label[1] });
      return shell.level === 0;
    }
    return again(shell, text);
  },
  exit(shell, rest) {
    const [, isBatch, code] = /^\s*(\/b)?\s*(-?\d+)?/i.exec(rest);
    if (code !== undefined) shell.level = Number(code) | 0;
    if (isBatch && shell.context) throw new Leave();
    return process.exit(shell.level & 0xff);
  },
  for: (shell) => shell.refuse('for'),
};

function succeed(shell, text) {
  shell.write(1, text);
  shell.level = 0;
  return true;
}

/** `set "name=value"` or `set name=value`; without a `=`, the name only. */
function assignment(text) {
  const inner = text.startsWith('"')
    ? text.slice(1, text.lastIndexOf('"') > 0 ? text.lastIndexOf('"') : undefined)
    : text;
  const at = inner.indexOf('=', 1);
  return at === -1 ? [inner] : [inner.slice(0, at), inner.slice(at + 1)];
}

function show(shell, prefix) {
  const found = shell.variables.filter(({ name }) => name.toUpperCase().startsWith(prefix.toUpperCase()));
  if (found.length === 0) return shell.fail(`Environment variable ${prefix} not defined`);
  for (const { name, value } of found) shell.write(1, `${name}=${value}\r\n`);
  if (shell.context?.type === 'cmd') shell.level = 0;
  return true;
}

/** `set /p name=words`: the words without a newline, then a line of stdin. */
function ask(shell, text) {
  const inner = text.startsWith('"') ? text.slice(1, text.lastIndexOf('"')) : text;
  const at = inner.indexOf('=');
  shell.write(1, inner.slice(at + 1).trimStart());
  const line = shell.readLine(0);
  if (line === undefined) {
    shell.level = 1;
    return false;
  }
  shell.set(inner.slice(0, at), Buffer.from(line).toString().replace(/\r$/, ''));
  return true;
}

function changeFolder(shell, rest) {
  const folder = rest
    .trim()
    .replace(/^\/d\s*/i, '')
    .replaceAll('"', '');
  if (folder === '') return succeed(shell, `${process.cwd()}\r\n`);
  try {
    process.chdir(folder);
  } catch {
    return shell.fail('The system cannot find the path specified.');
  }
  shell.level = 0;
  return true;
}

/** `call` reads its command a second time: percent signs again, carets doubled. */
function again(shell, text) {
  const name = /^((?:"[^"]*"?|[^ \t,;="])+)/.exec(text)?.[1] ?? '';
  if (/\.(?:cmd|bat)"?$/i.test(name)) return shell.start(name.replaceAll('"', ''), text.slice(name.length), true);
  const line = expandPercents(text.replaceAll('^', '^^'), {
    batch: shell.context !== undefined,
    variable: (name) => shell.variable(name),
    argument: (name) => (name === '*' ? shell.context.rest : (shell.context.args[Number(name)] ?? '')),
  });
  const lines = [line];
  const command = parse(() => lines.shift());
  if (command) shell.run(command);
  return shell.level === 0;
}
