using System.Numerics;
using Osc.Flows;
using Osc.Model;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Proof;

/// <summary>Some values of one field.</summary>
internal sealed class Constraint
{
    /// <summary>A mask with more free bits above its lowest fixed one than this has too many intervals to work with. The pipeline's have 7 at most.</summary>
    private const int MaxFreeBits = 12;

    private readonly FieldMatch match;
    private Interval<UInt128>[]? values;

    private Constraint(Field field, FieldMatch match, Interval<UInt128>[]? values)
    {
        Field = field;
        this.match = match;
        this.values = values;
    }

    public Field Field { get; }

    /// <summary>The values as intervals.</summary>
    public Interval<UInt128>[] Values => values ??= IntervalsOf(match.Value, match.Mask, Field.FullMask);

    public static Constraint Of(FieldMatch match) => new(match.Field, match, null);

    public static Constraint Is(Field field, UInt128 value) => In(field, [new(value, value)]);

    public static Constraint In(Field field, params Interval<UInt128>[] values) => new(field, default, Intervals.Normalize(values.ToList()));

    /// <summary>Every value of the field but these.</summary>
    public static Constraint Not(Field field, IEnumerable<UInt128> values) =>
        new(field, default, Intervals.Subtract<UInt128>([new(0, field.FullMask)], Intervals.Normalize(values.Select(v => new Interval<UInt128>(v, v)).ToList())));

    /// <summary>Whether a mask's values can be told as intervals. Registers and ct_state are looked at value by value and never need it.</summary>
    public static bool IsRegular(FieldMatch match) =>
        match.Field.Format == FieldFormat.CtState || RegisterNumber.Of(match.Field) is not null || IsRegular(match.Mask, match.Field.FullMask);

    /// <param name="full">The bits that count.</param>
    public static bool IsRegular(UInt128 mask, UInt128 full) => FreeBits(mask & full, full) <= MaxFreeBits;

    public bool Has(UInt128 value) => values is null ? match.Matches(value) : Intervals.Contains<UInt128>(values, value);

    /// <summary>The values of a value and mask, one interval for each setting of the free bits above the lowest fixed one.</summary>
    public static Interval<UInt128>[] IntervalsOf(UInt128 value, UInt128 mask, UInt128 full)
    {
        var low = mask == 0 ? full : (mask & (~mask + 1)) - 1;
        var free = ~mask & full & ~low;
        if (free == 0)
        {
            return [new(value, value | low)];
        }

        var found = new List<Interval<UInt128>>();
        var setting = UInt128.Zero;
        do
        {
            found.Add(new(value | setting, value | setting | low));
            setting = (setting - free) & free;
        }
        while (setting != 0);
        return Intervals.Normalize(found);
    }

    private static int FreeBits(UInt128 mask, UInt128 full)
    {
        var low = mask == 0 ? full : (mask & (~mask + 1)) - 1;
        var free = ~mask & full & ~low;
        return BitOperations.PopCount((ulong)free) + BitOperations.PopCount((ulong)(free >> 64));
    }
}

/// <summary>What a match of a field asks of other fields: without these the packet has no such field (ovs-fields(7), "Prereqs").</summary>
internal static class Prerequisites
{
    private const uint Tracked = 0x20;
    private const uint Invalid = 0x10;

    private static readonly Constraint IPv4 = Constraint.Is(Field.EthType, 0x0800);
    private static readonly Constraint IPv6 = Constraint.Is(Field.EthType, 0x86dd);
    private static readonly Constraint AnyIp = Constraint.In(Field.EthType, new(0x0800, 0x0800), new(0x86dd, 0x86dd));
    private static readonly Constraint Arp = Constraint.Is(Field.EthType, 0x0806);
    private static readonly Constraint Valid = Constraint.Of(new(Field.CtState, Tracked, Tracked | Invalid));
    private static readonly Constraint NoCode = Constraint.Is(Field.Icmpv6Code, 0);

    public static Constraint[] Of(Field field) => field.Name switch
    {
        "nw_src" or "nw_dst" => [IPv4],
        "ipv6_src" or "ipv6_dst" => [IPv6],
        "nw_proto" or "nw_ttl" => [AnyIp],
        "tcp_src" or "tcp_dst" => [AnyIp, Protocol(IpProtocol.Tcp)],
        "udp_src" or "udp_dst" => [AnyIp, Protocol(IpProtocol.Udp)],
        "sctp_src" or "sctp_dst" => [AnyIp, Protocol(IpProtocol.Sctp)],
        "icmp_type" or "icmp_code" => [IPv4, Protocol(IpProtocol.Icmp)],
        "icmpv6_type" or "icmpv6_code" => [IPv6, Protocol(IpProtocol.IcmpV6)],
        "nd_target" => [IPv6, Protocol(IpProtocol.IcmpV6), Constraint.In(Field.Icmpv6Type, new Interval<UInt128>(135, 136)), NoCode],
        "nd_sll" => [IPv6, Protocol(IpProtocol.IcmpV6), Constraint.Is(Field.Icmpv6Type, 135), NoCode],
        "nd_tll" => [IPv6, Protocol(IpProtocol.IcmpV6), Constraint.Is(Field.Icmpv6Type, 136), NoCode],
        "arp_op" or "arp_spa" or "arp_tpa" or "arp_sha" or "arp_tha" => [Arp],
        "ct_nw_src" or "ct_nw_dst" => [IPv4, Valid],
        "ct_ipv6_src" or "ct_ipv6_dst" => [IPv6, Valid],
        "ct_nw_proto" or "ct_tp_src" or "ct_tp_dst" => [AnyIp, Valid],
        _ => [],
    };

    private static Constraint Protocol(byte protocol) => Constraint.Is(Field.IpProto, protocol);
}
