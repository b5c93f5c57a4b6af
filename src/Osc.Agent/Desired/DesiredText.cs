using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Osc.Flows;
using Osc.Model;

namespace Osc.Agent.Desired;

/// <summary>
/// The desired state as a file: lines of UTF-8 that a person can read and ovs-ofctl's users know.
/// <code>
/// osc-desired 1
/// host NAME
/// revision NUMBER
/// bridge NAME FLOWS        then that many flows, a line each; for every bridge
/// end SHA256               of every byte before this line
/// </code>
/// </summary>
internal static class DesiredText
{
    private const string Magic = "osc-desired 1";

    public static void Write(Stream stream, HostFlows flows)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Line(stream, Magic, hash);
        Line(stream, $"host {flows.Host}", hash);
        Line(stream, $"revision {flows.Revision}", hash);
        foreach (var bridge in flows.Bridges)
        {
            Line(stream, string.Create(CultureInfo.InvariantCulture, $"bridge {bridge.Bridge} {bridge.Flows.Count}"), hash);
            foreach (var flow in bridge.Flows)
            {
                Line(stream, FlowText.Print(flow), hash);
            }
        }

        Line(stream, $"end {Convert.ToHexStringLower(hash.GetCurrentHash())}", hash);
    }

    /// <exception cref="FormatException">The file is not what <see cref="Write"/> wrote; with the line.</exception>
    public static HostFlows Read(Stream stream)
    {
        using var text = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: false);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var number = 0;
        try
        {
            if (Next() != Magic)
            {
                throw new FormatException($"the file does not begin with '{Magic}'");
            }

            var host = Name.Parse(After(Next(), "host "));
            var revision = new Revision(Number(After(Next(), "revision "), long.MaxValue));
            var bridges = new List<BridgeFlows>();
            var sum = Convert.ToHexStringLower(hash.GetCurrentHash());
            string line;
            for (line = Next(); line.StartsWith("bridge ", StringComparison.Ordinal); line = Next())
            {
                bridges.Add(ReadBridge(line.Split(' '), Next));
                sum = Convert.ToHexStringLower(hash.GetCurrentHash());
            }

            if (After(line, "end ") != sum)
            {
                throw new FormatException("the check sum does not fit: the file was changed or damaged");
            }

            return text.ReadLine() is null ? new(host, revision, bridges.ToValueList()) : throw new FormatException("there is more after the end");
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new FormatException($"line {number}: {e.Message}", e);
        }

        string Next()
        {
            number++;
            var line = text.ReadLine() ?? throw new FormatException("the file ends here, before its 'end' line");
            hash.AppendData(Encoding.UTF8.GetBytes(line + '\n'));
            return line;
        }
    }

    private static BridgeFlows ReadBridge(string[] header, Func<string> next)
    {
        if (header.Length != 3)
        {
            throw new FormatException("a bridge has a name and a number of flows");
        }

        var count = (int)Number(header[2], int.MaxValue);
        var flows = new List<Flow>();
        for (var i = 0; i < count; i++)
        {
            flows.Add(FlowTextParser.Parse(next()));
        }

        return new(PortName.Parse(header[1]), FlowSet.Of(flows));
    }

    private static void Line(Stream stream, string line, IncrementalHash hash)
    {
        var bytes = Encoding.UTF8.GetBytes(line + '\n');
        hash.AppendData(bytes);
        stream.Write(bytes);
    }

    private static string After(string line, string prefix) =>
        line.StartsWith(prefix, StringComparison.Ordinal) ? line[prefix.Length..] : throw new FormatException($"'{prefix.TrimEnd()}' is expected, not '{(line.Length <= 80 ? line : line[..80] + "...")}'");

    private static long Number(string text, long max) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= max ? number : throw new FormatException($"'{text}' is not a number up to {max}");
}
