using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Osc.Agent.Desired;
using Osc.Bus;
using Osc.Model;

namespace Osc.Agent.Traffic;

/// <summary>
/// What the agent keeps on its disk of its counting, so that its next run goes on from there: what it has read of flows, and what it has counted
/// and the controller has not taken yet.
/// </summary>
/// <param name="Boot">The machine's run; readings of an earlier one mean nothing.</param>
/// <param name="Source">As in <see cref="TrafficReport"/>.</param>
/// <param name="Sequence">Of the last report that was made.</param>
/// <param name="Pending">The last report, if it is not known to be taken.</param>
internal sealed record KeptTraffic(string Boot, string Source, long Sequence, TrafficReport? Pending, IReadOnlyList<KeptFlow> Flows, IReadOnlyList<KeptHits> Hits)
{
    private const string BootFile = "/proc/sys/kernel/random/boot_id";

    public static string FileIn(string directory) => Path.Combine(directory, "traffic");

    /// <summary>Names this run of the machine.</summary>
    public static string ThisBoot() => File.Exists(BootFile) ? File.ReadAllText(BootFile).Trim() : "";

    /// <summary>Reads what is kept.</summary>
    /// <param name="problem">Why what is kept cannot be used; null also where nothing is kept.</param>
    public static KeptTraffic? Load(string directory, out string? problem)
    {
        problem = null;
        try
        {
            using var stream = File.OpenRead(FileIn(directory));
            var kept = JsonSerializer.Deserialize(stream, KeptTrafficJson.Default.KeptTraffic);
            problem = kept?.Fault();
            return problem is null ? kept : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            problem = e.Message;
            return null;
        }
    }

    /// <summary>What is wrong beyond its JSON shape; null if nothing is. A report that no controller would take would be sent for ever.</summary>
    private string? Fault() =>
        Flows.Any(f => f is not { IsReadable: true }) ? "a flow of it is none"
        : Hits.Any(h => h is not { Packets: <= long.MaxValue, Bytes: <= long.MaxValue }) ? "hits of it are none"
        : Pending is null ? null
        : BusJson.DecodeAgentMessage(BusJson.Encode(new AgentMessage { Host = "host", Traffic = Pending })).Error;

    /// <summary>Keeps it. On return it survives a crash and a power cut.</summary>
    /// <returns>null, or why the disk does not take it.</returns>
    public string? Save(string directory)
    {
        try
        {
            DurableFile.Replace(FileIn(directory), stream => JsonSerializer.Serialize(stream, this, KeptTrafficJson.Default.KeptTraffic));
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}

/// <summary>A <see cref="SeenFlow"/>; times in ticks.</summary>
internal sealed record KeptFlow(string Bridge, string Flow, ulong Cookie, long Age, long At, ulong Packets, ulong Bytes, long Revision)
{
    public static KeptFlow Of(FlowId id, SeenFlow seen) => new(
        id.Bridge.Value, id.Flow.ToString("x32", CultureInfo.InvariantCulture), id.Cookie, seen.Age.Ticks, seen.At.Ticks, seen.Packets, seen.Bytes, seen.Revision);

    [JsonIgnore]
    public bool IsReadable => PortName.TryParse(Bridge, out _) && UInt128.TryParse(Flow, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out _);

    public KeyValuePair<FlowId, SeenFlow> ToSeen() => KeyValuePair.Create(
        new FlowId(PortName.Parse(Bridge), UInt128.Parse(Flow, NumberStyles.HexNumber, CultureInfo.InvariantCulture), Cookie),
        new SeenFlow(TimeSpan.FromTicks(Age), TimeSpan.FromTicks(At), Packets, Bytes, Revision));
}

/// <summary>Hits that are in no report yet.</summary>
internal sealed record KeptHits(byte Table, uint? Rule, long Revision, bool IsLogged, ulong Packets, ulong Bytes);

[JsonSerializable(typeof(KeptTraffic))]
[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
internal sealed partial class KeptTrafficJson : JsonSerializerContext;
