using Osc.Agent.Desired;
using Osc.Agent.Report;
using Osc.Bus;
using Osc.Bus.Updates;
using Osc.Flows;
using Osc.Model;

namespace Osc.Agent.Apply;

/// <summary>
/// Takes updates from the bus and answers each with an ack or a refusal. One at a time, in order of arrival; a snapshot that is
/// begun drops one that was begun before, and so does a delta. Nothing leads back to an older revision, whoever says so, save a
/// controller whose store is of a newer generation.
/// </summary>
internal sealed class UpdateHandler(Name host, Enforcer enforcer, DesiredStore store, Reporter reporter, TimeProvider time)
{
    private readonly SnapshotAssembler assembler = new(host);

    /// <param name="generation">As of <see cref="ControllerMessage.Generation"/>.</param>
    public async Task HandleAsync(DeltaUpdate message, long generation, CancellationToken cancellation)
    {
        var begin = time.GetTimestamp();
        var update = new Update(message.Update, message.To);
        assembler.Reset();
        if (IsStale(message.To, generation) is { } stale)
        {
            await reporter.RefuseAsync(update, RefusalReason.Stale, stale, [], cancellation);
        }
        else if (enforcer.Held is not { } held)
        {
            await reporter.RefuseAsync(update, RefusalReason.WrongBase, "no flows are held", [], cancellation);
        }
        else if (held.Digest.ToString() == message.ToDigest)
        {
            await EnforceAsync(update, held with { Revision = new(message.To) }, null, generation, begin, cancellation);
        }
        else if (DeltaUpdates.Read(message, host, out var delta) is { } error)
        {
            await reporter.RefuseAsync(update, RefusalReason.Malformed, error, [], cancellation);
        }
        else
        {
            await TakeAsync(update, DeltaUpdates.Apply(held, message, delta), delta, generation, begin, cancellation);
        }
    }

    /// <param name="generation">As of <see cref="ControllerMessage.Generation"/>.</param>
    public Task HandleAsync(SnapshotChunk chunk, long generation, CancellationToken cancellation)
    {
        var update = new Update(chunk.Update, chunk.Revision);
        if (IsStale(chunk.Revision, generation) is { } stale)
        {
            assembler.Reset();
            return chunk.Index == 0 ? reporter.RefuseAsync(update, RefusalReason.Stale, stale, [], cancellation) : Task.CompletedTask; // once for all its chunks
        }

        return TakeAsync(update, assembler.Add(chunk), null, generation, time.GetTimestamp(), cancellation);
    }

    private string? IsStale(long revision, long generation) =>
        generation < store.Generation ? $"it is of generation {generation}, and flows of {store.Generation} are held"
        : generation == store.Generation && enforcer.Held is { } held && revision < held.Revision.Number ? $"it is revision {revision}, and {held.Revision.Number} is held: tell the controller if its store was restored (osc-controller --restore)"
        : null;

    private Task TakeAsync(Update update, UpdateResult result, FlowDelta? delta, long generation, long begin, CancellationToken cancellation) => result switch
    {
        UpdateResult.Complete complete => EnforceAsync(update, complete.Flows, delta, generation, begin, cancellation),
        UpdateResult.Refused refused => reporter.RefuseAsync(update, refused.Reason, refused.Detail, [], cancellation),
        _ => Task.CompletedTask,
    };

    private async Task EnforceAsync(Update update, HostFlows flows, FlowDelta? delta, long generation, long begin, CancellationToken cancellation)
    {
        var result = await enforcer.ReplaceAsync(flows, delta, cancellation);
        if (result is EnforceResult.InForce or EnforceResult.Waiting && store.SaveGeneration(generation) is { } notKept)
        {
            await reporter.RefuseAsync(update, RefusalReason.NotKept, notKept, [], cancellation);
            return;
        }

        switch (result)
        {
            case EnforceResult.InForce:
                await reporter.AcknowledgeAsync(update.Id, time.GetElapsedTime(begin), cancellation);
                break;
            case EnforceResult.Refused refused:
                await reporter.RefuseAsync(update, RefusalReason.SwitchError, refused.Detail, refused.Flows, cancellation);
                break;
            case EnforceResult.Waiting waiting:
                await reporter.RefuseAsync(update, RefusalReason.SwitchUnavailable, waiting.Detail, [], cancellation);
                break;
            case EnforceResult.NotKept unkept:
                await reporter.RefuseAsync(update, RefusalReason.NotKept, unkept.Detail, [], cancellation);
                break;
        }
    }
}
