/** C#: what a command puts out, as JSON. */
export const valuePart = String.raw`
    public sealed partial class Session
    {
        /// <summary>Writes the objects as JSON, or why that cannot be had, and returns which.</summary>
        string WriteValue(Order order, List<object> values)
        {
            string json = null;
            string reason = "ConvertTo-Json gave nothing";
            try
            {
                using (PowerShell shell = PowerShell.Create())
                {
                    shell.Runspace = runspace;
                    shell.AddCommand("Microsoft.PowerShell.Utility\\ConvertTo-Json").AddParameter("InputObject", values.ToArray());
                    shell.AddParameter("Depth", order.Depth).AddParameter("Compress", true);
                    // It warns of every object deeper than depth.
                    shell.AddParameter("WarningAction", ActionPreference.SilentlyContinue);
                    Collection<PSObject> results = Run(shell, null);
                    if (results.Count == 1 && results[0] != null) json = results[0].BaseObject as string;
                    if (shell.Streams.Error.Count > 0) reason = shell.Streams.Error[0].ToString();
                }
            }
            catch (Exception error) { reason = error.Message; }
            Flush();
            byte[] bytes = Utf8.GetBytes(json ?? reason);
            for (int start = 0; start < bytes.Length; start += PartSize)
                Fence(stdout, order.Tag, "=" + Convert.ToBase64String(bytes, start, Math.Min(PartSize, bytes.Length - start)));
            return json == null ? "bad" : "json";
        }
    }

    /// <summary>Keeps objects as they are.</summary>
    [Cmdlet("Out", "Value")]
    public sealed class OutValue : PSCmdlet
    {
        [Parameter(ValueFromPipeline = true)]
        public PSObject InputObject { get; set; }

        [Parameter(Mandatory = true)]
        [AllowEmptyCollection]
        public List<object> Values { get; set; }

        protected override void ProcessRecord() { Values.Add(InputObject); }
    }
`;
