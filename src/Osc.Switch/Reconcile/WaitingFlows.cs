using Osc.Flows;
using Osc.Model;
using Osc.Switch.OpenFlow;

namespace Osc.Switch.Reconcile;

/// <summary>
/// Keeps count of the ports that flows name and the switch lacks. A flow that matches such a port waits outside the switch;
/// one that sends to it is in the switch without that output, so that a frame for many still reaches the ports that are there.
/// </summary>
internal sealed class WaitingFlows
{
    private readonly Dictionary<PortName, int> flowsOfPort = [];

    private WaitingFlows(PortBinding ports) => Ports = ports;

    public PortBinding Ports { get; }

    /// <summary>Flows that are not in the switch.</summary>
    public int Count { get; private set; }

    public ValueList<UnboundPort> Unbound => flowsOfPort.OrderBy(p => p.Key).Select(p => new UnboundPort(p.Key, p.Value)).ToValueList();

    public static WaitingFlows None(PortBinding ports) => new(ports);

    /// <summary>Whether the flow can be in the switch: the port that it matches, if it matches one, is there.</summary>
    public static bool CanBeInstalled(Flow flow, PortBinding ports) => flow.Match.InPort is not { } port || ports.Find(port) is not null;

    public WaitingFlows Copy()
    {
        var copy = new WaitingFlows(Ports) { Count = Count };
        foreach (var (port, flows) in flowsOfPort)
        {
            copy.flowsOfPort.Add(port, flows);
        }

        return copy;
    }

    /// <summary>Counts what a flow lacks, which may be nothing.</summary>
    public void Add(Flow flow) => Change(flow, 1);

    /// <summary>Counts it no longer.</summary>
    public void Remove(Flow flow) => Change(flow, -1);

    private void Change(Flow flow, int by)
    {
        if (!FlowPorts.Any(flow, Ports, static (ports, port) => ports.Find(port) is null))
        {
            return;
        }

        Count += CanBeInstalled(flow, Ports) ? 0 : by;
        var missing = new HashSet<PortName>();
        FlowPorts.Visit(flow, (missing, Ports), static (state, port) =>
        {
            if (state.Ports.Find(port) is null)
            {
                state.missing.Add(port);
            }
        });
        foreach (var port in missing)
        {
            var flows = flowsOfPort.GetValueOrDefault(port) + by;
            if (flows > 0)
            {
                flowsOfPort[port] = flows;
            }
            else
            {
                flowsOfPort.Remove(port);
            }
        }
    }
}
