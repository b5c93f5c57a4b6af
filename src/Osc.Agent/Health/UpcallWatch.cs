using Osc.Bus;
using Osc.Model;
using Osc.Model.Health;
using Osc.Switch.Control;

namespace Osc.Agent.Health;

/// <summary>
/// Tells from one reading of the datapaths' counters to the next whether the switch loses upcalls: packets that its datapath has no
/// flow for and that its daemon should decide on. Open vSwitch 3.1.0 that was started in the first ten seconds of a machine's life has nobody
/// who takes them: open connections go on, no new one comes about, and nothing else shows it.
/// <para>
/// Half or more of what was missed since the last judgement being lost is a fault; it is judged anew every time that
/// <see cref="Enough"/> packets more were missed. The first judgement goes back to the datapath's beginning.
/// </para>
/// </summary>
internal sealed class UpcallWatch
{
    /// <summary>So few packets say nothing.</summary>
    public const int Enough = 10;

    private readonly Dictionary<string, Judgement> judgements = [];

    /// <summary>What the datapaths counted at the last reading.</summary>
    public ValueList<DatapathCounters> Counters { get; private set; } = [];

    public ValueList<Fault> Faults => judgements
        .Where(j => j.Value.Detail is not null)
        .OrderBy(j => j.Key, StringComparer.Ordinal)
        .Select(j => new Fault(AlarmKind.UpcallsLost.Name, j.Key, j.Value.Detail!)) // so chosen
        .ToValueList();

    /// <summary>Takes in a reading. A datapath that is not in it is gone, and so is what was known of it.</summary>
    public void Take(DatapathReading reading)
    {
        Counters = reading.Counters.ToValueList();
        foreach (var gone in judgements.Keys.Except(Counters.Select(c => c.Name)).ToArray())
        {
            judgements.Remove(gone);
        }

        foreach (var now in Counters)
        {
            judgements[now.Name] = Judge(judgements.GetValueOrDefault(now.Name), now);
        }
    }

    private static Judgement Judge(Judgement before, DatapathCounters now)
    {
        // Counters that fell are another datapath's of the same name.
        var (missedBefore, lostBefore, detail) = before.Missed > now.Missed || before.Lost > now.Lost ? default : before;
        var (missed, lost) = (now.Missed - missedBefore, now.Lost - lostBefore);
        return Math.Max(missed, lost) < Enough ? new(missedBefore, lostBefore, detail)
            : new(now.Missed, now.Lost, lost * 2 >= missed ? $"datapath {now.Name} lost {lost} of {missed} packets that ovs-vswitchd should have decided on: restart it" : null);
    }

    /// <param name="Missed">Up to which count it was judged.</param>
    /// <param name="Detail">null: nothing is wrong.</param>
    private readonly record struct Judgement(long Missed, long Lost, string? Detail);
}
