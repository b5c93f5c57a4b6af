using Osc.Flows.Pipeline;
using Osc.Model;

namespace Osc.Bus;

/// <summary>What a report of traffic must be beyond its JSON shape; as <see cref="MessageRules"/>.</summary>
internal static class TrafficRules
{
    private const int MaxSource = 64;

    public static string? Check(TrafficReport? report) => report is null ? null
        : report.Source.Length is < 1 or > MaxSource ? $"traffic.source: 1 to {MaxSource} characters"
        : report.Sequence < 1 ? "traffic.sequence: below 1"
        : report.Rules.Count > BusProtocol.MaxRulesInReport ? $"traffic.rules: {report.Rules.Count} are more than {BusProtocol.MaxRulesInReport}"
        : report.Drops.Count > PipelineTable.All.Count ? $"traffic.drops: {report.Drops.Count} are more than there are tables"
        : report.Connections.Count > BusProtocol.MaxConnectionsInReport ? $"traffic.connections: {report.Connections.Count} are more than {BusProtocol.MaxConnectionsInReport}"
        : First("traffic.rules", report.Rules, hits => hits.Packets < 0 || hits.Bytes < 0 ? "below 0" : null)
            ?? First("traffic.drops", report.Drops, drops => PipelineTable.All.All(t => t.Name != drops.Table) ? "no table of the pipeline" : drops.Packets < 0 || drops.Bytes < 0 ? "below 0" : null)
            ?? First("traffic.connections", report.Connections, Check);

    private static string? Check(LoggedConnection connection) =>
        !IpAddress.TryParse(connection.Source, out var source) ? "source: no address"
        : !IpAddress.TryParse(connection.Destination, out var destination) ? "destination: no address"
        : source.Family != destination.Family ? "addresses of two families"
        : IsOutside(connection.SourcePort, ushort.MaxValue) || IsOutside(connection.DestinationPort, ushort.MaxValue) ? "a port is 0 to 65535"
        : IsOutside(connection.IcmpType, byte.MaxValue) || IsOutside(connection.IcmpCode, byte.MaxValue) ? "an ICMP type or code is 0 to 255"
        : connection.Bytes < 0 ? "bytes: below 0" : null;

    private static bool IsOutside(int? number, int max) => number < 0 || number > max;

    private static string? First<T>(string path, IReadOnlyList<T?> items, Func<T, string?> check)
        where T : class
    {
        for (var i = 0; i < items.Count; i++)
        {
            if ((items[i] is { } item ? check(item) : "null") is { } error)
            {
                return $"{path}[{i}]: {error}";
            }
        }

        return null;
    }
}
