/** What `--help` prints. */
export const help = `Usage: shellwright exec [options] 'command' ...
       shellwright run [options] FILE
       shellwright inspect [options] [FILE]

Runs shell commands, several at a time, in shells that are kept alive: no shell
is started for each command.

  exec 'command' ...   Each argument is one command; quote it.
  run FILE             Each line of FILE is one command. Blank lines, and lines
                       that begin with #, are skipped. With - for FILE the
                       commands come from standard input and start as their
                       lines arrive.
  inspect [FILE]       As run, from standard input without FILE, and shows the
                       shells live on a page of this machine until Ctrl-C.

Options:
  --shell NAME         bash, sh, zsh, ksh, fish, python, node, powershell,
                       cmd, or the path of one.
                                        (default: bash, on Windows powershell)
  --min N              Shells to keep at least.                     (default: 0)
  --max N              Shells, and so commands, at the same time.
                                             (default: the number of processors)
  --timeout TIME       Stop a command after TIME: 500 (milliseconds), 5s, 2m.
                                                               (default: never)
  --keep-going         Run all commands. Otherwise none is started after the
                       first that failed.
  --json               One JSON object a line for each command, when it ends.
  --inspect            Show the shells live while commands run: the page's URL
                       goes to stderr.
  --port N             Of that page.                         (default: any free)
  --open               Open that page in the browser.
  --show-commands      Show what is run on that page, too.
  -h, --help           Print this.
  -V, --version        Print the version.

Output: what commands write to stdout and stderr goes to stdout and stderr, one
command after the other in the order in which they were given. Messages about
failures, and the summary, go to stderr. With --json, stdout has the results
only: index (from 0, in the order given), command, exitCode, stdout, stderr,
failed, durationMs and more, with error where there is no exit code.

A command reads nothing from standard input. It may meet variables or a folder
that an earlier command left in its shell: write 'cd app && make', as one
command, where they matter. Background jobs end with their shell.

Exit status: 0 all succeeded, 1 a command failed, 2 wrong usage, 130 after
Ctrl-C. The first Ctrl-C starts nothing more and lets what runs finish, a second
kills it.

Examples:
  shellwright exec 'git fetch origin' 'npm run lint' 'npm test'
  shellwright exec --max 8 --timeout 30s --keep-going 'ping -c1 a' 'ping -c1 b'
  shellwright run jobs.txt
  printf 'gzip -k %s\\n' *.log | shellwright run --max 4 -
  shellwright run --json jobs.txt | jq -r 'select(.failed) | .command'
`;
