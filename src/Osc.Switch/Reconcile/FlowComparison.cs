using System.Globalization;
using Osc.Flows;
using Osc.Model;
using Osc.Switch.OpenFlow;

namespace Osc.Switch.Reconcile;

/// <summary>What is to be done about a wanted flow.</summary>
internal enum Finding : byte
{
    /// <summary>Not expected: its port is unbound.</summary>
    NotWanted,

    /// <summary>The switch does not have it.</summary>
    Missing,

    /// <summary>The switch has it.</summary>
    Right,

    /// <summary>Its actions differ.</summary>
    OtherActions,

    /// <summary>It has a timeout, a flag or an importance, or differs in cookie and actions: it must be put anew.</summary>
    OtherFlow,

    /// <summary>Only its cookie differs: it does what it should.</summary>
    OtherCookie,
}

/// <summary>What a bridge shall have.</summary>
internal sealed class WantedFlows
{
    public WantedFlows(FlowSet flows, PortBinding ports)
    {
        Flows = [.. flows];
        Waiting = WaitingFlows.None(ports);
    }

    public Flow[] Flows { get; }

    /// <summary>Counts the flows that wait for a port, once they were expected; has the binding.</summary>
    public WaitingFlows Waiting { get; }

    /// <summary>Whether the bridge had them before: a flow in the place of one of them came later than it.</summary>
    public bool WasThere { get; init; }
}

/// <summary>Compares the flows that a bridge should have with those that it dumps, in some 60 bytes a flow.</summary>
internal sealed class FlowComparison : IDisposable
{
    /// <summary>OFPP_NORMAL.</summary>
    private const uint NormalPort = 0xfffffffa;

    private readonly WantedFlows wantedFlows;
    private readonly Flow[] flows;
    private readonly Finding[] findings;
    private readonly Dictionary<UInt128, (UInt128 Actions, int Index)> wanted;
    private readonly List<FlowRefusal> conflicts = [];
    private readonly DifferenceNotes notes;
    private readonly Dictionary<byte, ushort> lowestPriorities = [];

    public FlowComparison(WantedFlows wantedFlows)
    {
        this.wantedFlows = wantedFlows;
        flows = wantedFlows.Flows;
        findings = new Finding[flows.Length];
        wanted = new(flows.Length);
        notes = new(wantedFlows.Waiting.Ports);
    }

    /// <summary>Flows of ours that nobody wants any longer.</summary>
    public StaleFlows Stale { get; } = new();

    /// <summary>Wanted flows whose place is taken by somebody else's flow, which is not ours to touch.</summary>
    public IReadOnlyList<FlowRefusal> Conflicts => conflicts;

    /// <summary>Others' flows that come before ours in one of our tables; null where there are none.</summary>
    public FlowsAhead? Ahead { get; private set; }

    /// <summary>Takes in the wanted flows; comes before any <see cref="Visit"/>.</summary>
    /// <returns>Those that cannot be had, each with the reason.</returns>
    public List<FlowRefusal> Expect()
    {
        using var scratch = new MessageBuffer();
        var refused = new List<FlowRefusal>();
        for (var i = 0; i < flows.Length; i++)
        {
            var flow = flows[i];
            wantedFlows.Waiting.Add(flow);
            if (!WaitingFlows.CanBeInstalled(flow, wantedFlows.Waiting.Ports))
            {
                continue;
            }

            scratch.Clear();
            if ((FlowEncoder.Encode(flow, wantedFlows.Waiting.Ports, scratch, out var entry) ?? Expect(i, entry)) is { } error)
            {
                refused.Add(new(flow, error));
            }

            lowestPriorities[flow.Table] = Math.Min(flow.Priority, lowestPriorities.GetValueOrDefault(flow.Table, ushort.MaxValue));
        }

        return refused;
    }

    /// <summary>Takes a dumped flow.</summary>
    public void Visit(in FlowEntry entry)
    {
        // What cannot be read is no flow that we could have written.
        var print = Fingerprint.Of(entry, out var error);
        var isWanted = wanted.TryGetValue(print.Key, out var flow) && error is null;
        if (!FlowCookie.IsOurs(entry.Cookie))
        {
            VisitForeign(entry, isWanted ? flow.Index : null);
        }
        else if (!isWanted)
        {
            Stale.Add(entry);
            notes.NoteUnwanted(entry);
        }
        else
        {
            findings[flow.Index] = (entry.IsPlain, print.Actions == flow.Actions, entry.Cookie == flows[flow.Index].Cookie) switch
            {
                (true, true, true) => Finding.Right,
                (true, true, false) => Finding.OtherCookie,
                (true, false, true) => Finding.OtherActions,
                _ => Finding.OtherFlow,
            };
            if (findings[flow.Index] != Finding.Right)
            {
                notes.NoteChanged(flows[flow.Index], entry);
            }
        }
    }

    /// <summary>What is to be done after the dump: from the last table to the first, so that in several bundles no packet is sent to where nothing is yet.</summary>
    /// <param name="right">How many flows are right as they are.</param>
    public FlowChanges ToChanges(out int right)
    {
        var ports = wantedFlows.Waiting.Ports;
        var changes = new FlowChanges(Stale);
        right = 0;
        for (var i = flows.Length - 1; i >= 0; i--)
        {
            switch (findings[i])
            {
                case Finding.Missing:
                    changes.Add(flows[i], ports);
                    break;
                case Finding.OtherActions:
                    changes.ChangeActions(flows[i], ports);
                    break;
                case Finding.OtherFlow:
                    changes.Replace(flows[i], ports);
                    break;
                case Finding.OtherCookie:
                    changes.Relabel(flows[i], ports);
                    break;
                case Finding.Right:
                    right++;
                    break;
            }
        }

        return changes;
    }

    /// <summary>The first differences that the dump showed, in text.</summary>
    public ValueList<FlowDifference> Differences()
    {
        for (var i = 0; i < flows.Length && !notes.AreFull; i++)
        {
            if (findings[i] == Finding.Missing)
            {
                notes.NoteMissing(flows[i]);
            }
        }

        return notes.All;
    }

    public void Dispose() => Stale.Dispose();

    /// <summary>Tells of a wanted flow.</summary>
    /// <returns>Null, or why it cannot be had beside the others.</returns>
    private string? Expect(int index, in FlowEntry entry)
    {
        if (!FlowCookie.IsOurs(entry.Cookie))
        {
            return FlowSender.NotOurs;
        }

        var print = Fingerprint.Of(entry, out var error);
        if (error is not null)
        {
            throw new InvalidOperationException($"an encoded flow is malformed: {error}");
        }

        findings[index] = Finding.Missing;
        return wanted.TryAdd(print.Key, (print.Actions, index)) ? null : $"it matches the same as another flow: {flows[wanted[print.Key].Index]}";
    }

    /// <param name="place">The wanted flow whose place it has; null where it stands beside ours.</param>
    private void VisitForeign(in FlowEntry entry, int? place)
    {
        if (place is { } index && wantedFlows.WasThere)
        {
            findings[index] = Finding.OtherFlow;
            notes.NoteChanged(flows[index], entry);
        }
        else if (place is not null && !IsDefaultFlow(entry))
        {
            conflicts.Add(new(flows[place.Value], string.Create(CultureInfo.InvariantCulture,
                $"a flow of another owner (cookie 0x{entry.Cookie:x}) has the same table, priority and match")));
        }
        else if (place is null && lowestPriorities.TryGetValue(entry.Table, out var lowest) && entry.Priority > lowest)
        {
            Ahead = Ahead is not { } known ? new(1, entry.Table, entry.Priority, entry.Cookie)
                : entry.Priority > known.Priority ? new(known.Count + 1, entry.Table, entry.Priority, entry.Cookie)
                : known with { Count = known.Count + 1 };
        }
    }

    /// <summary>
    /// The flow that OVS itself gives a bridge whose fail_mode is standalone, and leaves there when that changes: everything
    /// is forwarded as by a learning switch. It is nobody's, and must not outlive our own flow in its place.
    /// </summary>
    private static bool IsDefaultFlow(in FlowEntry entry)
    {
        if (entry.Table != 0 || entry.Priority != 0 || entry.Cookie != 0)
        {
            return false;
        }

        var instructions = new WireReader(entry.Instructions);
        var isApply = instructions.UInt16() == InstructionType.ApplyActions;
        instructions.Take(6);
        var isOutput = instructions.UInt16() == ActionType.Output;
        instructions.Take(2);
        return isApply && isOutput && instructions.UInt32() == NormalPort && instructions.Error is null;
    }
}
