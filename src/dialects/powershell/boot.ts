import { createHash } from 'node:crypto';
import type { Fences } from '../dialect.ts';
import { hostSource } from './host-source.ts';
import { quote } from './quote.ts';

/** In the environment of a PowerShell until it has read it: a token, a blank, and the address of its control channel. */
export const addressVariable = 'SHELLWRIGHT_CONTROL';

/** For `-Command`: connects, shows its token, and runs what it then gets. Without a double quote, which Windows would take. */
export const connectScript = [
  `if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') { Write-Error ('powershell() needs the language mode FullLanguage, and this is ' + $ExecutionContext.SessionState.LanguageMode); exit 1 }`,
  `$token, $address = $env:${addressVariable} -split ' ', 2`,
  `$env:${addressVariable} = $null`,
  `$control = [IO.Pipes.NamedPipeClientStream]::new('.', $address, 'InOut', 'Asynchronous')`,
  `$control.Connect(10000)`,
  `$bytes = [Text.Encoding]::ASCII.GetBytes($token)`,
  `$control.Write([BitConverter]::GetBytes($bytes.Length), 0, 4)`,
  `$control.Write($bytes, 0, $bytes.Length)`,
  `$orders = [IO.BinaryReader]::new([IO.BufferedStream]::new($control, 65536))`,
  `. ([scriptblock]::Create([Text.Encoding]::UTF8.GetString($orders.ReadBytes($orders.ReadInt32()))))`,
].join('; ');

export interface BootSettings {
  /** A folder of ours for compiled hosts; without one it is compiled each time. */
  cache: string | undefined;
  secret: string;
  /** Characters of a line; undefined: what PowerShell takes itself. */
  width: number | undefined;
  fences: Fences;
}

/** What it gets first: how the host comes to be, and runs. */
export function bootScript({ cache = '', secret, width = 0, fences }: BootSettings): string {
  return [
    `$source = ${quote(hostSource)}`,
    `$cache = ${quote(cache)}`,
    `$key = '${sourceKey}'`,
    loadScript,
    `$session::Serve($control, $orders, $Host, $PROFILE, '${secret}', ${width}, $${fences === 'both'})`,
  ].join('\n');
}

const sourceKey = createHash('sha256').update(hostSource).digest('hex').slice(0, 16);

// Without a cmdlet where the host is there already: to load the module of one takes longer than all the rest.
// The engine is known by its build: an assembly that was compiled against another may not load.
// Two that start at once: the second waits for the lock, and finds the host compiled. Where nothing can be kept it is compiled for this process alone.
const loadScript = String.raw`
$ErrorActionPreference = 'Stop'
try {
  $find = {
    if ($file -and [IO.File]::Exists($file)) {
      try { [Reflection.Assembly]::Load([IO.File]::ReadAllBytes($file)).GetType('Shellwright.Session') } catch { }
    }
  }
  $file = if ($cache) { [IO.Path]::Combine($cache, 'host-' + $key + '-' + $PSVersionTable.PSVersion + '-' + [psobject].Assembly.ManifestModule.ModuleVersionId.ToString('N') + '.dll') }
  $session = & $find
  if (-not $session -and $file) {
    $lock = $null
    try {
      for ($tries = 0; -not $lock; $tries++) {
        try { $lock = [IO.File]::Open($file + '.lock', 'OpenOrCreate', 'ReadWrite', 'None') }
        catch { if ($tries -ge 600) { throw }; [Threading.Thread]::Sleep(50) }
      }
      $session = & $find
      if (-not $session) {
        $new = $file.Substring(0, $file.Length - 4) + '-' + $PID + '.dll'
        Microsoft.PowerShell.Utility\Add-Type -TypeDefinition $source -OutputAssembly $new -IgnoreWarnings
        [IO.File]::Delete($file)
        [IO.File]::Move($new, $file)
        $session = & $find
      }
    }
    catch { }
    finally { if ($lock) { $lock.Dispose() } }
  }
  if (-not $session) {
    $session = Microsoft.PowerShell.Utility\Add-Type -TypeDefinition $source -IgnoreWarnings -PassThru | Microsoft.PowerShell.Core\Where-Object { $_.FullName -eq 'Shellwright.Session' }
  }
}
catch {
  [Console]::Error.WriteLine('powershell() could not compile its host: ' + $_)
  exit 1
}
`;
