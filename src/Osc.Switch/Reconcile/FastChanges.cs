using Osc.Flows;
using Osc.Switch.OpenFlow;

namespace Osc.Switch.Reconcile;

/// <summary>
/// The changes that follow from a known difference. Removals come first: after a renumbering of ports, a flow may be put
/// where another one has just been taken away.
/// </summary>
internal static class FastChanges
{
    /// <param name="waiting">The flows that wait before the delta; afterwards, those that wait after it.</param>
    public static FlowChanges OfDelta(BridgeDelta delta, WaitingFlows waiting)
    {
        var ports = waiting.Ports;
        var changes = new FlowChanges();
        var removed = delta.Remove.ToDictionary(f => f.Key);
        var replaced = new List<(Flow Old, Flow New)>();
        var added = new List<Flow>();
        foreach (var flow in delta.Add)
        {
            if (removed.Remove(flow.Key, out var old) && WaitingFlows.IsBound(old, ports))
            {
                replaced.Add((old, flow));
            }
            else
            {
                if (old is not null)
                {
                    waiting.Remove(old);
                }

                added.Add(flow);
            }
        }

        foreach (var flow in removed.Values)
        {
            Withdraw(flow, changes, waiting);
        }

        foreach (var (old, flow) in replaced)
        {
            Exchange(old, flow, changes, waiting);
        }

        foreach (var flow in added)
        {
            Put(flow, changes, waiting);
        }

        return changes;
    }

    /// <param name="desired">All flows.</param>
    /// <param name="before">The binding that they are written with in the switch.</param>
    /// <param name="waiting">Nothing, with the binding that shall be; afterwards, the flows that wait.</param>
    public static FlowChanges OfBinding(FlowSet desired, PortBinding before, WaitingFlows waiting)
    {
        var after = waiting.Ports;
        var changes = new FlowChanges();
        var added = new List<Flow>();
        foreach (var flow in desired)
        {
            var isBound = WaitingFlows.IsBound(flow, after);
            if (!isBound)
            {
                waiting.Add(flow);
            }

            if (!FlowPorts.Any(flow, (before, after), static (bindings, port) => bindings.before.Find(port) != bindings.after.Find(port)))
            {
                continue;
            }

            if (WaitingFlows.IsBound(flow, before))
            {
                changes.Remove(flow, before);
            }

            if (isBound)
            {
                added.Add(flow);
            }
        }

        foreach (var flow in added)
        {
            changes.Add(flow, after);
        }

        return changes;
    }

    private static void Withdraw(Flow flow, FlowChanges changes, WaitingFlows waiting)
    {
        if (WaitingFlows.IsBound(flow, waiting.Ports))
        {
            changes.Remove(flow, waiting.Ports);
        }
        else
        {
            waiting.Remove(flow);
        }
    }

    private static void Put(Flow flow, FlowChanges changes, WaitingFlows waiting)
    {
        if (WaitingFlows.IsBound(flow, waiting.Ports))
        {
            changes.Add(flow, waiting.Ports);
        }
        else
        {
            waiting.Add(flow);
        }
    }

    private static void Exchange(Flow old, Flow flow, FlowChanges changes, WaitingFlows waiting)
    {
        if (!WaitingFlows.IsBound(flow, waiting.Ports))
        {
            changes.Remove(old, waiting.Ports);
            waiting.Add(flow);
        }
        else if (old.Cookie == flow.Cookie)
        {
            changes.ChangeActions(flow, waiting.Ports);
        }
        else
        {
            changes.Replace(flow, waiting.Ports);
        }
    }
}
