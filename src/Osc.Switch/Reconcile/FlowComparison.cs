using System.Globalization;
using Osc.Flows;
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

    /// <summary>Its cookie differs, or it has a timeout, a flag or an importance: it must be put anew.</summary>
    OtherFlow,
}

/// <summary>Compares the flows that a bridge should have with those that it dumps, in some 60 bytes a flow.</summary>
internal sealed class FlowComparison : IDisposable
{
    /// <summary>OFPP_NORMAL.</summary>
    private const uint NormalPort = 0xfffffffa;

    private readonly Flow[] flows;
    private readonly Finding[] findings;
    private readonly Dictionary<UInt128, (UInt128 Actions, int Index)> wanted;
    private readonly List<FlowRefusal> conflicts = [];

    public FlowComparison(Flow[] flows)
    {
        this.flows = flows;
        findings = new Finding[flows.Length];
        wanted = new(flows.Length);
    }

    /// <summary>For each of the flows.</summary>
    public ReadOnlySpan<Finding> Findings => findings;

    /// <summary>Flows of ours that nobody wants any longer.</summary>
    public StaleFlows Stale { get; } = new();

    /// <summary>Wanted flows whose place is taken by somebody else's flow, which is not ours to touch.</summary>
    public IReadOnlyList<FlowRefusal> Conflicts => conflicts;

    /// <summary>Tells of a wanted flow.</summary>
    /// <returns>Null, or why it cannot be had beside the others.</returns>
    public string? Expect(int index, in FlowEntry entry)
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

    /// <summary>Takes a dumped flow.</summary>
    public void Visit(in FlowEntry entry)
    {
        // What cannot be read is no flow that we could have written.
        var print = Fingerprint.Of(entry, out var error);
        var isWanted = wanted.TryGetValue(print.Key, out var flow) && error is null;
        var isOurs = FlowCookie.IsOurs(entry.Cookie);
        if (!isOurs && isWanted && !IsDefaultFlow(entry))
        {
            conflicts.Add(new(flows[flow.Index], string.Create(CultureInfo.InvariantCulture,
                $"a flow of another owner (cookie 0x{entry.Cookie:x}) has the same table, priority and match")));
        }
        else if (isOurs && !isWanted)
        {
            Stale.Add(entry);
        }
        else if (isOurs)
        {
            findings[flow.Index] = entry.Cookie != flows[flow.Index].Cookie || !entry.IsPlain ? Finding.OtherFlow
                : print.Actions != flow.Actions ? Finding.OtherActions
                : Finding.Right;
        }
    }

    public void Dispose() => Stale.Dispose();

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
