using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Osc.Audit;
using Osc.Audit.Checkpoints;
using Osc.Bus;
using Osc.Controller.Alarms;
using Osc.Controller.Delivery;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Model.Health;
using Osc.Store;

namespace Osc.Controller.Audit;

/// <summary>
/// The agents as witnesses of the audit log. Each hello names the checkpoint that the agent keeps. One that is not of this log means that the log is not the
/// one it was: an alarm, and a record with the evidence. One that is gets the newest, with the proof. Beside delivery, which does not wait for it.
/// </summary>
public sealed partial class Witnesses : BackgroundService
{
    private const int InboxLength = 1_000;

    /// <summary>Agents get checkpoints this old, so that a fleet does not have one signed for each of its hellos.</summary>
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(10);

    private readonly DeliveryService delivery;
    private readonly IControllerBus bus;
    private readonly CheckpointSigner signer;
    private readonly PolicyStore store;
    private readonly TimeProvider time;
    private readonly ILogger<Witnesses> log;

    /// <summary>A hello that finds no room is as good as the next one.</summary>
    private readonly Channel<(Name Host, string? Note)> inbox = Channel.CreateBounded<(Name, string?)>(new BoundedChannelOptions(InboxLength) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    private readonly ConcurrentDictionary<Name, Contradiction> contradictions = [];
    private string? ownTrouble;

    public Witnesses(DeliveryService delivery, IControllerBus bus, CheckpointSigner signer, PolicyStore store, TimeProvider time, ILogger<Witnesses> log)
    {
        (this.delivery, this.bus, this.signer, this.store, this.time, this.log) = (delivery, bus, signer, store, time, log);
        delivery.HelloHeard += Hear;
    }

    /// <summary>Cause for an alarm of a host: what it keeps is not of this log.</summary>
    internal IEnumerable<AlarmCause> CausesOf(Name host) =>
        contradictions.TryGetValue(host, out var found) ? [new(AlarmKind.AuditRewritten, "", found.Why)] : [];

    public override void Dispose()
    {
        delivery.HelloHeard -= Hear;
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var (host, note) in inbox.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await AnswerAsync(host, note, stoppingToken);
                ownTrouble = null;
            }
            catch (Exception e) when (e is StoreException or RewrittenLogException)
            {
                Note(e);
            }
        }
    }

    private void Hear(Name host, Hello hello) => inbox.Writer.TryWrite((host, hello.Checkpoint));

    private async Task AnswerAsync(Name host, string? note, CancellationToken cancellation)
    {
        var newest = signer.Recent(Age);
        var kept = note is not null && SignedNote.TryParse(note, out var signed) && Checkpoint.TryParse(signed.Text, out var checkpoint) ? new { Signed = signed, Checkpoint = checkpoint } : null;
        var why = note is null ? null
            : kept is null ? "what the agent keeps as the audit log's checkpoint is none"
            : !kept.Signed.IsSignedBy(signer.Keys.All) ? $"the agent keeps a checkpoint of {kept.Checkpoint.Origin} that none of this log's keys signed"
            : Compare(kept.Checkpoint);
        if (why is not null)
        {
            Contradicted(host, new(note, why));
            return;
        }

        contradictions.TryRemove(host, out _);
        var from = kept?.Checkpoint.Size ?? 0;
        if (note is null || from < newest.Checkpoint.Size)
        {
            var proof = store.AuditTree.ProveConsistency(from, newest.Checkpoint.Size).Hashes;
            await bus.TrySendAsync(new() { Host = host.Value, Checkpoint = new(newest.Note, from, [.. proof.Select(h => h.ToString())]) }, cancellation);
        }
    }

    /// <returns>Why the log is not the one of a checkpoint that its key signed; null if it is.</returns>
    private string? Compare(Checkpoint kept)
    {
        var size = store.AuditTree.Size;
        return kept.Size > size ? $"the agent keeps a checkpoint of {kept.Size} records, and the audit log has {size}: records were taken away"
            : store.AuditTree.Root(kept.Size) != kept.Root ? $"the agent keeps a checkpoint of {kept.Size} records that are not those of the audit log: records were changed"
            : null;
    }

    private void Contradicted(Name host, Contradiction found)
    {
        if (contradictions.TryGetValue(host, out var known) && known.Note == found.Note)
        {
            return;
        }

        contradictions[host] = found;
        LogContradicted(host, found.Why);
        store.AppendAudit([new()
        {
            Time = time.GetUtcNow(),
            Actor = Origin.Agent(host).Actor,
            Action = AuditAction.AuditContradicted,
            Kind = nameof(Kind.Host),
            Name = host.Value,
            After = JsonSerializer.Serialize(new { checkpoint = found.Note }),
            Outcome = found.Why,
        }]);
    }

    /// <summary>Said once for as long as it lasts.</summary>
    private void Note(Exception trouble)
    {
        if (ownTrouble != trouble.Message)
        {
            ownTrouble = trouble.Message;
            LogNoCheckpoint(trouble.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "host {Host} contradicts the audit log: {Reason}")]
    private partial void LogContradicted(Name host, string reason);

    [LoggerMessage(Level = LogLevel.Critical, Message = "agents get no checkpoint of the audit log: {Reason}")]
    private partial void LogNoCheckpoint(string reason);

    private sealed record Contradiction(string? Note, string Why);
}
