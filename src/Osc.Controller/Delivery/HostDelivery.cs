using System.Globalization;
using Osc.Bus;
using Osc.Bus.Updates;
using Osc.Flows;
using Osc.Model;

namespace Osc.Controller.Delivery;

/// <summary>
/// Delivery to one host: events in, actions out, no clock and no I/O. It compares what the host should have with what its
/// agent says it has, and sends the difference; it never relies on what was sent before.
/// <code>
///   desired ──┐                       ┌── equal digest: Confirm, once the switch has it too
///             ├── is one in flight? ──┤── the digest of a state we remember: delta
///   hello   ──┘   yes: wait (newer    └── else: snapshot in chunks
///                 states coalesce)
/// </code>
/// An update leaves flight by its ack, its refusal, a hello that shows its digest or a restarted agent, the loss of the
/// bus, or a timeout. After a loss nothing is assumed: the agent is asked for a hello.
/// Not thread-safe: one caller at a time.
/// </summary>
public sealed class HostDelivery(Name host, DeliveryTimings timings)
{
    /// <summary>This many states of a host are remembered as bases for deltas.</summary>
    private const int RememberedStates = 4;

    private readonly LinkedList<HostFlows> remembered = [];

    private HostFlows? desired;
    private Hello? hello;
    private string? heldDigest;
    private bool inForce;
    private Flight? flight;
    private Revision confirmed;
    private DateTimeOffset? lastSeen;
    private DateTimeOffset? retryAt;
    private PortReport? ports;
    private IReadOnlyList<string> unboundPorts = [];
    private IReadOnlyList<string> warnings = [];
    private string error = "";
    private bool refused;
    private bool snapshotWanted;
    private int failures;
    private long updates;

    /// <summary>What the store remembers of an earlier life of the controller. To be shown, not to be relied on.</summary>
    public void Recall(Revision acked, DateTimeOffset? seen)
    {
        confirmed = acked;
        lastSeen = seen;
    }

    /// <summary>The host's flows shall be these. Until this is said for the first time, the agent is only listened to.</summary>
    public IReadOnlyList<DeliveryAction> Desire(HostFlows flows, DateTimeOffset now)
    {
        var same = flows.Digest == desired?.Digest;
        desired = flows;
        if (!same)
        {
            Forgive();
            Remember(flows);
        }

        return Advance(now);
    }

    public IReadOnlyList<DeliveryAction> Hear(Hello said, DateTimeOffset now)
    {
        var restarted = hello is not null && hello.Started != said.Started;
        hello = said;
        lastSeen = now;
        if (flight is { } update && !restarted && said.Digest != update.Target.Digest.ToString())
        {
            // Said before the update arrived: the ack, the refusal or the timeout will tell.
            return [];
        }

        // An agent that speaks again after a failure is worth a new try at once, but for flows that its switch refuses.
        flight = null;
        heldDigest = said.Digest;
        inForce = said.Problem is null;
        if (restarted)
        {
            Forgive();
        }
        else if (!refused)
        {
            retryAt = null;
        }

        if (!inForce)
        {
            error = said.Problem ?? "";
        }

        return Advance(now);
    }

    public IReadOnlyList<DeliveryAction> Hear(Ack ack, DateTimeOffset now)
    {
        lastSeen = now;
        heldDigest = ack.Digest;
        inForce = true;
        unboundPorts = ack.UnboundPorts;
        if (flight?.Update == ack.Update)
        {
            var target = flight.Target.Digest.ToString();
            flight = null;
            if (ack.Digest == target)
            {
                Forgive();
            }
            else
            {
                Fail($"the agent confirmed digest {ack.Digest} for an update to {target}", now);
                snapshotWanted = true;
            }
        }

        return Advance(now, ack.Milliseconds);
    }

    public IReadOnlyList<DeliveryAction> Hear(Refusal refusal, DateTimeOffset now)
    {
        lastSeen = now;
        if (flight?.Update != refusal.Update)
        {
            return [];
        }

        var (_, target, form, _) = flight;
        flight = null;
        var text = Describe(refusal);
        switch (refusal.Reason)
        {
            case RefusalReason.SwitchUnavailable:
                // The agent keeps the update, brings it in when it can, and then says hello.
                (heldDigest, inForce, error) = (target.Digest.ToString(), false, text);
                break;
            case RefusalReason.WrongBase or RefusalReason.WrongDigest when form == UpdateForm.Delta:
                snapshotWanted = true;
                break;
            default:
                Fail(text, now);
                refused = refusal.Reason == RefusalReason.SwitchError;
                snapshotWanted = form == UpdateForm.Snapshot;
                break;
        }

        return [new NoteRefusal(target.Revision, refused, text), .. Advance(now)];
    }

    public void Hear(PortReport report, DateTimeOffset now)
    {
        lastSeen = now;
        ports = report;
        unboundPorts = report.UnboundPorts;
        warnings = report.Warnings;
    }

    /// <summary>The bus took none or only a part of the update, or of the question: it is away, or the host has no mailbox yet.</summary>
    public IReadOnlyList<DeliveryAction> SendFailed(DateTimeOffset now)
    {
        flight = null;
        heldDigest = null;
        Fail("the host's mailbox cannot be reached", now);
        return [];
    }

    /// <summary>The bus is there (again): what was in flight may be lost.</summary>
    public IReadOnlyList<DeliveryAction> Reconnected(DateTimeOffset now)
    {
        flight = null;
        heldDigest = null;
        Forgive();
        return desired is null ? [] : [Ask("the controller reconnected", now)];
    }

    /// <summary>Time has passed.</summary>
    public IReadOnlyList<DeliveryAction> Tick(DateTimeOffset now)
    {
        if (flight is { } update && now >= update.Deadline)
        {
            flight = null;
            heldDigest = null;
            Fail($"no answer to update {update.Update}", now);
            return [new NoteRefusal(update.Target.Revision, IsFinal: false, error), Ask(error, now)];
        }

        return Advance(now);
    }

    public HostStatus Status(DateTimeOffset now) => new(host, StateAt(now), desired?.Revision ?? Revision.None, confirmed, desired?.Count ?? 0, desired?.Digest.ToString() ?? "")
    {
        AgentVersion = hello?.AgentVersion,
        SwitchVersion = hello?.SwitchVersion,
        LastSeen = lastSeen,
        Ports = ports,
        UnboundPorts = unboundPorts,
        Warnings = warnings,
        Error = desired is null ? "there is no Host document of this name" : error,
    };

    private HostState StateAt(DateTimeOffset now)
    {
        if (lastSeen is not { } seen)
        {
            return HostState.Unknown;
        }

        if (now - seen > timings.Silence)
        {
            return HostState.Silent;
        }

        if (refused)
        {
            return HostState.Refused;
        }

        if (flight is not null)
        {
            return HostState.Sent;
        }

        return desired is not null && inForce && heldDigest == desired.Digest.ToString() ? HostState.Enforcing : HostState.Pending;
    }

    /// <summary>The one place that compares desired with held.</summary>
    private IReadOnlyList<DeliveryAction> Advance(DateTimeOffset now, double milliseconds = 0)
    {
        if (desired is null || flight is not null)
        {
            return [];
        }

        if (heldDigest == desired.Digest.ToString() && !snapshotWanted)
        {
            if (!inForce)
            {
                // Nothing to send; the agent says hello when its switch has it.
                return [];
            }

            Forgive();
            if (confirmed == desired.Revision)
            {
                return [];
            }

            confirmed = desired.Revision;
            return [new Confirm(desired.Revision, heldDigest, desired.Count, milliseconds)];
        }

        if (retryAt is { } at && now < at)
        {
            return [];
        }

        if (heldDigest is null)
        {
            // Asked once at the connection to the bus; asked again only after a failure.
            return retryAt is null ? [] : [Ask("no answer yet", now)];
        }

        return [Launch(desired, now)];
    }

    private SendUpdate Launch(HostFlows target, DateTimeOffset now)
    {
        retryAt = null;
        var update = string.Create(CultureInfo.InvariantCulture, $"{target.Revision}-{++updates}-{Guid.NewGuid():N}");
        var held = snapshotWanted ? null : remembered.FirstOrDefault(s => s.Digest.ToString() == heldDigest);
        var delta = held is null ? null : DeltaUpdates.Write(held, target, update);
        snapshotWanted = false;
        var form = delta is null ? UpdateForm.Snapshot : UpdateForm.Delta;
        IReadOnlyList<ControllerMessage> messages = delta is null
            ? [.. SnapshotWriter.Split(target, update).Select(chunk => Message() with { Snapshot = chunk })]
            : [Message() with { Delta = delta }];
        flight = new(update, target, form, now + timings.AckTimeout + ((messages.Count - 1) * timings.ChunkTimeout));
        return new(update, target.Revision, form, messages);
    }

    private AskForHello Ask(string reason, DateTimeOffset now)
    {
        // If the answer does not come, ask again after a pause that grows.
        retryAt = now + timings.RetryAfter(++failures);
        return new(Message() with { Inquiry = new(reason) });
    }

    private ControllerMessage Message() => new() { Host = host.Value };

    private void Fail(string why, DateTimeOffset now)
    {
        error = why;
        retryAt = now + timings.RetryAfter(++failures);
    }

    private void Forgive()
    {
        failures = 0;
        retryAt = null;
        refused = false;
        error = "";
    }

    private void Remember(HostFlows flows)
    {
        remembered.AddFirst(flows);
        if (remembered.Count > RememberedStates)
        {
            remembered.RemoveLast();
        }
    }

    private static string Describe(Refusal refusal)
    {
        var first = refusal.Flows.Count > 0 ? $": {refusal.Flows[0].Bridge}: {refusal.Flows[0].Flow}: {refusal.Flows[0].Error}" : "";
        var more = refusal.Flows.Count > 1 ? $" (and {refusal.Flows.Count - 1} more)" : "";
        return $"{refusal.Reason}: {refusal.Detail}{first}{more}";
    }

    private sealed record Flight(string Update, HostFlows Target, UpdateForm Form, DateTimeOffset Deadline);
}
