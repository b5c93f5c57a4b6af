using Osc.Flows;
using Osc.Model;

namespace Osc.Switch.OpenFlow;

/// <summary>The ports that a flow names: the one it matches, those it sends to and those that it asks for.</summary>
public static class FlowPorts
{
    /// <summary>Calls <paramref name="visit"/> for each; a port that is named twice is visited twice.</summary>
    public static void Visit<TState>(Flow flow, TState state, Action<TState, PortName> visit)
    {
        if (flow.Match.InPort is { } port)
        {
            visit(state, port);
        }

        foreach (var action in flow.Actions.AsSpan())
        {
            if (PortOf(action) is { } named)
            {
                visit(state, named);
            }
        }
    }

    /// <summary>Whether a condition holds for at least one of the flow's ports.</summary>
    public static bool Any<TState>(Flow flow, TState state, Func<TState, PortName, bool> condition)
    {
        if (flow.Match.InPort is { } port && condition(state, port))
        {
            return true;
        }

        foreach (var action in flow.Actions.AsSpan())
        {
            if (PortOf(action) is { } named && condition(state, named))
            {
                return true;
            }
        }

        return false;
    }

    private static PortName? PortOf(FlowAction action) => action switch
    {
        Output output => output.Port,
        BundleLoad load => load.Port,
        _ => null,
    };
}
