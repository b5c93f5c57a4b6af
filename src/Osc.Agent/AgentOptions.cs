using Osc.Model;

namespace Osc.Agent;

/// <summary>What an agent needs to know besides its bus and its switch.</summary>
/// <param name="Host">The host it serves: the name of a Host document.</param>
/// <param name="StateDirectory">Where the desired flows are kept; for this agent alone.</param>
public sealed record AgentOptions(Name Host, string StateDirectory)
{
    /// <summary>How often the agent says hello unasked: its heartbeat. The controller takes it for silent when it has missed three.</summary>
    public TimeSpan HelloEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the datapaths' counters are read.</summary>
    public TimeSpan CountersEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the switch is read back and compared, should somebody have meddled with our flows.</summary>
    public TimeSpan ResyncEvery { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often counts are read off the switch and said to the controller.</summary>
    public TimeSpan TrafficEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the controller may take to store a report of traffic before it is sent again.</summary>
    public TimeSpan TrafficAnswer { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The delay after the first attempt on the switch that failed; each further one doubles it.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>An attempt on a switch that is away looks for a socket and costs next to nothing.</summary>
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Whether the switch daemon, when it starts, forwards nothing on any bridge before this agent has put the flows back.</summary>
    public bool RestoresBeforeForwarding { get; init; }

    /// <summary>Called on the agent's loop whenever it has nothing more to do: the moment for housekeeping.</summary>
    public Action? WhenQuiet { get; init; }
}
