using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Osc.Flows;
using Osc.Model;

namespace Osc.Agent.Desired;

/// <summary>What a file of changes comes to.</summary>
/// <param name="Flows">The flows after all whole changes.</param>
/// <param name="Length">How many bytes of the file are good: what follows was being written when the machine stopped, and is to be written over.</param>
internal readonly record struct ChangedFlows(HostFlows Flows, long Length);

/// <summary>
/// Changes of the desired state since it was written whole, one after another in a file that only grows:
/// <code>
/// osc-changes 1 REVISION DIGEST          what they begin with: the whole file's revision and flows
/// change REVISION DIGEST                 what this one leads to
/// bridge NAME REMOVED ADDED              then that many flows that go, and that many that come, a line each; for every bridge that changes
/// end SHA256                             of this change's lines before
/// </code>
/// A change counts once its "end" line is there and right. One that is not can only be the last, unless the file was damaged.
/// </summary>
internal static class ChangesText
{
    private const string Magic = "osc-changes 1";
    private const string Begin = "change ";
    private const string End = "end ";

    public static byte[] Header(HostFlows from) => Encoding.UTF8.GetBytes($"{Magic} {from.Revision} {from.Digest}\n");

    /// <param name="to">The flows that the delta leads to.</param>
    public static byte[] Write(HostFlows to, FlowDelta delta)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Begin}{to.Revision} {to.Digest}\n");
        foreach (var bridge in delta.Bridges)
        {
            text.Append(CultureInfo.InvariantCulture, $"bridge {bridge.Bridge} {bridge.Remove.Count} {bridge.Add.Count}\n");
            foreach (var flow in bridge.Remove.Concat(bridge.Add))
            {
                text.Append(FlowText.Print(flow)).Append('\n');
            }
        }

        var lines = text.ToString();
        return Encoding.UTF8.GetBytes($"{lines}{End}{HashOf(Encoding.UTF8.GetBytes(lines))}\n");
    }

    /// <param name="whole">What the whole file holds.</param>
    /// <returns>null: the changes belong to another whole file, which this one has replaced.</returns>
    /// <exception cref="FormatException">A change that was written to its end is damaged, or does not fit.</exception>
    public static ChangedFlows? Read(ReadOnlySpan<byte> bytes, HostFlows whole)
    {
        var header = Header(whole);
        if (!bytes.StartsWith(header))
        {
            return null;
        }

        var (flows, length) = (whole, header.Length);
        while (WholeChange(bytes[length..]) is > 0 and var end)
        {
            flows = Apply(flows, Encoding.UTF8.GetString(bytes.Slice(length, end)).Split('\n'));
            length += end;
        }

        // A change that was cut off has none behind it.
        return bytes[length..].IndexOf("\nchange "u8) < 0 ? new(flows, length) : throw new FormatException($"the change at byte {length} is damaged");
    }

    /// <returns>How many bytes the first change has; 0 if it is not whole.</returns>
    private static int WholeChange(ReadOnlySpan<byte> bytes)
    {
        var lines = bytes.IndexOf("\nend "u8) + 1;
        var line = lines == 0 ? -1 : bytes[lines..].IndexOf((byte)'\n');
        return line >= 0 && bytes[lines..(lines + line)].SequenceEqual(Encoding.UTF8.GetBytes(End + HashOf(bytes[..lines]))) ? lines + line + 1 : 0;
    }

    /// <param name="lines">The change's, each without its line feed.</param>
    private static HostFlows Apply(HostFlows flows, string[] lines)
    {
        try
        {
            var head = lines[0].Split(' ');
            var bridges = flows.Bridges.ToDictionary(b => b.Bridge);
            for (var i = 1; lines[i].Split(' ') is ["bridge", var name, var removed, var added];)
            {
                var middle = i + 1 + int.Parse(removed, CultureInfo.InvariantCulture);
                var end = middle + int.Parse(added, CultureInfo.InvariantCulture);
                var bridge = PortName.Parse(name);
                bridges[bridge] = new(bridge, bridges[bridge].Flows.With(lines[(i + 1)..middle].Select(FlowTextParser.Parse), lines[middle..end].Select(FlowTextParser.Parse)));
                i = end;
            }

            var result = new HostFlows(flows.Host, new(long.Parse(head[1], CultureInfo.InvariantCulture)), flows.Bridges.Select(b => bridges[b.Bridge]).ToValueList());
            return result.Digest.ToString() == head[2] ? result : throw new FormatException($"the flows add up to {result.Digest}, not to {head[2]}");
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException or KeyNotFoundException or OverflowException or IndexOutOfRangeException)
        {
            throw new FormatException($"a change does not fit what it changes: {e.Message}", e);
        }
    }

    private static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
