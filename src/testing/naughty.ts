/** Strings that quoting, encodings and shells are known to stumble over, after the groups of the Big List of Naughty Strings. */
export const naughty: readonly string[] = [
  blanks(),
  words(
    String.raw`' '' ''' " "" \ \\ \\\ \' '\ '\'' '"'"' "'" \" $' $'a' $"a" a'b'c \n\t\x41\101\u0041\c' \'\n' a\ x'y"z`,
  ),
  ['`', '``', '`echo no`', "\\'\n'\\\n", "'\n'", 'a\\\n'],
  words(
    String.raw`$ $$ $HOME ${'$'}{HOME} ${'$'}{ $( $(echo $((1+1)) $? $! $@ $* ${'$'}{x:-y} %HOME% ! !! !$ !-1 ^a^b ~ ~root =ls`,
  ),
  words(
    '* ? [a-z] {a,b} {1..3} (a) **/* ^* # #no & && | || ; ;; < > >> <<E <(ls) >&2 2>&1 ( ) { } [[ if then fi done always',
  ),
  ['; exit 9', '\n exit 9\n', '&& exit 9 #', '| exit 9', ' # no', '() { :; }; echo no', "'; exit 9; '", '"; exit 9; "'],
  words(
    String.raw`- -- -n -e -E -c --help +x % %s %d%n %% \0 \c \u0000 a=b PATH= 0 -1 1e3 0x10 NaN true null undefined`,
  ),
  Array.from({ length: 31 }, (_, code) => String.fromCharCode(code + 1)),
  ['\x7f', '\x1b[31mred\x1b[0m', '\x1b]0;title\x07', '\x01\x02', '\x9b', '\x80\x9f', '\u0085'],
  ['s0123456789abcdef012345670 0  ', '__sw', '$__sw_o', 's0123456789abcdef01234567'],
  words(
    'ünï e\u0301 日本語 田中さんにあげて下さい ﷺ \u{1f4a9} 👨‍👩‍👧‍👦 🇩🇪 ✋🏿 \u{10ffff} \ufffe\uffff \u200b\u200d\u2060 \u202etest\u202c',
  ),
  words('מִקֵּץ ثم Ṱ̺̺̕o͞ ß İıſ ÿ\u00ff Ω≈ç√∫˜µ ”“’‘ а́ Ⅷ ﬁ \u0300 \ud7ff \ue000'),
  [
    '<script>alert(1)</script>',
    "'; DROP TABLE users; --",
    '../../etc/passwd%00',
    '{{7*7}}',
    String.raw`\\server\share`,
    'C:\\',
  ],
  [
    'a'.repeat(5_000),
    "'".repeat(500),
    '\\'.repeat(501),
    '$('.repeat(200),
    '\n'.repeat(300),
    `${"'".repeat(7)}\\`.repeat(50),
  ],
].flat();

function blanks(): string[] {
  const ends = ['', ' ', '  ', '\t', '\n', '\n\n', '\r', '\r\n', '\v\f', '\u00a0', '\u3000', '\u2028\u2029', '\ufeff'];
  return [...ends, ...ends.map((blank) => `a${blank}`), ...ends.map((blank) => `${blank}a`)];
}

function words(text: string): string[] {
  return text.split(' ');
}
