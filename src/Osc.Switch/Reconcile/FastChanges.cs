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
            waiting.Add(flow);
            var replaces = removed.Remove(flow.Key, out var old);
            if (replaces)
            {
                waiting.Remove(old!); // It was found.
            }

            // The same key is the same match, so both can be installed or none.
            if (WaitingFlows.CanBeInstalled(flow, ports))
            {
                if (replaces)
                {
                    replaced.Add((old!, flow)); // It was found.
                }
                else
                {
                    added.Add(flow);
                }
            }
        }

        foreach (var flow in removed.Values)
        {
            waiting.Remove(flow);
            if (WaitingFlows.CanBeInstalled(flow, ports))
            {
                changes.Remove(flow, ports);
            }
        }

        foreach (var (old, flow) in replaced)
        {
            if (old.Cookie == flow.Cookie)
            {
                changes.ChangeActions(flow, ports);
            }
            else if (old.Actions.Equals(flow.Actions))
            {
                changes.Relabel(flow, ports);
            }
            else
            {
                changes.Replace(flow, ports);
            }
        }

        foreach (var flow in added)
        {
            changes.Add(flow, ports);
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
        var changed = new List<Flow>();
        foreach (var flow in desired)
        {
            waiting.Add(flow);
            if (!FlowPorts.Any(flow, (before, after), static (bindings, port) => bindings.before.Find(port) != bindings.after.Find(port)))
            {
                continue;
            }

            if (flow.Match.InPort is not { } port || before.Find(port) == after.Find(port))
            {
                if (WaitingFlows.CanBeInstalled(flow, after))
                {
                    changed.Add(flow);
                }

                continue;
            }

            if (WaitingFlows.CanBeInstalled(flow, before))
            {
                changes.Remove(flow, before);
            }

            if (WaitingFlows.CanBeInstalled(flow, after))
            {
                added.Add(flow);
            }
        }

        foreach (var flow in changed)
        {
            changes.ChangeActions(flow, after);
        }

        foreach (var flow in added)
        {
            changes.Add(flow, after);
        }

        return changes;
    }
}
