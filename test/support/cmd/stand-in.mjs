// A stand-in for cmd.exe: NOT cmd.exe, and no proof of what that does. It speaks the part of its language that cmd() and its tests use, after what is
// documented of it (`cmd /?`, `call /?`, `exit /?`, `if /?`, `set /?`) and what people have found out about its parser, so that the framing can be
// tried where there is no Windows. What it does not know it refuses loudly, with status 250.
//
// Where the real one is not known, a switch of its own has the other behaviour:
// /stand-in:prompts     `/q` does not keep the prompt away, and there is a banner
// /stand-in:keeps-echo  `echo on` in a batch file is not undone at its end
import { Shell } from './run.mjs';

const args = process.argv.slice(2).map((arg) => arg.toLowerCase());
new Shell({
  echo: !args.includes('/q') || args.includes('/stand-in:prompts'),
  banner: !args.includes('/k') || args.includes('/stand-in:prompts'),
  keepsEcho: args.includes('/stand-in:keeps-echo'),
}).main();
