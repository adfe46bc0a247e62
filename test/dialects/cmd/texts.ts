/** No command, or half of one. */
export const unfinished: readonly string[] = [
  parts(
    '( | if 1==1 ( | if 1==1 (\necho no | (echo a | (( | echo a^ | ^ | rem ^ | "a" " | echo "a | " | set "a | % | %%% | %a',
  ),
  parts(') | ) echo no | (echo a)) | () | ( ) | > | < | & | echo a > | echo a && | if | if 1==1 | if a b c'),
  parts('if 1==1 (echo a) else | goto nowhere | call :nowhere | :label | @ |  | \n\n'),
  ['| more', 'echo a |'],
].flat();

/** Those of which cmd says so. */
export const wrong: readonly string[] = [parts('& | if 1==1 | if a b c | echo a && | () | (\n&\n)'), '| more'].flat();

/** Arguments over which something on the way to a program could stumble. */
export const values: readonly string[] = [
  ['', ' ', 'a b', '"', '""', '"""', 'a"b', 'a" b', '"a b"', '\\', '\\\\', 'a\\', 'a b\\', '\\"', 'a\\"b\\', 'a\\\\"'],
  words(
    '% %% %PATH% %cd% "%cd%" 100% %1 %* %~0 %errorlevel% %%a ^%cd^% !PATH! ! ^! ^ ^^ ^" & && | < > >nul 2>&1 ( ) ()',
  ),
  words(String.raw`"&" "a&b" &"& "^&" a^b"c^d /? -n a,b a;b a=b "a,b;c=d" * ? ~ $HOME it's # @ :label \"&\" a\"%cd%\\`),
  ['" & exit 9 & "', '\\ "', '"\t"', '\t', '\v\f', '\x01\x1b[31m', '\x7f', '`x`', '\u00a0'],
  ['日本語', 'ünï "é"', '😀', '"😀%', 'x'.repeat(3_000), '"'.repeat(300), '\\'.repeat(301)],
].flat();

function parts(text: string): string[] {
  return text.split(' | ');
}

function words(text: string): string[] {
  return text.split(' ');
}
