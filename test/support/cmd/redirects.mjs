import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

const flags = { '<': 'r', '>': 'w', '>>': 'a' };

/** Where 0, 1 and 2 lead by these redirections; undefined where there is no such file. */
export function open(redirects, before) {
  const fds = [...before];
  const opened = [];
  const close = () => opened.forEach((fd) => closeSync(fd));
  try {
    for (const { fd, sign, path, copied } of redirects) {
      if (copied === undefined) opened.push((fds[fd] = openSync(/^nul$/i.test(path) ? devNull : path, flags[sign])));
      else fds[fd] = fds[copied];
    }
    return { fds, close };
  } catch (error) {
    close();
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  }
}
