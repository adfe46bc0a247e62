import { defineDialect, sh, type Dialect, type Driver } from 'shellwright';

/** A session of the sqlite3 command line, 3.33 and later. Commands are SQL, and its own that begin with a dot. */
export function sqlite(database = ':memory:'): Dialect {
  return defineDialect({
    name: 'sqlite',
    path: 'sqlite3',
    args: ['-batch', database],
    capabilities: { localFiles: true }, // no signals: SIGINT ends a sqlite3 that reads from a pipe
    driver,
    quote: quoteText,
    insideQuotes: (text) => (text.replaceAll(/--.*|"[^"]*"/g, '').split("'").length - 1) % 2 === 1,
    separator: ', ',
    phrases: {
      nothing: '',
      changeFolder: ['.cd ', ''],
      setVariable: (name) => [`.parameter set @${name} `, ''],
      unsetVariable: (name) => `.parameter unset @${name}`,
      and: '\n',
    },
  });
}

function driver(secret: string, fences: 'both' | 'stdout'): Driver {
  const fence = (tag: string, payload: string): string => String.raw`\001${secret}${tag} ${payload}`;
  return {
    boot: '',
    // What is unfinished must not swallow the lines behind it: so a text is a file of its own, or the output of a program.
    frame: (tag, text, { textFile } = {}) => {
      const source = textFile ?? `|printf %s ${sh().quote(text)}`;
      const read =
        text === '' ? '' : `.read "${source.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`)}"\n`;
      // `.output` undoes what the text may have done with it.
      const end = `.output\n.print "${fence(tag, '0')}"\n`;
      return read + end + (fences === 'both' ? `.shell printf '${fence(tag, String.raw`\n`)}' >&2\n` : '');
    },
    longText: 0,
    marker: (tag) => Buffer.from(`\x01${secret}${tag} `),
    report: (payload) => (payload === '0' ? { exitCode: 0 } : undefined),
    failsByStderr: true,
    afterInterrupt: (tag) => tag,
  };
}

/** It reads lines, and takes the carriage return at the end of one for a part of that. */
function quoteText(value: string): string {
  const quoted = `'${value.replaceAll("'", "''")}'`;
  return value.includes('\r') ? `(${quoted.replaceAll('\r', "'||char(13)||'")})` : quoted;
}
