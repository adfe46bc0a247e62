/** C#: the channel of the host, and what it is told. */
export const channelPart = String.raw`
    /// <summary>Runs the commands that come over the control channel, until it ends.</summary>
    public sealed partial class Session
    {
        // How long a stop may take before it is said that it does. ms
        const int Prompt = 20;
        // How long the process may take to end once its host is gone. ms
        const int Farewell = 1500;
        // A pipeline thread of PowerShell's own has as much.
        const int StackSize = 10000000;
        // By its whole name, for commands that define another.
        const string OutDefault = "Microsoft.PowerShell.Core\\Out-Default";
        // With marker and base64 it is less than 4096, which a pipe takes at once. Bytes
        const int PartSize = 3000;
        static readonly UTF8Encoding Utf8 = new UTF8Encoding(false);
        // That an object comes from the error stream is written on it, where only the engine reads.
        static readonly PropertyInfo StreamMark = typeof(PSObject).GetProperty("WriteStream", BindingFlags.Instance | BindingFlags.NonPublic);

        readonly BinaryReader orders;
        readonly Stream answers;
        readonly string secret;
        readonly bool fencesBoth;
        readonly Stream stdout = Console.OpenStandardOutput();
        readonly Stream stderr = Console.OpenStandardError();
        readonly Host host;
        readonly object gate = new object();
        readonly ManualResetEvent idle = new ManualResetEvent(true);
        Runspace runspace;
        Order next;
        string tag;
        PowerShell running;
        bool stopped;

        Session(Stream control, BinaryReader orders, PSHost outer, string secret, int width, bool fencesBoth)
        {
            answers = control;
            this.orders = orders;
            this.secret = secret;
            this.fencesBoth = fencesBoth;
            host = new Host(outer, width);
        }

        /// <summary>Does not return: the process ends with the channel.</summary>
        public static void Serve(Stream control, BinaryReader orders, PSHost outer, PSObject profile, string secret, int width, bool fencesBoth)
        {
            if (Console.OutputEncoding.CodePage != Utf8.CodePage) try { Console.OutputEncoding = Utf8; } catch (IOException) { }
            Session session = new Session(control, orders, outer, secret, width, fencesBoth);
            Thread worker = new Thread(delegate() { session.Work(profile); }, StackSize);
            worker.IsBackground = true;
            if (Path.DirectorySeparatorChar == '\\') worker.TrySetApartmentState(ApartmentState.STA);
            worker.Start();
            session.Listen();
        }

        // --- the thread of the channel

        void Listen()
        {
            try
            {
                for (;;)
                {
                    int length = orders.ReadInt32();
                    byte[] bytes = orders.ReadBytes(length);
                    // A part of a command is not to be run.
                    if (bytes.Length < length) break;
                    string message = Utf8.GetString(bytes);
                    string[] fields = message.Split('\0');
                    if (fields[0] == "stop") Stop(fields[1]);
                    else if (fields[0] == "run") Give(new Order(fields));
                }
            }
            catch (IOException) { }
            catch (ObjectDisposedException) { }
            Leave();
        }

        void Give(Order order)
        {
            lock (gate)
            {
                next = order;
                tag = order.Tag;
                stopped = false;
                idle.Reset();
                Monitor.Pulse(gate);
            }
        }

        void Stop(string which)
        {
            lock (gate)
            {
                if (tag != which) return;
                if (!stopped && running != null) running.BeginStop(null, null);
                stopped = true;
            }
            if (!idle.WaitOne(Prompt)) Send("stuck\0" + which);
        }

        /// <summary>The other end of the channel is gone.</summary>
        void Leave()
        {
            Thread killer = new Thread(delegate() { Thread.Sleep(Farewell); System.Diagnostics.Process.GetCurrentProcess().Kill(); });
            killer.IsBackground = true;
            killer.Start();
            bool wasIdle;
            lock (gate)
            {
                wasIdle = tag == null;
                stopped = true;
                if (running != null) running.BeginStop(null, null);
            }
            if (wasIdle || idle.WaitOne(Farewell / 5)) CloseRunspace();
            Environment.Exit(0);
        }
    }

    /// <summary>One command.</summary>
    sealed class Order
    {
        public readonly string Tag;
        // Of its value as JSON; -1: it has none.
        public readonly int Depth;
        public readonly bool Merge;
        public readonly string Folder;
        public readonly string Input;
        // Name and value in turn.
        public readonly string[] Variables;
        public readonly string Text;

        public Order(string[] fields)
        {
            Tag = fields[1];
            Depth = fields[2].Length == 0 ? -1 : int.Parse(fields[2], CultureInfo.InvariantCulture);
            Merge = fields[3].Length > 0;
            Folder = fields[4];
            Input = fields[5];
            Variables = new string[fields.Length - 7];
            Array.Copy(fields, 6, Variables, 0, Variables.Length);
            Text = fields[fields.Length - 1];
        }
    }
`;
