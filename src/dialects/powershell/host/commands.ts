/** C#: how the host runs a command, and tells its end. */
export const commandsPart = String.raw`
    // --- the thread of the commands

    public sealed partial class Session
    {
        void Work(PSObject profile)
        {
            try
            {
                Open(profile);
                for (;;)
                {
                    Order order;
                    lock (gate)
                    {
                        while (next == null) Monitor.Wait(gate);
                        order = next;
                        next = null;
                    }
                    Execute(order);
                }
            }
            // Nobody reads what is written, or nobody listens: the channel's end will be told.
            catch (IOException) { }
            catch (ObjectDisposedException) { }
        }

        void Open(PSObject profile)
        {
            runspace = RunspaceFactory.CreateRunspace(host, InitialSessionState.CreateDefault2());
            // This thread: handing over to another costs each command a wake-up.
            runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
            runspace.Open();
            // Without it Wait-Debugger waits for somebody at a console.
            runspace.Debugger.SetDebugMode(DebugModes.None);
            if (profile != null) runspace.SessionStateProxy.SetVariable("PROFILE", profile);
            if (host.Version.Major < 6) runspace.SessionStateProxy.SetVariable("OutputEncoding", Utf8);
        }

        void Execute(Order order)
        {
            List<object> values = order.Depth < 0 ? null : new List<object>();
            Place place = new Place(order, runspace, host.UI);
            int status = 1;
            if (place.Lack == null) status = RunCommand(order, place.Input, values);
            if (host.Exiting)
            {
                Flush();
                CloseRunspace();
                Environment.Exit(host.ExitCode);
            }
            place.Leave();
            string note = place.Lack ?? (values == null || stopped ? "none" : WriteValue(order, values));
            if (place.IsDisplaced) note += " displaced";
            lock (gate)
            {
                tag = null;
                idle.Set();
            }
            Flush();
            if (fencesBoth) Fence(stderr, order.Tag, "");
            Fence(stdout, order.Tag, status.ToString(CultureInfo.InvariantCulture) + " " + LastProcess() + " " + note);
        }

        int RunCommand(Order order, PSDataCollection<object> input, List<object> values)
        {
            object before = LastExitCode();
            bool succeeded = true;
            try
            {
                using (PowerShell shell = PowerShell.Create())
                {
                    shell.Runspace = runspace;
                    shell.AddScript(order.Text, false);
                    if (values != null) shell.AddCommand(new CmdletInfo("Out-Value", typeof(OutValue))).AddParameter("Values", values);
                    else
                    {
                        shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
                        shell.AddCommand(OutDefault);
                    }
                    // $? is put back when the pipeline ends: it is read in its last stage, which runs when the others have ended.
                    shell.AddScript("$?", false);
                    try
                    {
                        Collection<PSObject> results = Run(shell, input);
                        if (shell.InvocationStateInfo.State == PSInvocationState.Stopped) return 130;
                        // None after a break.
                        if (results.Count > 0) succeeded = LanguagePrimitives.IsTrue(results[results.Count - 1]);
                    }
                    finally
                    {
                        if (values != null) foreach (ErrorRecord error in shell.Streams.Error) Show(error);
                    }
                }
            }
            catch (Exception error)
            {
                if (stopped) return 130;
                if (!host.Exiting) Report(error, order.Text);
                return 1;
            }
            if (succeeded) return 0;
            // A native command has run if it is another object, and not only another number.
            object after = LastExitCode();
            return after is int && (int)after != 0 && !ReferenceEquals(before, after) ? (int)after : 1;
        }

        Collection<PSObject> Run(PowerShell shell, IEnumerable input)
        {
            lock (gate)
            {
                if (stopped) throw new PipelineStoppedException();
                running = shell;
            }
            try
            {
                PSDataCollection<object> stream = input as PSDataCollection<object>;
                if (stream == null) return shell.Invoke(input);
                PSDataCollection<PSObject> results = new PSDataCollection<PSObject>();
                shell.Invoke<object, PSObject>(stream, results, null);
                return new Collection<PSObject>(results);
            }
            finally { lock (gate) running = null; }
        }

        object LastExitCode()
        {
            object value = runspace.SessionStateProxy.PSVariable.GetValue("global:LASTEXITCODE");
            PSObject wrapped = value as PSObject;
            return wrapped == null ? value : wrapped.BaseObject;
        }

        void Report(Exception error, string text)
        {
            int lines = host.ErrorLines;
            // The formatter shows nothing of a text that ends too early.
            if (error is IncompleteParseException)
            {
                Token[] tokens;
                ParseError[] errors;
                Parser.ParseInput(text, out tokens, out errors);
                error = new ParseException(errors);
            }
            IContainsErrorRecord container = error as IContainsErrorRecord;
            ErrorRecord record = container == null ? null : container.ErrorRecord;
            Show(record ?? new ErrorRecord(error, "ConsoleHost.ReportException", ErrorCategory.NotSpecified, null));
            // Nor of one whose error lies behind its end.
            if (error is ParseException && host.ErrorLines == lines) host.UI.WriteErrorLine("ParserError: " + error.Message);
        }

        /// <summary>As the console does: through the formatter, as what comes from the error stream.</summary>
        void Show(ErrorRecord record)
        {
            PSObject shown = new PSObject(record);
            if (StreamMark != null) StreamMark.SetValue(shown, Enum.Parse(StreamMark.PropertyType, "Error"), null);
            else shown.Properties.Add(new PSNoteProperty("writeErrorStream", true));
            try
            {
                using (PowerShell shell = PowerShell.Create())
                {
                    shell.Runspace = runspace;
                    shell.AddCommand(OutDefault);
                    Run(shell, new object[] { shown });
                }
            }
            catch (Exception)
            {
                host.UI.WriteErrorLine(record.ToString());
            }
        }

        // --- the end of a command

        static void Flush()
        {
            // A command may have put writers of its own there, and closed them.
            try { Console.Out.Flush(); } catch (Exception) { }
            try { Console.Error.Flush(); } catch (Exception) { }
        }

        void Fence(Stream stream, string ended, string payload)
        {
            byte[] bytes = Utf8.GetBytes("\0" + secret + ended + " " + payload + "\n");
            stream.Write(bytes, 0, bytes.Length);
            stream.Flush();
        }

        /// <summary>What is born later has a higher number, until they begin again. 0 where it cannot be told.</summary>
        static string LastProcess()
        {
            if (Path.DirectorySeparatorChar == '\\') return "0";
            try
            {
                string[] words = File.ReadAllText("/proc/loadavg").Trim().Split(' ');
                return words[words.Length - 1];
            }
            catch (Exception) { return "0"; }
        }

        void Send(string message)
        {
            byte[] bytes = new byte[4 + Utf8.GetByteCount(message)];
            int length = Utf8.GetBytes(message, 0, message.Length, bytes, 4);
            for (int index = 0; index < 4; index++) bytes[index] = (byte)(length >> (8 * index));
            lock (answers)
            {
                answers.Write(bytes, 0, bytes.Length);
                answers.Flush();
            }
        }

        void CloseRunspace()
        {
            Thread closer = new Thread(delegate() { try { runspace.Close(); } catch (Exception) { } });
            closer.IsBackground = true;
            closer.Start();
            closer.Join(Farewell / 2);
        }
    }
`;
