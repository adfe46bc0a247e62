/** C#: what PowerShell takes for its console. */
export const consolePart = String.raw`
    /// <summary>The console's own host, but for exit and width.</summary>
    sealed class Host : PSHost
    {
        readonly PSHost outer;
        readonly Ui ui;
        readonly Guid id = Guid.NewGuid();
        volatile bool exiting;
        volatile int exitCode;

        public Host(PSHost outer, int width)
        {
            this.outer = outer;
            ui = new Ui(outer.UI, width);
        }

        public bool Exiting { get { return exiting; } }
        public int ExitCode { get { return exitCode; } }
        public int ErrorLines { get { return ui.ErrorLines; } }
        public override string Name { get { return outer.Name; } }
        public override Version Version { get { return outer.Version; } }
        public override Guid InstanceId { get { return id; } }
        public override PSHostUserInterface UI { get { return ui; } }
        public override PSObject PrivateData { get { return outer.PrivateData; } }
        public override CultureInfo CurrentCulture { get { return outer.CurrentCulture; } }
        public override CultureInfo CurrentUICulture { get { return outer.CurrentUICulture; } }
        public override void EnterNestedPrompt() { throw new NotSupportedException("There is nobody at a nested prompt."); }
        public override void ExitNestedPrompt() { }
        public override void NotifyBeginApplication() { }
        public override void NotifyEndApplication() { }

        public override void SetShouldExit(int code)
        {
            exitCode = code;
            exiting = true;
        }
    }

    sealed class Ui : PSHostUserInterface
    {
        public volatile int ErrorLines;
        readonly PSHostUserInterface outer;
        readonly RawUi raw;

        public Ui(PSHostUserInterface outer, int width)
        {
            this.outer = outer;
            raw = new RawUi(outer.RawUI, width);
        }

        public override PSHostRawUserInterface RawUI { get { return raw; } }
        public override bool SupportsVirtualTerminal { get { return outer.SupportsVirtualTerminal; } }
        public override void Write(string value) { outer.Write(value); }
        public override void Write(ConsoleColor foreground, ConsoleColor background, string value) { outer.Write(foreground, background, value); }
        public override void WriteLine() { outer.WriteLine(); }
        public override void WriteLine(string value) { outer.WriteLine(value); }
        public override void WriteLine(ConsoleColor foreground, ConsoleColor background, string value) { outer.WriteLine(foreground, background, value); }
        public override void WriteErrorLine(string value)
        {
            if (!string.IsNullOrEmpty(value)) ErrorLines++;
            outer.WriteErrorLine(value);
        }

        public override void WriteDebugLine(string message) { outer.WriteDebugLine(message); }
        public override void WriteVerboseLine(string message) { outer.WriteVerboseLine(message); }
        public override void WriteWarningLine(string message) { outer.WriteWarningLine(message); }
        public override void WriteProgress(long sourceId, ProgressRecord record) { }
        public override string ReadLine() { return outer.ReadLine(); }
        public override SecureString ReadLineAsSecureString() { return outer.ReadLineAsSecureString(); }
        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) { return outer.Prompt(caption, message, descriptions); }
        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) { return outer.PromptForChoice(caption, message, choices, defaultChoice); }
        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) { return outer.PromptForCredential(caption, message, userName, targetName); }
        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName, PSCredentialTypes types, PSCredentialUIOptions options) { return outer.PromptForCredential(caption, message, userName, targetName, types, options); }
    }

    sealed class RawUi : PSHostRawUserInterface
    {
        readonly PSHostRawUserInterface outer;
        Size size;

        public RawUi(PSHostRawUserInterface outer, int width)
        {
            this.outer = outer;
            try { size = outer.BufferSize; }
            // There is no console.
            catch (Exception) { size = new Size(80, 50); }
            if (width > 0) size.Width = width;
        }

        public override Size BufferSize { get { return size; } set { size = value; } }
        public override Size WindowSize { get { return size; } set { size = value; } }
        public override Size MaxWindowSize { get { return size; } }
        public override Size MaxPhysicalWindowSize { get { return size; } }
        public override ConsoleColor ForegroundColor { get { return outer.ForegroundColor; } set { outer.ForegroundColor = value; } }
        public override ConsoleColor BackgroundColor { get { return outer.BackgroundColor; } set { outer.BackgroundColor = value; } }
        public override Coordinates CursorPosition { get { return outer.CursorPosition; } set { outer.CursorPosition = value; } }
        public override Coordinates WindowPosition { get { return outer.WindowPosition; } set { outer.WindowPosition = value; } }
        public override int CursorSize { get { return outer.CursorSize; } set { outer.CursorSize = value; } }
        public override string WindowTitle { get { return outer.WindowTitle; } set { outer.WindowTitle = value; } }
        public override bool KeyAvailable { get { return outer.KeyAvailable; } }
        public override KeyInfo ReadKey(ReadKeyOptions options) { return outer.ReadKey(options); }
        public override void FlushInputBuffer() { outer.FlushInputBuffer(); }
        public override BufferCell[,] GetBufferContents(Rectangle rectangle) { return outer.GetBufferContents(rectangle); }
        public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) { outer.SetBufferContents(origin, contents); }
        public override void SetBufferContents(Rectangle rectangle, BufferCell fill) { outer.SetBufferContents(rectangle, fill); }
        public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) { outer.ScrollBufferContents(source, destination, clip, fill); }
    }
`;
