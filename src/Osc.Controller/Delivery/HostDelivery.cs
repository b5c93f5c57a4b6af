using System.Globalization;
using Osc.Bus;
using Osc.Bus.Updates;
using Osc.Controller.Loop;
using Osc.Flows;
using Osc.Model;
using Osc.Model.Health;

namespace Osc.Controller.Delivery;

/// <summary>
/// Delivery to one host: events in, actions out, no clock and no I/O. It compares what the host should have with what its
/// agent says it has, and sends the difference; it never relies on what was sent before.
/// <code>
///   desired ──┐                       ┌── equal digest: Confirm, once the switch has it too
///             ├── is one in flight? ──┤── a digest that we know the steps from: delta
///   hello   ──┘   yes: wait (newer    └── else: fetch the flows; snapshot in chunks
///                 states coalesce)
/// </code>
/// An update leaves flight by its ack, its refusal, a hello that shows its digest or a restarted agent, the loss of the
/// bus, or a timeout. After a loss nothing is assumed: the agent is asked for a hello.
/// Not thread-safe: one caller at a time.
/// </summary>
public sealed class HostDelivery(Name host, DeliveryTimings timings)
{
    private readonly DeltaLog steps = new();

    private HostTarget? desired;
    private Hello? hello;
    private string? heldDigest;
    private bool inForce;
    private Flight? flight;
    private Revision confirmed;
    private DateTimeOffset? lastSeen;
    private DateTimeOffset? listeningSince;
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
    /// <param name="target">What the host shall have.</param>
    /// <param name="by">The steps that led there since the last call; if some are left out, the host gets a snapshot.</param>
    /// <param name="now">The time.</param>
    public IReadOnlyList<DeliveryAction> Desire(HostTarget target, IReadOnlyList<HostStep> by, DateTimeOffset now)
    {
        var same = target.Digest == desired?.Digest;
        desired = target;
        steps.Add(by);
        if (heldDigest is null)
        {
            // Nobody was heard whom a delta could be for.
            steps.Shorten();
        }

        if (!same)
        {
            Forgive();
        }

        return Advance(now);
    }

    /// <summary>The answer to <see cref="FetchFlows"/>: all flows that the host shall have. They may be newer than what was desired last.</summary>
    public IReadOnlyList<DeliveryAction> Supply(HostFlows flows, DateTimeOffset now)
    {
        if (flight is not null)
        {
            return [];
        }

        desired = new(flows.Host, flows.Revision, flows.Digest, flows.Count);
        var update = NextUpdate(desired);
        return [Launch(update, UpdateForm.Snapshot, [.. SnapshotWriter.Split(flows, update).Select(chunk => Message() with { Snapshot = chunk })], now)];
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
                refused = refusal.Reason is RefusalReason.SwitchError or RefusalReason.Stale;
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
        Deaf(now);
        flight = null;
        heldDigest = null;
        Forgive();
        return desired is null ? [] : [Ask("the controller reconnected", now)];
    }

    /// <summary>The bus is away: whoever is silent may have spoken until now.</summary>
    public void Deaf(DateTimeOffset now) => listeningSince = now;

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

    public HostStatus Status(DateTimeOffset now)
    {
        var facts = FactsAt(now);
        var rule = HostHealth.RuleFor(facts);
        return new(host, rule.State, desired?.Revision ?? Revision.None, confirmed, desired?.Flows ?? 0, desired?.Digest.ToString() ?? "")
        {
            Since = now,
            Contact = facts.Agent,
            Hello = hello,
            LastSeen = lastSeen,
            Ports = ports,
            UnboundPorts = unboundPorts,
            Warnings = warnings,
            Error = ReasonFor(rule),
            Refusal = refused ? error : null,
        };
    }

    private HostFacts FactsAt(DateTimeOffset now) => new(
        ContactAt(now),
        hello?.Health is { } health ? SwitchOf(health) : SwitchContact.There,
        refused ? FlowProgress.Refused
            : flight is null && desired is not null && inForce && heldDigest == desired.Digest.ToString() ? FlowProgress.InForce
            : FlowProgress.OnTheWay,
        desired is null || CriticalFault is not null);

    private Fault? CriticalFault => hello?.Health?.Faults.FirstOrDefault(f => AlarmKind.Of(f.Kind).Severity == AlarmSeverity.Critical);

    private static SwitchContact SwitchOf(AgentHealth health) =>
        health.Faults.Any(f => f.Kind == AlarmKind.SwitchAway.Name) ? SwitchContact.Away
        : Enum.TryParse<HostState>(health.State, ignoreCase: true, out var state) && state == HostState.Connecting ? SwitchContact.Unseen
        : SwitchContact.There;

    /// <summary>Silence counts from the last word, or from when this controller could hear one.</summary>
    private AgentContact ContactAt(DateTimeOffset now)
    {
        var isHeard = hello is not null || ports is not null || heldDigest is not null;
        var quietSince = isHeard && lastSeen > listeningSince ? lastSeen : listeningSince ?? lastSeen;
        return lastSeen is null ? AgentContact.Never
            : !isHeard && listeningSince is null ? AgentContact.Awaited
            : now - quietSince > timings.SilenceOf(hello?.Health) ? AgentContact.Lost
            : isHeard ? AgentContact.Heard : AgentContact.Awaited;
    }

    private string ReasonFor(HostRule rule) =>
        rule.State == HostState.Enforcing ? ""
        : desired is null ? "there is no Host document of this name"
        : rule.State is HostState.Unknown or HostState.Silent or HostState.Connecting ? rule.When
        : refused ? error
        : CriticalFault?.Detail ?? error;

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
            steps.Shorten();
            if (confirmed == desired.Revision)
            {
                return [];
            }

            confirmed = desired.Revision;
            return [new Confirm(desired.Revision, heldDigest, desired.Flows, milliseconds)];
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

        var update = NextUpdate(desired);
        return !snapshotWanted && steps.Write(heldDigest, desired, update) is { } delta
            ? [Launch(update, UpdateForm.Delta, [Message() with { Delta = delta }], now)]
            : [new FetchFlows()];
    }

    private string NextUpdate(HostTarget target) => string.Create(CultureInfo.InvariantCulture, $"{target.Revision}-{updates + 1}-{Guid.NewGuid():N}");

    /// <summary>Puts an update to what is desired into flight.</summary>
    private SendUpdate Launch(string update, UpdateForm form, IReadOnlyList<ControllerMessage> messages, DateTimeOffset now)
    {
        var target = desired ?? throw new InvalidOperationException("nothing is desired");
        retryAt = null;
        snapshotWanted = false;
        updates++;
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

    private static string Describe(Refusal refusal)
    {
        var first = refusal.Flows.Count > 0 ? $": {refusal.Flows[0].Bridge}: {refusal.Flows[0].Flow}: {refusal.Flows[0].Error}" : "";
        var more = refusal.Flows.Count > 1 ? $" (and {refusal.Flows.Count - 1} more)" : "";
        return $"{refusal.Reason}: {refusal.Detail}{first}{more}";
    }

    private sealed record Flight(string Update, HostTarget Target, UpdateForm Form, DateTimeOffset Deadline);
}
