using Osc.Model;

namespace Osc.Policy.Verify.Sets;

/// <summary>
/// An exact set of services: protocol above 16 bits that are the destination port, or for ICMP and ICMPv6 the type above the
/// code. Another protocol has no such number; it is in a set with all 65536 or with none. Equal sets are equal values.
/// </summary>
public sealed class ServiceSet : IEquatable<ServiceSet>
{
    public static readonly ServiceSet Empty = new([]);

    public static readonly ServiceSet All = new([new(0, 0xffffff)]);

    private const byte FirstNeighbourDiscovery = 133;
    private const byte LastNeighbourDiscovery = 137;

    /// <summary>Router and neighbour solicitations and advertisements, redirects: what passes or not before policy is asked.</summary>
    public static readonly ServiceSet NeighbourDiscovery = OfIcmpTypes(FirstNeighbourDiscovery, LastNeighbourDiscovery);

    private static readonly ServiceSet WithoutIcmpV6 = All.Subtract(OfProtocol(IpProtocol.IcmpV6)).Union(new([new((uint)IpProtocol.IcmpV6 << 16, (uint)IpProtocol.IcmpV6 << 16)]));

    private static readonly ServiceSet WithoutIcmp = All.Subtract(OfProtocol(IpProtocol.Icmp)).Union(new([new((uint)IpProtocol.Icmp << 16, (uint)IpProtocol.Icmp << 16)]));

    private readonly Interval<uint>[] ranges;

    private ServiceSet(Interval<uint>[] ranges) => this.ranges = ranges;

    public bool IsEmpty => ranges.Length == 0;

    /// <summary>Intervals of protocol &lt;&lt; 16 | number; ascending, neither overlapping nor touching.</summary>
    public ReadOnlySpan<Interval<uint>> Ranges => ranges;

    /// <summary>The lowest service of the set, as protocol &lt;&lt; 16 | number.</summary>
    /// <exception cref="InvalidOperationException">The set is empty.</exception>
    public uint Sample => IsEmpty ? throw new InvalidOperationException("an empty set has no service") : ranges[0].First;

    public static ServiceSet OfProtocol(byte protocol) => new([new((uint)protocol << 16, ((uint)protocol << 16) | 0xffff)]);

    public static ServiceSet Of(ServicePort port)
    {
        if (port.Protocol is not { } protocol)
        {
            return All;
        }

        var (first, last) = (protocol, port) switch
        {
            _ when IpProtocol.HasPorts(protocol) => (port.Ports.First, port.Ports.Last),
            (_, { IcmpType: { } type, IcmpCode: { } code }) => ((ushort)((type << 8) | code), (ushort)((type << 8) | code)),
            (_, { IcmpType: { } type }) => ((ushort)(type << 8), (ushort)((type << 8) | 0xff)),
            _ => ((ushort)0, ushort.MaxValue),
        };
        return new([new(((uint)protocol << 16) | first, ((uint)protocol << 16) | last)]);
    }

    /// <summary>The union of what these name; nothing named is nothing.</summary>
    public static ServiceSet Of(IEnumerable<ServicePort> ports) => UnionOf(ports.Select(Of));

    public static ServiceSet UnionOf(IEnumerable<ServiceSet> sets) => new(Intervals.Normalize(sets.SelectMany(s => s.ranges).ToList()));

    /// <summary>What packets of a family can be: ICMPv6 has no types in IPv4, nor ICMP in IPv6.</summary>
    public static ServiceSet RealIn(IpFamily family) => family == IpFamily.IPv4 ? WithoutIcmpV6 : WithoutIcmp;

    /// <summary>The services whose key agrees with a value on the bits of a mask; one of another protocol has the number 0.</summary>
    public static ServiceSet OfMask(uint value, uint mask)
    {
        var found = new List<Interval<uint>>();
        for (var protocol = 0u; protocol <= byte.MaxValue; protocol++)
        {
            if ((((protocol << 16) ^ value) & mask & ~0xffffu) != 0)
            {
                continue;
            }

            var wanted = value & 0xffff;
            if (!IpProtocol.HasPorts((byte)protocol) && !IpProtocol.HasIcmpType((byte)protocol))
            {
                if ((wanted & mask) == 0)
                {
                    found.Add(new(protocol << 16, (protocol << 16) | 0xffff));
                }

                continue;
            }

            AddNumbers(found, protocol << 16, wanted, mask & 0xffff);
        }

        return new(Intervals.Normalize(found));
    }

    public bool Contains(byte protocol, ushort number) => Intervals.Contains(ranges, ((uint)protocol << 16) | number);

    public bool Overlaps(ServiceSet other) => Intervals.Overlap<uint>(ranges, other.ranges);

    public ServiceSet Union(ServiceSet other) => other.IsEmpty ? this : IsEmpty ? other : new(Intervals.Union<uint>(ranges, other.ranges));

    public ServiceSet Intersect(ServiceSet other) =>
        ReferenceEquals(other, All) ? this : ReferenceEquals(this, All) ? other : new(Intervals.Intersect<uint>(ranges, other.ranges));

    public ServiceSet Subtract(ServiceSet other) => other.IsEmpty ? this : ReferenceEquals(other, All) ? Empty : new(Intervals.Subtract<uint>(ranges, other.ranges));

    /// <summary>A connection to the set's lowest service.</summary>
    public Connection SampleConnection(QualifiedName vrf, IpAddress source, IpAddress destination) => ConnectionTo(vrf, source, destination, Sample);

    /// <summary>A connection to a service.</summary>
    /// <param name="service">protocol &lt;&lt; 16 | number; the number of another protocol does not matter.</param>
    public static Connection ConnectionTo(QualifiedName vrf, IpAddress source, IpAddress destination, uint service)
    {
        var protocol = (byte)(service >> 16);
        var number = (ushort)service;
        return IpProtocol.HasIcmpType(protocol)
            ? new(vrf, source, destination, protocol, 0, (byte)(number >> 8), (byte)number)
            : new(vrf, source, destination, protocol, IpProtocol.HasPorts(protocol) ? number : (ushort)0);
    }

    /// <summary>The set as port specifications: "any", or one for each protocol, port range, ICMP type or type and code.</summary>
    public IEnumerable<ServicePort> Ports()
    {
        if (Equals(All))
        {
            return [ServicePort.Any];
        }

        return ranges.SelectMany(r => Enumerable.Range((int)(r.First >> 16), (int)((r.Last >> 16) - (r.First >> 16)) + 1).SelectMany(p => PortsOf(
            (byte)p,
            (ushort)(uint.Max(r.First, (uint)p << 16) & 0xffff),
            (ushort)(uint.Min(r.Last, ((uint)p << 16) | 0xffff) & 0xffff))));
    }

    public bool Equals(ServiceSet? other) => other is not null && ranges.AsSpan().SequenceEqual(other.ranges);

    public override bool Equals(object? obj) => Equals(obj as ServiceSet);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var range in ranges)
        {
            hash.Add(range);
        }

        return hash.ToHashCode();
    }

    /// <summary>The port specifications; where more than a few, "any but" what is not in the set if that is shorter, and not more than some.</summary>
    public override string ToString()
    {
        const int Many = 8;
        var ports = Ports().Take(Many + 1).ToArray();
        if (ports.Length <= Many)
        {
            return string.Join(", ", ports);
        }

        var rest = All.Subtract(this).Ports().Take(Many + 1).ToArray();
        return rest.Length <= Many ? "any but " + string.Join(", ", rest) : string.Join(", ", ports.Take(Many)) + ", ...";
    }

    private static ServiceSet OfIcmpTypes(byte first, byte last) =>
        new([new(((uint)IpProtocol.IcmpV6 << 16) | ((uint)first << 8), ((uint)IpProtocol.IcmpV6 << 16) | ((uint)last << 8) | 0xff)]);

    /// <summary>The numbers that agree with a value on a mask: an interval for each setting of the free bits above the lowest fixed one.</summary>
    private static void AddNumbers(List<Interval<uint>> found, uint protocol, uint value, uint mask)
    {
        var low = mask == 0 ? 0xffffu : (mask & (~mask + 1)) - 1;
        var free = ~mask & 0xffff & ~low;
        var setting = 0u;
        do
        {
            var first = protocol | (value & mask) | setting;
            found.Add(new(first, first | low));
            setting = (setting - free) & free;
        }
        while (setting != 0);
    }

    private static IEnumerable<ServicePort> PortsOf(byte protocol, ushort first, ushort last)
    {
        if (IpProtocol.HasPorts(protocol))
        {
            return [ServicePort.OfPorts(protocol, new(first, last))];
        }

        if (!IpProtocol.HasIcmpType(protocol) || (first == 0 && last == ushort.MaxValue))
        {
            return [ServicePort.OfProtocol(protocol)];
        }

        return Enumerable.Range(first >> 8, (last >> 8) - (first >> 8) + 1).SelectMany(type =>
        {
            var (from, to) = (Math.Max(first, type << 8) & 0xff, Math.Min(last, (type << 8) | 0xff) & 0xff);
            return from == 0 && to == byte.MaxValue
                ? [ServicePort.OfIcmp(protocol, (byte)type)]
                : Enumerable.Range(from, to - from + 1).Select(code => ServicePort.OfIcmp(protocol, (byte)type, (byte)code));
        });
    }
}
