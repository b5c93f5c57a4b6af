using System.Globalization;

namespace Osc.Model;

/// <summary>IP protocol numbers that have a name or ports here (IANA, protocol-numbers).</summary>
public static class IpProtocol
{
    public const byte Icmp = 1;
    public const byte Tcp = 6;
    public const byte Udp = 17;
    public const byte IcmpV6 = 58;
    public const byte Sctp = 132;

    public static bool HasPorts(byte protocol) => protocol is Tcp or Udp or Sctp;

    public static bool HasIcmpType(byte protocol) => protocol is Icmp or IcmpV6;

    /// <summary>Reads "tcp", "udp", "sctp", "icmp" or "icmpv6".</summary>
    public static bool TryParseName(string text, out byte protocol)
    {
        (var known, protocol) = text switch
        {
            "tcp" => (true, Tcp),
            "udp" => (true, Udp),
            "sctp" => (true, Sctp),
            "icmp" => (true, Icmp),
            "icmpv6" => (true, IcmpV6),
            _ => (false, (byte)0),
        };
        return known;
    }

    /// <summary>The protocol's name, or its number in decimal.</summary>
    public static string NameOf(byte protocol) => protocol switch
    {
        Tcp => "tcp",
        Udp => "udp",
        Sctp => "sctp",
        Icmp => "icmp",
        IcmpV6 => "icmpv6",
        _ => protocol.ToString(CultureInfo.InvariantCulture),
    };
}

/// <summary>An inclusive range of ports.</summary>
public readonly record struct PortRange : IComparable<PortRange>
{
    public static readonly PortRange All = new(0, ushort.MaxValue);

    /// <exception cref="ArgumentException">The range is empty.</exception>
    public PortRange(ushort first, ushort last)
    {
        if (first > last)
        {
            throw new ArgumentException($"the range {first}-{last} is empty");
        }

        First = first;
        Last = last;
    }

    public ushort First { get; }

    public ushort Last { get; }

    public bool Contains(ushort port) => port >= First && port <= Last;

    public int CompareTo(PortRange other)
    {
        var byFirst = First.CompareTo(other.First);
        return byFirst != 0 ? byFirst : Last.CompareTo(other.Last);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First}{(First == Last ? "" : $"-{Last}")}");
}

/// <summary>
/// What a connection is to: "any"; a protocol ("tcp", "proto/47"); ports of TCP, UDP or SCTP ("tcp/5432", "udp/6000-6100");
/// an ICMP or ICMPv6 type, with or without its code ("icmp/8", "icmp/3/4", "icmpv6/128").
/// </summary>
public readonly record struct ServicePort
{
    /// <summary>What a port specification may look like, for error texts.</summary>
    public const string Allowed =
        "any, tcp[/port[-port]], udp[/port[-port]], sctp[/port[-port]], icmp[/type[/code]], icmpv6[/type[/code]], proto/0-255; ports are 0-65535";

    private ServicePort(byte? protocol, PortRange ports, byte? icmpType, byte? icmpCode)
    {
        Protocol = protocol;
        Ports = ports;
        IcmpType = icmpType;
        IcmpCode = icmpCode;
    }

    public static ServicePort Any => default;

    /// <summary>The IP protocol; null is any.</summary>
    public byte? Protocol { get; }

    /// <summary>Destination ports; meaningful for TCP, UDP and SCTP, and <see cref="PortRange.All"/> where none are named.</summary>
    public PortRange Ports { get; }

    /// <summary>null is every type.</summary>
    public byte? IcmpType { get; }

    /// <summary>null is every code.</summary>
    public byte? IcmpCode { get; }

    public static ServicePort OfProtocol(byte protocol) => new(protocol, PortRange.All, null, null);

    /// <exception cref="ArgumentException">The protocol has no ports.</exception>
    public static ServicePort OfPorts(byte protocol, PortRange ports) =>
        IpProtocol.HasPorts(protocol) ? new(protocol, ports, null, null) : throw new ArgumentException($"protocol {protocol} has no ports");

    /// <exception cref="ArgumentException">The protocol is neither ICMP nor ICMPv6.</exception>
    public static ServicePort OfIcmp(byte protocol, byte type, byte? code = null) =>
        IpProtocol.HasIcmpType(protocol) ? new(protocol, PortRange.All, type, code) : throw new ArgumentException($"protocol {protocol} has no ICMP types");

    /// <summary>Whether the first part of "first/rest" is a protocol word, so that the text is a port specification and no service's name.</summary>
    public static bool IsReservedWord(string word) => word is "any" or "proto" || IpProtocol.TryParseName(word, out _);

    public static bool TryParse(string? text, out ServicePort port)
    {
        port = default;
        if (text is null)
        {
            return false;
        }

        var parts = text.Split('/');
        if (parts is ["any"])
        {
            return true;
        }

        if (parts is ["proto", var number] && TryParseByte(number, out var other))
        {
            port = OfProtocol(other);
            return true;
        }

        if (!IpProtocol.TryParseName(parts[0], out var protocol))
        {
            return false;
        }

        if (parts.Length == 1)
        {
            port = OfProtocol(protocol);
            return true;
        }

        if (IpProtocol.HasPorts(protocol))
        {
            var parsed = TryParsePorts(parts[1], out var ports);
            port = parsed ? OfPorts(protocol, ports) : default;
            return parsed && parts.Length == 2;
        }

        byte code = 0;
        if (!TryParseByte(parts[1], out var type) || parts.Length > 3 || (parts.Length == 3 && !TryParseByte(parts[2], out code)))
        {
            return false;
        }

        port = OfIcmp(protocol, type, parts.Length == 3 ? code : null);
        return true;
    }

    /// <exception cref="FormatException">The text is no port specification.</exception>
    public static ServicePort Parse(string text) => TryParse(text, out var port) ? port : throw new FormatException($"'{text}' is not a port specification: {Allowed}");

    public bool Matches(Connection connection)
    {
        if (Protocol is not { } protocol)
        {
            return true;
        }

        if (connection.Protocol != protocol)
        {
            return false;
        }

        if (IpProtocol.HasPorts(protocol))
        {
            return Ports.Contains(connection.DestinationPort);
        }

        return (IcmpType is null || IcmpType == connection.IcmpType) && (IcmpCode is null || IcmpCode == connection.IcmpCode);
    }

    /// <summary>The canonical text; parsing it gives an equal value.</summary>
    public override string ToString()
    {
        if (Protocol is not { } protocol)
        {
            return "any";
        }

        var named = IpProtocol.HasPorts(protocol) || IpProtocol.HasIcmpType(protocol);
        var name = named ? IpProtocol.NameOf(protocol) : "proto/" + IpProtocol.NameOf(protocol);
        if (IpProtocol.HasPorts(protocol) && Ports != PortRange.All)
        {
            return $"{name}/{Ports}";
        }

        return IcmpType is { } type ? string.Create(CultureInfo.InvariantCulture, $"{name}/{type}{(IcmpCode is { } code ? $"/{code}" : "")}") : name;
    }

    private static bool TryParsePorts(string text, out PortRange ports)
    {
        ports = default;
        var dash = text.IndexOf('-');
        if (!TryParsePort(dash < 0 ? text : text[..dash], out var first))
        {
            return false;
        }

        var last = first;
        if ((dash >= 0 && !TryParsePort(text[(dash + 1)..], out last)) || first > last)
        {
            return false;
        }

        ports = new(first, last);
        return true;
    }

    private static bool TryParsePort(string text, out ushort port) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port);

    private static bool TryParseByte(string text, out byte value) => byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
