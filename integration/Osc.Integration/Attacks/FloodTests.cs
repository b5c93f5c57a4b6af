using System.Globalization;
using Osc.Lab.Frames;
using Osc.Lab.Probes;
using Osc.Model;
using Xunit;

namespace Osc.Integration.Attacks;

/// <summary>A workload that opens connections as fast as it can: others lose nothing, and the switch's memory has an end.</summary>
public sealed class FloodTests(AttackLab lab) : IClassFixture<AttackLab>
{
    private const int Rounds = 200;
    private const int RoundFrames = 250;
    private const int ProbesPerSecond = 1000;
    private const ushort NameServer = 53;

    /// <summary>Of ovs-vswitchd, where 50,000 new connections were tried on one bridge of some 200 flows.</summary>
    private const int MaxResidentMegabytes = 300;

    [Theory]
    [InlineData("permitted", IpProtocol.Udp)]
    [InlineData("forbidden", IpProtocol.Udp)]
    [InlineData("forbidden", IpProtocol.Tcp)]
    public async Task Others_lose_nothing_while_a_workload_floods_its_switch_with_new_connections(string kind, byte protocol)
    {
        var core = lab.Lab.Stations.Single(s => s.Name == "platform/core-1");
        var web = lab.Lab.Stations.Single(s => s.Name == "shop/web-2");
        await using var server = Responder.Start(core, [(IpProtocol.Udp, NameServer)]);
        await using var stream = SteadyStream.Start(web, new(web.Placed.Vrf, web.Addresses.First(a => a.IsIPv4), core.Addresses.First(a => a.IsIPv4), IpProtocol.Udp, NameServer), ProbesPerSecond);

        var scene = lab.SceneOf("shop/legacy-1");
        var number = 0;
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < RoundFrames; i++, number++)
            {
                lab.Send("shop/legacy-1", New(scene, kind == "permitted", protocol, number));
            }

            // The flood is as fast as the switch takes it: what one round began is worked off before the next.
            await lab.DrainAsync("shop/legacy-1", "shop/web-2");
        }

        var report = await stream.StopAsync();
        Assert.True(report.Lost == 0, report.ToString());
        Assert.True(report.Sent > 0);
        Assert.InRange(ResidentMegabytes(web.Host.DaemonProcessId), 1, MaxResidentMegabytes);
    }

    /// <summary>A packet of a connection that no packet before it belonged to.</summary>
    private static byte[] New(AttackScene scene, bool permitted, byte protocol, int number)
    {
        var from = (ushort)(1024 + number % 60_000);
        var port = permitted ? AttackScene.Permitted : (ushort)(6000 + number / 2 % 50_000);
        var family = number % 2 == 0 ? IpFamily.IPv4 : IpFamily.IPv6;
        return protocol == IpProtocol.Udp ? scene.Udp(scene.Near, family, port, from) : scene.Tcp(scene.Near, family, port, TcpBits.Syn, from);
    }

    private static int ResidentMegabytes(int? process)
    {
        var status = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status"));
        return int.Parse(status.Single(l => l.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
