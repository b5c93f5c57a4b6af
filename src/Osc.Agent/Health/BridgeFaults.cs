using System.Globalization;
using Osc.Agent.Apply;
using Osc.Bus;
using Osc.Model.Health;
using Osc.Switch.Ovsdb;

namespace Osc.Agent.Health;

/// <summary>What is wrong with bridges that the host has flows for.</summary>
internal static class BridgeFaults
{
    /// <summary>What is wrong with one bridge, of a switch that is there.</summary>
    public static IEnumerable<Fault> Of(BridgeState bridge)
    {
        if (bridge.Seen is not { } seen)
        {
            yield return Of(AlarmKind.BridgeMissing, bridge, $"the switch has no bridge {bridge.Name}");
            yield break;
        }

        if (bridge is { IsConfirmed: false, Problem: { } problem })
        {
            yield return Of(bridge.IsRefused ? AlarmKind.FlowsRefused : AlarmKind.SwitchAway, bridge, problem);
        }

        if (seen.FailMode != "secure")
        {
            yield return Of(AlarmKind.BridgeNotSecure, bridge, $"bridge {bridge.Name} is not fail_mode=secure: while it has no flows it forwards everything");
        }

        if (seen.Controllers.Count > 0)
        {
            yield return Of(AlarmKind.OtherControl, bridge, $"bridge {bridge.Name} is under other control too: {string.Join(", ", seen.Controllers)} may change its flows");
        }

        if (bridge.Ahead is { } ahead)
        {
            yield return Of(AlarmKind.FlowsAhead, bridge, string.Create(CultureInfo.InvariantCulture,
                $"bridge {bridge.Name}: {ahead.Count} flows of others come before policy, the first in table {ahead.Table} with priority {ahead.Priority} (cookie 0x{ahead.Cookie:x}); what they match is theirs to decide"));
        }

        foreach (var hop in bridge.Hops)
        {
            var port = bridge.Claims?.Binding.Find(hop) is { } number ? seen.Ports.FirstOrDefault(p => p.OpenFlowPort == number) : null;
            if (port is not { IsLive: true })
            {
                yield return new(AlarmKind.HopDown.Name, $"{bridge.Name}/{hop}", $"port {hop} of bridge {bridge.Name}, which leads to an appliance or back, {WhyDown(port)}");
            }
        }

        foreach (var fault in bridge.Claims?.Faults ?? [])
        {
            yield return fault;
        }
    }

    /// <summary>A name that is one workload's, claimed on more than one bridge: flows find it on the bridge of its network only, but nobody can say which of them is the workload.</summary>
    public static IEnumerable<Fault> OnTwoBridges(IEnumerable<BridgeState> bridges) => bridges
        .SelectMany(b => (b.Claims?.Binding.Numbers.Keys ?? []).Select(name => (Name: name, Bridge: b.Name)))
        .GroupBy(claim => claim.Name, claim => claim.Bridge)
        .Where(claim => claim.Count() > 1)
        .OrderBy(claim => claim.Key)
        .Select(claim => new Fault(AlarmKind.NameOnTwoBridges.Name, claim.Key.Value, $"ports of the bridges {string.Join(", ", claim.Order())} claim the name {claim.Key}"));

    private static string WhyDown(SwitchPort? port) => port switch
    {
        null => "is not there",
        { LinkUp: false } => "has no link",
        _ => "has no answer through the appliance (BFD)",
    };

    private static Fault Of(AlarmKind kind, BridgeState bridge, string detail) => new(kind.Name, bridge.Name.Value, detail);
}
