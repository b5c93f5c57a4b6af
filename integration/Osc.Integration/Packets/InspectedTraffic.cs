using Osc.Lab;
using Osc.Lab.Probes;
using Osc.Model;
using Xunit;

namespace Osc.Integration.Packets;

/// <summary>What is sent where connections are inspected, and how what is counted is waited for.</summary>
internal static class InspectedTraffic
{
    /// <summary>A UDP port that a rule inspects.</summary>
    public const ushort Inspected = 7_000;

    /// <summary>A UDP port that nothing allows.</summary>
    public const ushort Forbidden = 7_001;

    /// <summary>A TCP port that a rule inspects, where what is said comes back.</summary>
    public const ushort Echoed = 5_432;

    /// <summary>Both UDP ports, over IPv4 and IPv6.</summary>
    public static ProbedPair[] Pairs(Station client, Station server) =>
    [
        .. from family in new[] { IpFamily.IPv4, IpFamily.IPv6 }
           from port in new[] { Inspected, Forbidden }
           select new ProbedPair(client, server, new(client.Placed.Vrf, AddressOf(client, family), AddressOf(server, family), IpProtocol.Udp, port), port == Inspected),
    ];

    public static IpAddress AddressOf(Station station, IpFamily family) => station.Addresses.First(a => a.Family == family);

    /// <summary>Waits for what nobody announces.</summary>
    /// <param name="what">What is wrong if it never holds.</param>
    public static async Task HoldsAsync(Func<Task<bool>> holds, TimeSpan patience, string what)
    {
        for (var until = DateTime.UtcNow + patience; !await holds();)
        {
            Assert.True(DateTime.UtcNow < until, what);
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }
}
