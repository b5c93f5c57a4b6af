using Osc.Flows;
using Osc.Model;
using Osc.Switch.OpenFlow;

namespace Osc.Switch.Reconcile;

/// <summary>What the switch made of changes.</summary>
/// <param name="Refused">The flows that it refused; empty when all is done.</param>
/// <param name="Error">Null when all is done; else what went wrong, for people.</param>
/// <param name="IsPartlyDone">Whether something was changed all the same, which only a set beyond one bundle can meet.</param>
internal readonly record struct SendResult(ValueList<FlowRefusal> Refused, string? Error, bool IsPartlyDone)
{
    public static readonly SendResult Done = new([], null, false);
}

/// <summary>
/// Sends changes to a switch: in one bundle, so that every packet meets the flows from before or those from after. Other cookies for flows
/// that stay as they are follow in small bundles: the userspace datapath forwards nothing while a bundle is committed.
/// </summary>
/// <param name="maxChanges">
/// Larger sets go in several bundles, each atomic for itself: the switch keeps an open bundle in memory, about 2 KB a change.
/// </param>
internal sealed class FlowSender(OpenFlowConnection connection, int maxChanges) : IDisposable
{
    /// <summary>All flows of a host taken away and others put there: twice and a half what a controller gives a host by default.</summary>
    public const int DefaultMaxChanges = 500_000;

    /// <summary>Committed within some 20 ms.</summary>
    private const int LabelsOfBundle = 1_000;

    /// <summary>Why a flow with a cookie of another owner is refused.</summary>
    public const string NotOurs = "its cookie is not one of ours: the flow could never be recognised again";

    private readonly MessageBuffer scratch = new();
    private int staleOffset;

    /// <exception cref="ConnectionLostException">The connection broke.</exception>
    public async Task<SendResult> SendAsync(FlowChanges changes, CancellationToken cancellation)
    {
        for (var first = 0; first < changes.Count; first += maxChanges)
        {
            var result = await SendBundleAsync(changes.Flows, changes.Stale, (first, Math.Min(maxChanges, changes.Count - first)), cancellation);
            if (result.Error is not null)
            {
                return result with { IsPartlyDone = first > 0 };
            }
        }

        for (var first = 0; first < changes.Labels.Count; first += LabelsOfBundle)
        {
            var result = await SendBundleAsync(changes.Labels, null, (first, Math.Min(LabelsOfBundle, changes.Labels.Count - first)), cancellation);
            if (result.Error is not null)
            {
                return result with { IsPartlyDone = first > 0 || changes.Count > 0 };
            }
        }

        return SendResult.Done;
    }

    public void Dispose() => scratch.Dispose();

    /// <param name="flows">Changes, after which come the removals of <paramref name="stale"/> flows.</param>
    private async Task<SendResult> SendBundleAsync(IReadOnlyList<FlowChange> flows, StaleFlows? stale, (int First, int Count) part, CancellationToken cancellation)
    {
        var (first, count) = part;
        using var bundle = new Bundle(connection, count);
        var refused = new List<FlowRefusal>();
        for (var i = first; i < first + count; i++)
        {
            if (i >= flows.Count)
            {
                Remove(bundle, stale!); // There are as many as Count says.
            }
            else if (Write(bundle, flows[i]) is { } error)
            {
                refused.Add(new(flows[i].Flow, error));
            }

            if (bundle.IsFull)
            {
                await bundle.FlushAsync(cancellation);
            }
        }

        if (refused.Count > 0)
        {
            await bundle.DiscardAsync(cancellation);
            return new(refused.ToValueList(), $"{refused.Count} of {count} changes cannot be written in OpenFlow", false);
        }

        var errors = await bundle.CommitAsync(cancellation);
        return errors.Count == 0 ? SendResult.Done : Explain(flows, errors, first, count);
    }

    private static SendResult Explain(IReadOnlyList<FlowChange> flows, IReadOnlyList<BundleError> errors, int first, int count)
    {
        var refused = errors
            .Where(e => e.Index is { } index && first + index < flows.Count)
            .Select(e => new FlowRefusal(flows[first + e.Index!.Value].Flow, e.Error.Name)) // Not null: see Where.
            .ToValueList();
        return new(refused, refused.Count > 0
            ? $"the switch refused {refused.Count} of {count} changes, the first with {refused[0].Error}"
            : $"the switch refused the bundle of {count} changes: {errors[0].Error}", false);
    }

    private string? Write(Bundle bundle, FlowChange change)
    {
        scratch.Clear();
        if (!FlowCookie.IsOurs(change.Flow.Cookie))
        {
            return NotOurs;
        }

        if (FlowEncoder.Encode(change.Flow, change.Ports, scratch, out var entry) is { } error)
        {
            return error;
        }

        bundle.Add(change.Command, entry, change.Command == FlowCommand.Add ? 0 : FlowCookie.OwnerMask);
        return null;
    }

    private void Remove(Bundle bundle, StaleFlows stale) => bundle.Add(FlowCommand.DeleteStrict, stale.Next(ref staleOffset), FlowCookie.OwnerMask);
}
