using Osc.Flows;
using Osc.Model;
using Osc.Switch.OpenFlow;

namespace Osc.Switch.Reconcile;

/// <summary>Counts the flows that are not in the switch because it lacks a port that they name.</summary>
internal sealed class WaitingFlows
{
    private readonly Dictionary<PortName, int> flowsOfPort = [];

    private WaitingFlows(PortBinding ports) => Ports = ports;

    public PortBinding Ports { get; }

    public int Count { get; private set; }

    public ValueList<UnboundPort> Unbound => flowsOfPort.OrderBy(p => p.Key).Select(p => new UnboundPort(p.Key, p.Value)).ToValueList();

    public static WaitingFlows None(PortBinding ports) => new(ports);

    public static bool IsBound(Flow flow, PortBinding ports) => !FlowPorts.Any(flow, ports, static (ports, port) => ports.Find(port) is null);

    public WaitingFlows Copy()
    {
        var copy = new WaitingFlows(Ports) { Count = Count };
        foreach (var (port, flows) in flowsOfPort)
        {
            copy.flowsOfPort.Add(port, flows);
        }

        return copy;
    }

    /// <summary>Counts a flow that names an unbound port.</summary>
    public void Add(Flow flow) => Change(flow, 1);

    /// <summary>Counts it no longer.</summary>
    public void Remove(Flow flow) => Change(flow, -1);

    private void Change(Flow flow, int by)
    {
        Count += by;
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
