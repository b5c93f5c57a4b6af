using Osc.Flows.Pipeline;
using Osc.Model;

namespace Osc.Policy.Compile;

/// <summary>Port specifications as the fewest masked matches on the service key.</summary>
internal static class ServiceMasks
{
    /// <returns>null: every service.</returns>
    public static IReadOnlyList<(uint Value, uint Mask)>? Of(IEnumerable<ServicePort> services)
    {
        var ports = services.ToArray();
        if (ports is [{ Protocol: { } protocol } only] && IpProtocol.HasPorts(protocol))
        {
            return [.. Blocks((only.Ports.First, only.Ports.Last)).Select(b => (ServiceKey.OfPort(protocol, b.Value), ServiceKey.ProtocolMask | b.Mask))]; // as most are
        }

        return ports.Length == 0 || ports.Any(p => p.Protocol is null) ? null : [.. ports.GroupBy(p => p.Protocol!.Value).OrderBy(g => g.Key).SelectMany(OfProtocol)]; // null was sorted out
    }

    private static IEnumerable<(uint Value, uint Mask)> OfProtocol(IGrouping<byte, ServicePort> ports)
    {
        var protocol = ports.Key;
        if (IpProtocol.HasPorts(protocol))
        {
            return Merge(ports.Select(p => p.Ports)).SelectMany(Blocks).Select(b => (ServiceKey.OfPort(protocol, b.Value), ServiceKey.ProtocolMask | b.Mask));
        }

        if (ports.Any(p => p.IcmpType is null))
        {
            return [(ServiceKey.OfPort(protocol, 0), ServiceKey.ProtocolMask)];
        }

        return ports.GroupBy(p => p.IcmpType!.Value) // a missing type was sorted out
            .OrderBy(g => g.Key)
            .SelectMany(type => type.Any(p => p.IcmpCode is null)
                ? [(ServiceKey.OfIcmp(protocol, type.Key, 0), ServiceKey.TypeMask)]
                : type.Select(p => p.IcmpCode ?? 0).Distinct().Order().Select(code => (ServiceKey.OfIcmp(protocol, type.Key, code), ServiceKey.FullMask)));
    }

    /// <summary>Overlapping and adjacent ranges made one.</summary>
    private static IEnumerable<(int First, int Last)> Merge(IEnumerable<PortRange> ranges)
    {
        (int First, int Last)? open = null;
        foreach (var range in ranges.Order())
        {
            if (open is { } last && range.First <= last.Last + 1)
            {
                open = (last.First, Math.Max(last.Last, range.Last));
                continue;
            }

            if (open is { } done)
            {
                yield return done;
            }

            open = (range.First, range.Last);
        }

        if (open is { } rest)
        {
            yield return rest;
        }
    }

    /// <summary>A range as aligned blocks, the largest that fit one after the other: no fewer blocks make it.</summary>
    private static IEnumerable<(ushort Value, ushort Mask)> Blocks((int First, int Last) range)
    {
        for (var next = range.First; next <= range.Last;)
        {
            var size = next == 0 ? 1 << 16 : next & -next;
            while (next + size - 1 > range.Last)
            {
                size >>= 1;
            }

            yield return ((ushort)next, (ushort)~(size - 1));
            next += size;
        }
    }
}
