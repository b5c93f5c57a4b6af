using Osc.Agent.Report;
using Osc.Bus;
using Osc.Bus.Updates;
using Osc.Flows;
using Osc.Model;

namespace Osc.Agent.Apply;

/// <summary>
/// Takes updates from the bus and answers each with an ack or a refusal. One at a time, in order of arrival; a snapshot that is
/// begun drops one that was begun before, and so does a delta.
/// </summary>
internal sealed class UpdateHandler(Name host, Enforcer enforcer, Reporter reporter, TimeProvider time)
{
    private readonly SnapshotAssembler assembler = new(host);

    public async Task HandleAsync(DeltaUpdate message, CancellationToken cancellation)
    {
        var begin = time.GetTimestamp();
        var update = new Update(message.Update, message.To);
        assembler.Reset();
        if (enforcer.Held is not { } held)
        {
            await reporter.RefuseAsync(update, RefusalReason.WrongBase, "no flows are held", [], cancellation);
        }
        else if (held.Digest.ToString() == message.ToDigest)
        {
            await EnforceAsync(update, held with { Revision = new(message.To) }, null, begin, cancellation);
        }
        else if (DeltaUpdates.Read(message, host, out var delta) is { } error)
        {
            await reporter.RefuseAsync(update, RefusalReason.Malformed, error, [], cancellation);
        }
        else
        {
            await TakeAsync(update, DeltaUpdates.Apply(held, message, delta), delta, begin, cancellation);
        }
    }

    public Task HandleAsync(SnapshotChunk chunk, CancellationToken cancellation) =>
        TakeAsync(new(chunk.Update, chunk.Revision), assembler.Add(chunk), null, time.GetTimestamp(), cancellation);

    private Task TakeAsync(Update update, UpdateResult result, FlowDelta? delta, long begin, CancellationToken cancellation) => result switch
    {
        UpdateResult.Complete complete => EnforceAsync(update, complete.Flows, delta, begin, cancellation),
        UpdateResult.Refused refused => reporter.RefuseAsync(update, refused.Reason, refused.Detail, [], cancellation),
        _ => Task.CompletedTask,
    };

    private async Task EnforceAsync(Update update, HostFlows flows, FlowDelta? delta, long begin, CancellationToken cancellation)
    {
        switch (await enforcer.ReplaceAsync(flows, delta, cancellation))
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
            case EnforceResult.NotKept notKept:
                await reporter.RefuseAsync(update, RefusalReason.NotKept, notKept.Detail, [], cancellation);
                break;
        }
    }
}
