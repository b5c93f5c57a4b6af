using System.Text.Json;
using Osc.Audit;
using Osc.Bus;
using Osc.Controller.Metrics;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Store;
using Osc.Store.Hosts;

namespace Osc.Controller.Delivery;

/// <summary>
/// What delivery leaves behind: steps of rollouts in the store (which writes their audit records with them), metrics, log
/// lines. Since delivery is about current state, a step that the store does not take is logged and does not stop it; it is written when the store takes it.
/// </summary>
public sealed partial class DeliveryRecorder
{
    private readonly PolicyStore store;
    private readonly ControllerMetrics metrics;
    private readonly ILogger<DeliveryRecorder> log;
    private readonly PendingWrites pending;

    public DeliveryRecorder(PolicyStore store, ControllerMetrics metrics, ILogger<DeliveryRecorder> log)
    {
        (this.store, this.metrics, this.log) = (store, metrics, log);
        pending = new(e => LogNotStored(e.Message));
    }

    /// <summary>The store's generation, which every message to a host names.</summary>
    public long Generation => store.Generation;

    /// <summary>What the store remembers of hosts.</summary>
    public IReadOnlyList<HostRecord> Hosts() => store.ReadHosts();

    public void Sent(Name host, SendUpdate update)
    {
        metrics.Sent(update.Form);
        LogSent(host, update.Target.Number, update.Form, update.Messages.Count);
        pending.Write(() => store.RecordRollout([new RolloutStep.Sent(host, update.Target)]));
    }

    /// <param name="took">Since the commit; null if this process did not make it.</param>
    public void Confirmed(Name host, Confirm confirm, TimeSpan? took)
    {
        if (took is { } duration)
        {
            metrics.RolledOut(duration);
        }

        LogConfirmed(host, confirm.Revision.Number, confirm.Flows, took?.TotalMilliseconds);
        pending.Write(() => store.RecordRollout([new RolloutStep.Acked(host, confirm.Revision, confirm.Digest, confirm.Flows, confirm.Milliseconds)]));
    }

    public void Refused(Name host, NoteRefusal refusal)
    {
        metrics.UpdateRefused();
        LogRefused(host, refusal.Revision.Number, refusal.Error);
        if (refusal.IsFinal)
        {
            pending.Write(() => store.RecordRollout([new RolloutStep.Refused(host, refusal.Revision, refusal.Error)]));
        }
    }

    /// <summary>The next hello says the same, so this is not kept for later; it is the occasion to write what is.</summary>
    public void Seen(Name host, Hello hello, DateTimeOffset time)
    {
        if (!pending.Flush())
        {
            return;
        }

        try
        {
            store.SetSeen([new(host, hello.AgentVersion, hello.SwitchVersion ?? "", time)]);
        }
        catch (StoreException e)
        {
            LogNotStored(e.Message);
        }
    }

    /// <summary>An agent repaired what somebody else had done to its switch: a record of its own, whatever policy says meanwhile.</summary>
    public void Drifted(Name host, DriftReport drift, Revision revision, DateTimeOffset time)
    {
        metrics.Drifted();
        LogDrifted(host, drift.Bridge, drift.Missing, drift.Changed, drift.Unwanted, drift.Cause);
        pending.Write(() => store.AppendAudit([new()
        {
            Time = time,
            Actor = Origin.Agent(host).Actor,
            Action = AuditAction.DriftRepaired,
            Kind = nameof(Kind.Host),
            Name = host.Value,
            After = JsonSerializer.Serialize(drift, BusJson.Options),
            Revision = revision,
            Outcome = AuditRecord.Ok,
        }]));
    }

    public void Stranger(string host) => LogStranger(host);

    public void Unreadable(string host, string why) => LogUnreadable(host, why);

    public void NotSent(Name host) => LogNotSent(host);

    [LoggerMessage(Level = LogLevel.Information, Message = "host {Host}: sent revision {Revision} as a {Form} in {Messages} messages")]
    private partial void LogSent(Name host, long revision, UpdateForm form, int messages);

    [LoggerMessage(Level = LogLevel.Information, Message = "host {Host}: has revision {Revision}, {Flows} flows, {Milliseconds} ms after the commit")]
    private partial void LogConfirmed(Name host, long revision, int flows, double? milliseconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "host {Host}: did not take revision {Revision}: {Reason}")]
    private partial void LogRefused(Name host, long revision, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "host {Host}: flows of bridge {Bridge} were put right: {Missing} were missing, {Changed} changed, {Unwanted} not ours ({Cause})")]
    private partial void LogDrifted(Name host, string bridge, int missing, int changed, int unwanted, DriftCause cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "host {Host}: said hello, but there is no Host document of this name")]
    private partial void LogStranger(string host);

    [LoggerMessage(Level = LogLevel.Warning, Message = "a message of host '{Host}' was dropped: {Reason}")]
    private partial void LogUnreadable(string host, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "host {Host}: its mailbox cannot be reached now")]
    private partial void LogNotSent(Name host);

    [LoggerMessage(Level = LogLevel.Error, Message = "a step of delivery is not in the store: {Reason}")]
    private partial void LogNotStored(string reason);
}
