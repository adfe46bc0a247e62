/**
 * What the guard runs, in any POSIX shell and with its builtins alone: it reads `+ group` and `- group`, and when nobody can write these any
 * more it kills the groups that are left, then whatever else is in their sessions (`timeout 9 x`, jobs under `set -m`).
 *
 * A group leads a session of the same number, so both numbers stay taken while anything of it lives.
 */
export const guardScript = `
trap '' HUP INT QUIT TERM TSTP TTIN TTOU PIPE
left=' '
while read -r sign group; do
  case $sign in
    +) left="$left$group " ;;
    -) case $left in *" $group "*) left="\${left%% $group *} \${left#* $group }" ;; esac ;;
  esac
done
case $left in *[0-9]*) ;; *) exit ;; esac
for group in $left; do kill -9 "-$group"; done
read -r self rest </proc/self/stat || exit
[ "$self" = $$ ] || exit
for round in 1 2 3 4 5 6 7 8 9 10; do
  found=
  for file in /proc/[0-9]*/stat; do
    line=
    while IFS= read -r part; do line=$part; done <"$file"
    set -- \${line##*) }
    case $1 in '' | Z | X) continue ;; esac
    case $left in *" $4 "*) file=\${file#/proc/} found=1; kill -9 "\${file%/stat}" ;; esac
  done
  [ "$found" ] || exit
done
`;
