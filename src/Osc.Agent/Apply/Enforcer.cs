using System.Diagnostics.CodeAnalysis;
using Osc.Agent.Desired;
using Osc.Agent.Health;
using Osc.Agent.Logging;
using Osc.Agent.Observe;
using Osc.Bus;
using Osc.Flows;
using Osc.Model;
using Osc.Model.Health;
using Osc.Switch;
using Osc.Switch.Ovsdb;
using Osc.Switch.Reconcile;
using Osc.Xen.Vifs;

namespace Osc.Agent.Apply;

/// <summary>
/// Makes the switch have what is desired. Level-triggered: <see cref="ConvergeAsync"/> compares, for every bridge, what should be
/// with what is confirmed, and does what is missing; called at any time, any number of times.
/// <para>
/// New flows go to the disk before they go to the switch: whatever the agent dies of, it never falls back behind what the
/// switch has, and what was acknowledged is on both. Where the switch refuses them, the old ones are put back on both.
/// </para>
/// Not thread-safe: the agent's loop is the only caller.
/// </summary>
public sealed class Enforcer(ISwitch openSwitch, DesiredStore store, IAgentLog log)
{
    private const string NotSeenYet = "the switch was not seen yet";

    private readonly SortedDictionary<PortName, BridgeState> bridges = [];
    private readonly Queue<Repair> repairs = [];
    private string? awayBecause = NotSeenYet;
    private string? vifsUnseenBecause;

    /// <summary>Names that ports of two bridges claim; null: to be looked for.</summary>
    private ValueList<Fault>? clashes;

    /// <summary>What is on the disk, or was tried to be put there; null until there is something.</summary>
    public HostFlows? Held { get; private set; }

    /// <summary>The switch as it was last seen; null while it is out of reach.</summary>
    public SwitchInventory? Inventory { get; private set; }

    /// <summary>The guests' interfaces that Xen's store was last seen to know; empty where there is no Xen.</summary>
    public GuestPorts Guests { get; private set; } = GuestPorts.None;

    /// <summary>Why it cannot be said that the held flows are in force; null when it can.</summary>
    public string? Problem =>
        Held is null ? "no flows are held: a snapshot is needed"
        : awayBecause ?? bridges.Values.Where(b => !b.IsConfirmed).Select(b => b.Problem ?? $"bridge {b.Name} is not confirmed yet").FirstOrDefault();

    /// <summary>Whether another <see cref="ConvergeAsync"/> after a while can help.</summary>
    public bool IsRetryUseful => awayBecause is null && bridges.Values.Any(b => !b.IsConfirmed && !b.IsRefused && b.Claims is not null);

    /// <summary>The bridges that have or had flows and that the switch has, in name order.</summary>
    public IReadOnlyList<PortName> Bridges => [.. bridges.Values.Where(b => b.Claims is not null).Select(b => b.Name)];

    /// <summary>Whether the switch is there, and each of its bridges has its flows or will not have them by another attempt.</summary>
    public bool IsSettled => awayBecause is null && bridges.Values.All(b => b.IsConfirmed || b.IsRefused || b.Claims is null);

    /// <summary>Ports that the flows name and the switch does not have, in name order.</summary>
    public ValueList<PortName> UnboundPorts => bridges.Values.SelectMany(b => b.Unbound).Distinct().Order().ToValueList();

    /// <summary>Whether the switch is there.</summary>
    public SwitchContact Switch => awayBecause is null ? SwitchContact.There : awayBecause == NotSeenYet ? SwitchContact.Unseen : SwitchContact.Away;

    /// <summary>Whether what is held is in force.</summary>
    public FlowProgress Flows =>
        Problem is null ? FlowProgress.InForce : awayBecause is null && bridges.Values.Any(b => b.IsRefused) ? FlowProgress.Refused : FlowProgress.OnTheWay;

    /// <summary>What is wrong with the switch, its bridges and its ports.</summary>
    public IEnumerable<Fault> Faults
    {
        get
        {
            if (Switch == SwitchContact.Away)
            {
                yield return new(AlarmKind.SwitchAway.Name, "", awayBecause!); // so it is
            }

            if (Inventory is not null)
            {
                var wanted = bridges.Values.Where(b => b.IsWanted);
                clashes ??= BridgeFaults.OnTwoBridges(wanted).ToValueList();
                foreach (var fault in wanted.SelectMany(BridgeFaults.Of).Concat(clashes))
                {
                    yield return fault;
                }
            }

            if (vifsUnseenBecause is { } reason)
            {
                yield return new(AlarmKind.GuestsUnseen.Name, "", $"changes of guests' interfaces are not seen: {reason}");
            }
        }
    }

    /// <summary>What a person should look at.</summary>
    public ValueList<string> Warnings => Faults.Where(f => AlarmKind.Of(f.Kind).Severity == AlarmSeverity.Warning).Select(f => f.Detail).ToValueList();

    /// <summary>Repairs that were not asked for yet, in order.</summary>
    public bool TryTakeRepair([NotNullWhen(true)] out Repair? repair) => repairs.TryDequeue(out repair);

    /// <summary>Takes over what a start found on the disk, which the switch had when the agent ended. Touches nothing.</summary>
    public void Hold(HostFlows flows)
    {
        Held = flows;
        Desire(flows);
        foreach (var bridge in bridges.Values)
        {
            bridge.Doubted = DriftCause.AgentStarted;
        }
    }

    /// <summary>New desired flows: to the disk, then to the switch.</summary>
    /// <param name="delta">How they differ from <see cref="Held"/>, if that is known: only that is sent. null: the switch is read back.</param>
    public async Task<EnforceResult> ReplaceAsync(HostFlows next, FlowDelta? delta, CancellationToken cancellation)
    {
        if (store.Save(next, delta) is { } error)
        {
            return new EnforceResult.NotKept(error);
        }

        var old = Held;
        Held = next;
        Desire(next);
        if (awayBecause is null)
        {
            var refused = await ApplyAsync(delta, cancellation);
            if (refused.Count > 0)
            {
                var detail = bridges.Values.FirstOrDefault(b => b.IsRefused)?.Problem ?? "";
                await TakeBackAsync(old, cancellation);
                return new EnforceResult.Refused(detail, refused);
            }
        }

        DropUnwanted();
        return Problem is { } problem ? new EnforceResult.Waiting(problem) : new EnforceResult.InForce();
    }

    /// <summary>Does what is missing on every bridge that the switch has. Bridges that are confirmed are not touched.</summary>
    public async Task ConvergeAsync(CancellationToken cancellation)
    {
        if (awayBecause is not null)
        {
            return;
        }

        foreach (var bridge in bridges.Values)
        {
            if (bridge is { IsConfirmed: false, Claims: not null })
            {
                await ReconcileAsync(bridge, cancellation);
            }
            else if (bridge is { IsConfirmed: true, Claims: { } claims } && !claims.BindsAs(bridge.ConfirmedBinding))
            {
                await RebindAsync(bridge, claims, cancellation);
            }
        }

        DropUnwanted();
    }

    /// <summary>The switch was seen: takes over its bridges and ports.</summary>
    public void See(SwitchInventory inventory)
    {
        Inventory = inventory;
        awayBecause = null;
        foreach (var bridge in bridges.Values)
        {
            LookAt(bridge, inventory);
        }
    }

    /// <summary>Xen's store was seen: takes over who is behind which port.</summary>
    public void See(VifInventory inventory)
    {
        vifsUnseenBecause = null;
        Take(new(inventory.Vifs.Select(v => v.Identity).ToValueList(), AreAll: true));
    }

    /// <summary>Xen's store is out of reach. What it said last holds: a port that comes meanwhile has what the switch's database says of it.</summary>
    public void LoseVifs(string reason)
    {
        vifsUnseenBecause = reason;
        Take(Guests with { AreAll = false });
    }

    /// <summary>The switch is out of reach: nothing about it is certain.</summary>
    public void Lose(string reason)
    {
        Inventory = null;
        awayBecause = reason;
        Doubt(DriftCause.SwitchLost);
    }

    /// <summary>Nothing says that the bridges have what they had: <see cref="ConvergeAsync"/> reads them back.</summary>
    public void Doubt(DriftCause cause)
    {
        foreach (var bridge in bridges.Values)
        {
            bridge.Doubt(cause);
            bridge.IsRefused = false;
        }
    }

    /// <summary>The same for one bridge.</summary>
    /// <param name="problem">What makes it doubtful, for people.</param>
    public void Doubt(PortName name, DriftCause cause, string problem)
    {
        if (bridges.TryGetValue(name, out var bridge) && bridge.IsConfirmed)
        {
            bridge.Doubt(cause);
            bridge.Problem = problem;
        }
    }

    private void Take(GuestPorts guests)
    {
        if (guests != Guests)
        {
            Guests = guests;
            if (Inventory is { } inventory)
            {
                See(inventory);
            }
        }
    }

    private void Desire(HostFlows flows)
    {
        clashes = null;
        foreach (var bridge in bridges.Values)
        {
            bridge.IsWanted = false;
        }

        foreach (var (name, desired) in flows.Bridges)
        {
            if (!bridges.TryGetValue(name, out var bridge))
            {
                bridges.Add(name, bridge = new(name));
                if (Inventory is not null)
                {
                    LookAt(bridge, Inventory);
                }
            }

            bridge.IsWanted = true;
            bridge.IsRefused = false;
            bridge.Desire(desired);
        }

        foreach (var bridge in bridges.Values.Where(b => !b.IsWanted))
        {
            bridge.Desire(FlowSet.Empty);
        }
    }

    private void LookAt(BridgeState bridge, SwitchInventory inventory)
    {
        clashes = null;
        var seen = inventory.Find(bridge.Name);
        if (seen is null)
        {
            bridge.Doubt(DriftCause.SwitchLost);
            bridge.Unbound = [];
            bridge.Problem = $"the switch has no bridge {bridge.Name}";
        }
        else if (bridge.Seen is { } before && (before.FailMode, before.Controllers) != (seen.FailMode, seen.Controllers))
        {
            // The switch may flush a bridge that is put under other control.
            bridge.Doubt(DriftCause.BridgeChanged);
        }

        bridge.Seen = seen;
        bridge.Claims = seen is null ? null : PortClaims.Of(seen, Guests);
    }

    /// <returns>The flows that the switch refused.</returns>
    private async Task<ValueList<BridgeRefusal>> ApplyAsync(FlowDelta? delta, CancellationToken cancellation)
    {
        var refused = new List<BridgeRefusal>();
        foreach (var bridge in bridges.Values.Where(b => b.Claims is not null))
        {
            var change = delta?.Bridges.FirstOrDefault(d => d.Bridge == bridge.Name);
            if (delta is not null && bridge.IsConfirmed && bridge.IsWanted)
            {
                if (change is null)
                {
                    continue;
                }

                var outcome = await openSwitch.ApplyAsync(change, cancellation);
                if (outcome.Status != ReconcileStatus.StateUnknown)
                {
                    Note(bridge, outcome, bridge.ConfirmedBinding);
                    refused.AddRange(outcome.Refused.Select(r => new BridgeRefusal(bridge.Name, r)));
                    continue;
                }
            }

            refused.AddRange((await ReconcileAsync(bridge, cancellation)).Refused.Select(r => new BridgeRefusal(bridge.Name, r)));
        }

        return refused.ToValueList();
    }

    private async Task TakeBackAsync(HostFlows? old, CancellationToken cancellation)
    {
        // Should the disk refuse now, the next start finds flows that the switch refuses, says so, and gets a snapshot.
        if ((old is null ? store.Clear() : store.Save(old)) is { } error)
        {
            log.Write(LogLevel.Error, "the disk still has the refused flows", ("reason", error));
        }

        Held = old;
        if (old is not null)
        {
            Desire(old);
        }
        else
        {
            bridges.Clear();
        }

        // A refused bundle changed nothing, but another bridge's may have gone through before.
        foreach (var bridge in bridges.Values)
        {
            (bridge.IsConfirmed, bridge.IsRefused, bridge.Doubted) = (false, false, null);
        }

        await ConvergeAsync(cancellation);
    }

    private async Task<ReconcileOutcome> ReconcileAsync(BridgeState bridge, CancellationToken cancellation)
    {
        var binding = bridge.Claims!.Binding;
        var outcome = bridge.Doubted is null
            ? await openSwitch.ReconcileAsync(bridge.Name, bridge.Desired, binding, cancellation)
            : await openSwitch.RepairAsync(bridge.Name, bridge.Desired, binding, cancellation);
        if (bridge.Doubted is { } cause && outcome is { IsApplied: true, FoundRight: false })
        {
            repairs.Enqueue(new(cause, outcome));
        }

        Note(bridge, outcome, binding);
        bridge.Ahead = outcome.IsApplied ? outcome.Ahead : bridge.Ahead;
        return outcome;
    }

    private async Task RebindAsync(BridgeState bridge, PortClaims claims, CancellationToken cancellation)
    {
        var outcome = await openSwitch.RebindAsync(bridge.Name, bridge.Desired, claims.Binding, cancellation);
        if (outcome.Status == ReconcileStatus.StateUnknown)
        {
            await ReconcileAsync(bridge, cancellation);
            return;
        }

        Note(bridge, outcome, claims.Binding);
    }

    private void Note(BridgeState bridge, ReconcileOutcome outcome, PortBinding binding)
    {
        bridge.IsConfirmed = outcome.IsApplied;
        bridge.IsRefused = outcome.Status == ReconcileStatus.Refused;
        if (outcome.IsApplied)
        {
            bridge.ConfirmedBinding = binding;
            bridge.Problem = null;
            bridge.Doubted = null;
            bridge.Unbound = outcome.Unbound.Select(u => u.Port).ToValueList();
            log.Write(
                outcome.FoundRight ? LogLevel.Debug : LogLevel.Info, "the bridge has its flows",
                ("bridge", bridge.Name), ("added", outcome.Added), ("modified", outcome.Modified), ("removed", outcome.Removed),
                ("unchanged", outcome.Unchanged), ("waiting", outcome.Waiting), ("milliseconds", Math.Round(outcome.Duration.TotalMilliseconds, 2)));
            return;
        }

        var problem = $"bridge {bridge.Name}: {outcome.Detail}";
        if (problem != bridge.Problem)
        {
            log.Write(LogLevel.Warning, "the bridge does not have its flows", ("bridge", bridge.Name), ("status", outcome.Status), ("reason", outcome.Detail));
        }

        bridge.Problem = problem;
    }

    /// <summary>Forgets the bridges that are no longer the host's, once nothing of ours is left on them or they are gone.</summary>
    private void DropUnwanted()
    {
        foreach (var bridge in bridges.Values.Where(b => !b.IsWanted && (b.IsConfirmed || b.Claims is null)).ToArray())
        {
            bridges.Remove(bridge.Name);
        }
    }
}
