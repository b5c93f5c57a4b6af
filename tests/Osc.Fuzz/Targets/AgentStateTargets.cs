using System.Security.Cryptography;
using System.Text;
using Osc.Agent.Desired;
using Osc.Agent.Traffic;
using Osc.Bus;
using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Fuzz.Engine;

namespace Osc.Fuzz.Targets;

/// <summary>What an agent keeps on its disk, as a disk may give it back.</summary>
internal static class AgentStateTargets
{
    private static readonly HostFlows Whole = BusTargets.FlowsOf(7, FlowTargets.Lines().Take(12));

    private static readonly string Folder = Scratch.NewFolder();

    public static IReadOnlyList<FuzzTarget> List { get; } =
    [
        new() { Name = "agent-desired", Seeds = () => [Written(Whole), Written(BusTargets.FlowsOf(1, []))], Run = ReadDesired, Mend = input => Sealed(input, 0), MaxBytes = 6 * 1024 },
        new() { Name = "agent-changes", Seeds = () => [Changes()], Run = ReadChanges, Mend = input => Sealed(input, input.AsSpan().IndexOf((byte)'\n') + 1), MaxBytes = 6 * 1024 },
        new() { Name = "agent-traffic", Seeds = () => [Encoding.UTF8.GetBytes(Traffic.Replace("$TABLE", PipelineTable.All[0].Name, StringComparison.Ordinal))], Run = ReadTraffic, MaxBytes = 4 * 1024 },
    ];

    private const string Traffic =
        """
        {"Boot":"b","Source":"s","Sequence":3,
        "Pending":{"Source":"s","Sequence":3,"Time":"2026-01-02T03:04:05Z","Rules":[{"Rule":1,"Revision":2,"Side":"out","Logged":true,"Packets":3,"Bytes":4}],"Drops":[{"Table":"$TABLE","Packets":1,"Bytes":2}],"Connections":[]},
        "Flows":[{"Bridge":"br-int","Flow":"000102030405060708090a0b0c0d0e0f","Cookie":7,"Age":1,"At":2,"Packets":3,"Bytes":4,"Revision":5}],
        "Hits":[{"Table":20,"Rule":1,"Revision":2,"IsLogged":false,"Packets":3,"Bytes":4}]}
        """;

    private static byte[] Written(HostFlows flows)
    {
        using var stream = new MemoryStream();
        DesiredText.Write(stream, flows);
        return stream.ToArray();
    }

    private static byte[] Changes()
    {
        var second = BusTargets.FlowsOf(8, FlowTargets.Lines().Skip(4).Take(12));
        var third = BusTargets.FlowsOf(9, FlowTargets.Lines().Skip(6).Take(8));
        return [.. ChangesText.Header(Whole), .. ChangesText.Write(second, FlowDelta.Between(Whole, second)), .. ChangesText.Write(third, FlowDelta.Between(second, third))];
    }

    /// <summary>The check sum of the last "end" line made right, so that what stands before it counts.</summary>
    private static byte[] Sealed(byte[] input, int start)
    {
        var end = input.AsSpan().LastIndexOf("\nend "u8) + 1;
        return end <= start ? input : [.. input.AsSpan(0, end), .. Encoding.ASCII.GetBytes($"end {Convert.ToHexStringLower(SHA256.HashData(input.AsSpan(start, end - start)))}\n")];
    }

    private static string ReadDesired(byte[] input)
    {
        try
        {
            var flows = DesiredText.Read(new MemoryStream(input));
            var again = DesiredText.Read(new MemoryStream(Written(flows)));
            Oracle.Holds(again.Digest.Equals(flows.Digest) && again.Revision == flows.Revision && again.Host == flows.Host, "what was written is the same");
            return $"{Math.Min(flows.Count, 9)} flows on {flows.Bridges.Count} bridges";
        }
        catch (FormatException e)
        {
            Oracle.Holds(e.Message.StartsWith("line ", StringComparison.Ordinal), "an error has a place");
            return Shape.Of(e.Message);
        }
    }

    private static string ReadChanges(byte[] input)
    {
        try
        {
            return ChangesText.Read(input, Whole) is { } changed ? $"revision {changed.Flows.Revision}, {changed.Length == input.Length}" : "of another file";
        }
        catch (FormatException e)
        {
            return Shape.Of(e.Message);
        }
    }

    private static string ReadTraffic(byte[] input)
    {
        File.WriteAllBytes(KeptTraffic.FileIn(Folder), input);
        if (KeptTraffic.Load(Folder, out var problem) is not { } kept)
        {
            return Shape.Of(problem ?? "nothing");
        }

        var counter = new HitCounter(new RevisionTimes(0), TimeSpan.Zero);
        counter.Remember(kept.Flows.Select(f => f.ToSeen()), kept.Hits.Select(h => KeyValuePair.Create(new HitKey(h.Table, h.Rule, h.Revision, h.IsLogged), new Hits(h.Packets, h.Bytes))));
        var message = kept.Pending is null ? null : BusJson.Encode(new AgentMessage { Host = "h1", Traffic = kept.Pending });
        Oracle.Holds(message is null || BusJson.DecodeAgentMessage(message).Error is null, "what is kept can be sent");
        return $"{counter.Flows.Count} flows, {message is null}";
    }
}
