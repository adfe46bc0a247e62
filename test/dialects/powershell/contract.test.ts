import { dialectContract, type ContractScripts } from 'shellwright/testing';
import { describe, it } from 'vitest';
import { noPwsh, plainPwsh, skippedFor } from '../../support/pwsh.ts';

const scripts: ContractScripts = {
  write: (quoted, stream) => `[Console]::${stream === 'stdout' ? 'Out' : 'Error'}.Write(${quoted})`,
  keep: (quoted) => `$kept = ${quoted}`,
  recall: '[Console]::Out.Write($kept)',
  fail: "throw 'no'",
  broken: [
    '(',
    'if ($true) {',
    "'",
    '"',
    "@'",
    '$(',
    '@{',
    ')',
    '}',
    'function {',
    '1 +',
    'foreach ($x in',
    'class A {',
    '<#',
    '|',
    '&',
  ],
  status: (exitCode) => `sh -c 'exit ${exitCode}'`,
  exit: (exitCode) => `exit ${exitCode}`,
  killed: 'Stop-Process -Id $PID -Force; Start-Sleep 100',
  endless: {
    'a loop that computes': "[Console]::Write('ready'); while ($true) { }",
    'a wait': "[Console]::Write('ready'); Start-Sleep 1000",
    'a function in a function': "function f { while ($true) { } }; function g { f }; [Console]::Write('ready'); g",
    'a program': "sh -c 'printf ready; exec sleep 1000'",
    'a pipeline': "[Console]::Write('ready'); 1..1e9 | ForEach-Object { $_ } | Out-Null",
  },
  stubborn: "[Console]::Write('ready'); [Threading.Thread]::Sleep(1000000)",
  copyStdin: 'cat',
  everyByte: 'sh -c \'for n in $(seq 0 255); do printf "\\\\$(printf %03o $n)"; done\'',
  large: (bytes) => `[Console]::Out.Write('x' * ${bytes})`,
  child: "sh -c 'printf out; printf err >&2'",
  late: "$null = [Diagnostics.Process]::Start('sh', '-c \"sleep 0.2; printf late\"')",
};

describe.skipIf(noPwsh !== undefined)(`the contract of powershell()${skippedFor}`, () => {
  for (const { name, run } of dialectContract(plainPwsh(), scripts)) it(name, { timeout: 60_000 }, run);
});
