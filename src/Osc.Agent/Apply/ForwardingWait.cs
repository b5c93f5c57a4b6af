using Osc.Agent.Logging;
using Osc.Switch;

namespace Osc.Agent.Apply;

/// <summary>
/// A switch daemon that was told to waits with forwarding from its start on: until every bridge has its flows back, or will not have them.
/// Since nobody can tell from outside whether it waits, it is told to go on after every loss of the switch, which is harmless
/// where it forwards already.
/// </summary>
/// <param name="isWanted">Whether it is to wait. If not, the agent once takes back what it may have said at another time.</param>
internal sealed class ForwardingWait(ISwitch openSwitch, bool isWanted, IAgentLog log)
{
    private string? loggedProblem;

    /// <summary>Whether the daemon may be waiting.</summary>
    public bool IsDue { get; private set; } = true;

    /// <summary>The switch was away: its daemon may have started.</summary>
    public void Doubt() => IsDue |= isWanted;

    /// <summary>Ends the wait, if there is one and it is time.</summary>
    public async Task EndAsync(Enforcer enforcer, CancellationToken cancellation)
    {
        if (!IsDue || !enforcer.IsSettled)
        {
            return;
        }

        var problem = await openSwitch.PassGateAsync(isWanted, cancellation);
        if (problem is null)
        {
            IsDue = false;
            log.Write(LogLevel.Debug, "the switch forwards", ("waitsAtItsNextStart", isWanted));
        }
        else if (problem != loggedProblem)
        {
            log.Write(LogLevel.Warning, "the switch may be waiting with forwarding", ("reason", problem));
        }

        loggedProblem = problem;
    }
}
