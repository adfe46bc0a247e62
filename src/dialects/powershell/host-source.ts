import { channelPart } from './host/channel.ts';
import { commandsPart } from './host/commands.ts';
import { consolePart } from './host/console.ts';
import { placePart } from './host/place.ts';
import { valuePart } from './host/value.ts';

/**
 * The host that runs inside PowerShell, in C#: a second runspace on a thread of its own, whose commands come over the control channel.
 * The console's own `-Command -` and every loop in script hang on, or lose, what ordinary commands do (docs/powershell.md).
 *
 * C# 5, and of the framework only what both engines reference by themselves: Windows PowerShell compiles it too.
 *
 * Messages are a length (four bytes, little-endian) and UTF-8, in which NUL ends a field:
 * - to it: `run`, tag, depth (for the objects as JSON), `merge`, folder, file of the input, name and value of each variable, and last the text;
 *   what a command has not is empty. `stop`, tag
 * - from it: `stuck`, tag: it was told to stop, and something in it goes on
 *
 * The end of a command is told by its fences, as for every dialect: `<status> <last process id> <note>` is the payload. The note says of the
 * value `none`, `json` or `bad`; of a folder or input that could not be had `no-cwd` or `no-file`; ` displaced` after it that the folder before is gone.
 */
export const hostSource = `
using System;
using System.Collections;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Globalization;
using System.IO;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security;
using System.Text;
using System.Threading;

namespace Shellwright
{${[channelPart, commandsPart, valuePart, placePart, consolePart].join('')}}
`;
