using Osc.Store.Files;

namespace Osc.Store.Traffic;

/// <summary>A <see cref="ConnectionRecord"/> as the table has it.</summary>
internal sealed record ConnectionRow(
    long Id,
    long Time,
    string Host,
    string Rule,
    long Side,
    string Action,
    string Mode,
    string Source,
    string Destination,
    long Protocol,
    long? SourcePort,
    long? DestinationPort,
    long? IcmpType,
    long? IcmpCode,
    long Bytes)
{
    public const string Select = """
        select id as Id, time as Time, host as Host, rule as Rule, side as Side, action as Action, mode as Mode, source as Source, destination as Destination,
          protocol as Protocol, source_port as SourcePort, destination_port as DestinationPort, icmp_type as IcmpType, icmp_code as IcmpCode, bytes as Bytes
        """;

    /// <summary>For columns that are null, whose type SQLite cannot tell.</summary>
    public ConnectionRow()
        : this(0, 0, "", "", 0, "", "", "", "", 0, null, null, null, null, 0)
    {
    }

    public static ConnectionRow Of(ConnectionRecord record) => new(
        record.Id,
        StoredTime.From(record.Time),
        record.Host,
        record.Rule,
        (long)record.Side,
        record.Action,
        record.Mode,
        record.Source,
        record.Destination,
        record.Protocol,
        record.SourcePort,
        record.DestinationPort,
        record.IcmpType,
        record.IcmpCode,
        record.Bytes);

    public ConnectionRecord ToRecord() => new(
        Id,
        StoredTime.To(Time),
        Host,
        Rule,
        (Side)Side,
        Action,
        Mode,
        Source,
        Destination,
        (byte)Protocol,
        (int?)SourcePort,
        (int?)DestinationPort,
        (int?)IcmpType,
        (int?)IcmpCode,
        (int)Bytes);
}
