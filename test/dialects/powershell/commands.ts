/** Why the two differ, as docs/powershell.md has it. */
export const differences = {
  native: 'The exit code of a native command is kept: `-Command` makes every one but 0 a 1.',
  incomplete:
    'An incomplete text (`if (`, an open quote) is an error, with the reason on stderr: `-Command` says nothing.',
} as const;

export type Difference = keyof typeof differences;

/** Commands of every kind, to be run in a warm session and by `pwsh -Command`; each stands alone. */
export const commands: readonly (readonly [text: string, difference?: Difference])[] = [
  // values and formatting
  ['1+1'],
  ['\'text\'; "$(1 + 2)"'],
  ['$null'],
  ["@{ name = 'value' }"],
  ["[pscustomobject]@{ Name = 'a'; Value = 1 }"],
  ['1..3 | ForEach-Object { [pscustomobject]@{ N = $_; Square = $_ * $_ } }'],
  ['[pscustomobject]@{ a = 1; b = 2; c = 3; d = 4; e = 5 }'],
  ["[pscustomobject]@{ Name = 'a' } | Format-List"],
  ["[pscustomobject]@{ Name = 'a' } | Format-Table; 'after'"],
  ["[pscustomobject]@{ A = 'x' * 100; B = 'y' * 100 }"],
  ["'x' * 200"],
  ['1.5; 1e300; [double]::NaN; 0x10; 1kb'],
  ["'日本語 ünï 😀'"],
  ['"a`r`nb`tc`0d"'],
  ["@'\nhere 'string'\n  $nothing\n'@"],
  ['@"\nhere "string" $(1 + 1)\n"@'],
  ["'crlf'\r\n'again'\r\n"],
  // language
  ["if ($true) { 'yes' } else { 'no' }"],
  ['foreach ($i in 1..3) { if ($i -eq 2) { continue }; $i }'],
  ['while ($true) { 1; break }'],
  ['function Say($what) { "said $what" }\n\nSay hello'],
  ['class Point { [int]$X = 1; [string] ToString() { return "at $($this.X)" } }; "$([Point]::new())"'],
  ["try { throw 'caught' } catch { \"$_\" } finally { 'finally' }"],
  ['return 3; 4'],
  ["'before'; break; 'after'"],
  ["'before'; continue; 'after'"],
  ['<# of\nmany lines #> 7'],
  [''],
  // streams
  ["Write-Output 'out'; Write-Error 'err'; 'more'"],
  ["Write-Warning 'warned'; Write-Host 'hosted'; [Console]::WriteLine('console')"],
  ["Write-Host 'no newline' -NoNewline; Write-Host ' end' -ForegroundColor Red"],
  ["Write-Verbose 'v' -Verbose; $DebugPreference = 'Continue'; Write-Debug 'd'; $DebugPreference = 'SilentlyContinue'"],
  ["Write-Information 'hidden'; Write-Information 'shown' -InformationAction Continue"],
  ["[Console]::Error.WriteLine('straight'); [Console]::Out.Write('open')"],
  ['Write-Error \'to output\' 2>&1 | ForEach-Object { "got $_" }'],
  // errors
  ["throw 'thrown'"],
  ["function Fail { throw 'deep' }; 'before'; Fail; 'after'"],
  ['1 / 0; 2'],
  ['Get-Item /no/such/path'],
  ['Get-NoSuchCommand'],
  ["Write-Error 'e' -ErrorAction Stop; 'after'"],
  ["[int]'not a number'"],
  ["'a' b )"],
  ['1 +* 2'],
  ['if (', 'incomplete'],
  ["'unterminated", 'incomplete'],
  // native commands
  ["sh -c 'echo out; echo err >&2'"],
  ["sh -c 'exit 7'", 'native'],
  ["sh -c 'exit 7'; 'then'"],
  ["$out = sh -c 'echo one; echo two'; $out.Count"],
  ['sh -c \'printf a; printf b >&2; printf "\\303\\251"\''],
  ["'piped', 'lines' | cat"],
  ['sh -c \'echo one; echo two\' | ForEach-Object { "<$_>" }'],
  ["cat; 'end of input'"],
  ["'first'; sh -c 'echo second'; [Console]::WriteLine('third')"],
  // prompts
  ["Read-Host 'name'"],
  // ends
  ['exit 3'],
  ["'before'; exit; 'after'"],
];
