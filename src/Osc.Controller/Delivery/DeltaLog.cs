using Osc.Bus;
using Osc.Bus.Updates;
using Osc.Controller.Loop;

namespace Osc.Controller.Delivery;

/// <summary>
/// The last steps of a host's flows, without a gap: what makes a delta for a host that is some steps behind. Bounded: what is
/// further behind gets a snapshot.
/// </summary>
internal sealed class DeltaLog
{
    /// <summary>Flows in steps that a host still has to take: no more go into a delta.</summary>
    private const int MostFlows = BusProtocol.MaxFlowsInMessage;

    /// <summary>Flows in steps that may be needed for an agent that comes back, from a while without the bus or from a copy of its disk.</summary>
    private const int MostSpareFlows = 100;

    private readonly List<HostStep> steps = [];

    /// <summary>Takes further steps. Ones that do not follow on those before, or that no delta leads over, begin the log anew.</summary>
    public void Add(IReadOnlyList<HostStep> further)
    {
        foreach (var step in further)
        {
            if (steps.Count > 0 && step.Before?.Digest != steps[^1].After.Digest)
            {
                steps.Clear();
            }

            if (step.Delta is null)
            {
                steps.Clear();
            }
            else
            {
                steps.Add(step);
            }
        }

        Shorten(MostFlows);
    }

    /// <summary>The host has taken all steps, or is not there to take any: of many hosts that are away, each would keep what makes a message.</summary>
    public void Shorten() => Shorten(MostSpareFlows);

    /// <summary>The delta from what a host holds to what it shall have; null where the log does not lead there, or no message can carry it.</summary>
    public DeltaUpdate? Write(string heldDigest, HostTarget target, string update)
    {
        var first = steps.FindLastIndex(s => s.Before?.Digest.ToString() == heldDigest);
        if (first < 0 || steps[^1].After.Digest != target.Digest)
        {
            return null;
        }

        var held = steps[first].Before!; // found by it
        var delta = steps.Skip(first).Select(s => s.Delta!).Aggregate((from, to) => from.Then(to)); // steps without one are not kept
        return DeltaUpdates.Write(delta with { From = held.Revision, To = target.Revision }, held.Digest, target.Digest, update);
    }

    private void Shorten(int most)
    {
        var (count, kept) = (0, 0);
        while (kept < steps.Count && (count += steps[^(kept + 1)].Delta!.Count) <= most) // likewise
        {
            kept++;
        }

        steps.RemoveRange(0, steps.Count - kept);
    }
}
