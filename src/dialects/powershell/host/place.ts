/** C#: what one command has of its own: folder, variables, input, merged output. */
export const placePart = String.raw`
    /// <summary>What one command has of its own, put back when it has ended.</summary>
    sealed class Place
    {
        // What could not be had; then the command is not run.
        public string Lack;
        // The folder before is gone.
        public bool IsDisplaced;
        // For $input; null where the command does not name it: then it is the stdin of its programs.
        public PSDataCollection<object> Input;
        readonly PathIntrinsics paths;
        readonly PathInfo before;
        readonly Dictionary<string, string> variables = new Dictionary<string, string>();
        readonly TextWriter error;
        readonly List<int[]> descriptors = new List<int[]>();
        readonly FileStream file;

        public Place(Order order, Runspace runspace, PSHostUserInterface ui)
        {
            try
            {
                Lack = "no-cwd";
                if (order.Folder.Length > 0)
                {
                    paths = runspace.SessionStateProxy.Path;
                    PathInfo here = paths.CurrentLocation;
                    paths.SetLocation(WildcardPattern.Escape(order.Folder));
                    before = here;
                }
                Lack = "no-file";
                if (order.Input.Length > 0)
                {
                    file = new FileStream(order.Input, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                    if (order.Text.IndexOf("$input", StringComparison.OrdinalIgnoreCase) >= 0) Feed();
                    else Lead(0, file.SafeFileHandle.DangerousGetHandle().ToInt32());
                }
                Lack = null;
            }
            catch (Exception reason)
            {
                ui.WriteErrorLine(reason.Message);
                Leave();
                return;
            }
            for (int index = 0; index < order.Variables.Length; index += 2)
            {
                string name = order.Variables[index];
                variables[name] = Environment.GetEnvironmentVariable(name);
                Environment.SetEnvironmentVariable(name, order.Variables[index + 1]);
            }
            if (!order.Merge) return;
            error = Console.Error;
            Console.SetError(Console.Out);
            Lead(2, 1);
        }

        public void Leave()
        {
            foreach (KeyValuePair<string, string> variable in variables) Environment.SetEnvironmentVariable(variable.Key, variable.Value);
            if (error != null) Console.SetError(error);
            foreach (int[] pair in descriptors) Native.PutBack(pair[0], pair[1]);
            if (file != null) file.Dispose();
            if (before == null) return;
            try { paths.SetLocation(WildcardPattern.Escape(before.Path)); }
            catch (Exception) { IsDisplaced = true; }
        }

        void Lead(int number, int to)
        {
            descriptors.Add(new int[] { number, Native.Lead(number, to) });
        }

        /// <summary>A line is an object, as when pwsh reads its own stdin.</summary>
        void Feed()
        {
            Input = new PSDataCollection<object>();
            Thread reader = new Thread(delegate()
            {
                try
                {
                    StreamReader lines = new StreamReader(file, new UTF8Encoding(false));
                    for (string line = lines.ReadLine(); line != null; line = lines.ReadLine()) Input.Add(line);
                }
                // The command has ended, and reads no more.
                catch (Exception) { }
                try { Input.Complete(); } catch (ObjectDisposedException) { }
            });
            reader.IsBackground = true;
            reader.Start();
        }
    }

    /// <summary>Leads the standard streams elsewhere, for the programs that a command starts.</summary>
    static class Native
    {
        static readonly bool IsWindows = Path.DirectorySeparatorChar == '\\';

        [DllImport("libc")] static extern int dup(int number);
        [DllImport("libc")] static extern int dup2(int from, int to);
        [DllImport("libc")] static extern int close(int number);
        [DllImport("kernel32.dll")] static extern IntPtr GetStdHandle(int which);
        [DllImport("kernel32.dll")] static extern bool SetStdHandle(int which, IntPtr handle);

        /// <summary>Returns what puts it back.</summary>
        public static int Lead(int number, int to)
        {
            if (IsWindows)
            {
                int kept = GetStdHandle(-10 - number).ToInt32();
                SetStdHandle(-10 - number, GetStdHandle(-10 - to));
                return kept;
            }
            int copy = dup(number);
            dup2(to, number);
            return copy;
        }

        public static void PutBack(int number, int kept)
        {
            if (IsWindows)
            {
                SetStdHandle(-10 - number, new IntPtr(kept));
                return;
            }
            dup2(kept, number);
            close(kept);
        }
    }
`;
