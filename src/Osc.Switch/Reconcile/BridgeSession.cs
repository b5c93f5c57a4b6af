using Osc.Flows;
using Osc.Model;
using Osc.Switch.OpenFlow;

namespace Osc.Switch.Reconcile;

/// <summary>
/// One bridge: its connection, made when first needed and anew after a loss, and what is known of its flows. That is little:
/// how many there are, with which port numbers they were written, and which ports flows wait for. It is forgotten with the
/// connection, because a switch that restarts has lost its flows.
/// </summary>
/// <param name="connect">Makes a connection to the bridge.</param>
/// <param name="onLost">Called when a connection is lost, also while nobody uses it.</param>
/// <param name="limits">How much at once.</param>
internal sealed class BridgeSession(
    PortName bridge, Func<CancellationToken, Task<OpenFlowConnection>> connect, Action<PortName> onLost, TimeProvider clock, SwitchLimits limits) : IAsyncDisposable
{
    private readonly SemaphoreSlim turn = new(1);
    private OpenFlowConnection? connection;
    private Task watching = Task.CompletedTask;
    private InstalledFlows? installed;
    private LogMeters? meters;

    /// <inheritdoc cref="ISwitch.ReconcileAsync"/>
    public Task<ReconcileOutcome> ReconcileAsync(FlowSet desired, PortBinding ports, CancellationToken cancellation) =>
        RunAsync(needsState: false, (channel, report) => ReconcileAsync(channel, new(desired, ports), report, cancellation), cancellation);

    /// <inheritdoc cref="ISwitch.RepairAsync"/>
    public Task<ReconcileOutcome> RepairAsync(FlowSet desired, PortBinding ports, CancellationToken cancellation) =>
        RunAsync(needsState: false, (channel, report) => ReconcileAsync(channel, new(desired, ports) { WasThere = installed is not null }, report, cancellation), cancellation);

    /// <inheritdoc cref="ISwitch.ApplyAsync"/>
    public Task<ReconcileOutcome> ApplyAsync(BridgeDelta delta, CancellationToken cancellation) =>
        RunAsync(needsState: true, async (channel, report) =>
        {
            var waiting = installed!.Waiting.Copy(); // RunAsync has seen to the state.
            await meters!.AddAsync(delta.Add, cancellation); // There as long as the connection is.
            return await SendAsync(channel, FastChanges.OfDelta(delta, waiting), waiting, report, cancellation);
        }, cancellation);

    /// <inheritdoc cref="ISwitch.RebindAsync"/>
    public Task<ReconcileOutcome> RebindAsync(FlowSet desired, PortBinding ports, CancellationToken cancellation) =>
        RunAsync(needsState: true, (channel, report) =>
        {
            var waiting = WaitingFlows.None(ports);
            return SendAsync(channel, FastChanges.OfBinding(desired, installed!.Waiting.Ports, waiting), waiting, report, cancellation); // As above.
        }, cancellation);

    /// <inheritdoc cref="ISwitch.SendAsync"/>
    public async Task SendAsync(PacketOut packet, CancellationToken cancellation)
    {
        if (Volatile.Read(ref connection) is not { IsLost: false } channel)
        {
            return;
        }

        using var message = new MessageBuffer();
        PacketMessages.Write(message, packet);
        try
        {
            await channel.SendAsync(message.Memory, cancellation);
        }
        catch (Exception e) when (e is ConnectionLostException or ObjectDisposedException)
        {
            // Lost with the connection, of which others hear.
        }
    }

    /// <summary>Asks the bridge itself for its ports.</summary>
    /// <exception cref="ConnectionLostException">The switch cannot be reached.</exception>
    public async Task<IReadOnlyList<PortDescription>> PortsAsync(CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            return await PortDump.RunAsync(await ConnectAsync(cancellation), cancellation);
        }
        catch (Exception e) when (e is ConnectionLostException or OperationCanceledException)
        {
            await ForgetAsync();
            throw;
        }
        finally
        {
            turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await turn.WaitAsync();
        await ForgetAsync();
        turn.Dispose();
    }

    private async Task<ReconcileOutcome> RunAsync(
        bool needsState, Func<OpenFlowConnection, OutcomeReport, Task<ReconcileOutcome>> work, CancellationToken cancellation)
    {
        var report = new OutcomeReport(bridge, clock);
        await turn.WaitAsync(cancellation);
        try
        {
            if (needsState && (installed is null || connection is null or { IsLost: true }))
            {
                return report.Failed(ReconcileStatus.StateUnknown, $"what flows bridge '{bridge}' has is not known: it must be reconciled in full first");
            }

            // Off the caller's thread: sending blocks while the switch is busy.
            return await Task.Run(async () => await work(await ConnectAsync(cancellation), report), cancellation);
        }
        catch (ConnectionLostException e)
        {
            await ForgetAsync();

            // A call that is cancelled while it sends loses the connection by that.
            cancellation.ThrowIfCancellationRequested();
            return report.Failed(ReconcileStatus.Unavailable, e.Message);
        }
        catch (OperationCanceledException)
        {
            // An exchange was left in its middle.
            await ForgetAsync();
            throw;
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<ReconcileOutcome> ReconcileAsync(OpenFlowConnection channel, WantedFlows wanted, OutcomeReport report, CancellationToken cancellation)
    {
        using var comparison = new FlowComparison(wanted);
        var refused = comparison.Expect();
        if (refused.Count > 0)
        {
            return report.Refused(refused, $"{refused.Count} of {wanted.Flows.Length} flows cannot be written in OpenFlow");
        }

        await SetUpAsync(channel, cancellation);
        await FlowDump.RunAsync(channel, comparison.Visit, cancellation);
        report.Found(comparison);
        if (comparison.Conflicts.Count > 0)
        {
            return report.Refused(comparison.Conflicts.ToValueList(), $"{comparison.Conflicts.Count} flows of other owners are in the way");
        }

        var changes = comparison.ToChanges(out var right);
        installed = new(right + changes.Modified + comparison.Stale.Count, wanted.Waiting);
        var unused = await meters!.ReviewAsync(wanted.Flows, cancellation); // There as long as the connection is.
        var outcome = await SendAsync(channel, changes, wanted.Waiting, report, cancellation);
        if (outcome.IsApplied)
        {
            await meters.RemoveAsync(unused, cancellation);
        }

        return outcome;
    }

    /// <summary>What flows lean on, and what goes with them when somebody flushes the bridge.</summary>
    private async Task SetUpAsync(OpenFlowConnection channel, CancellationToken cancellation)
    {
        using var message = new MessageBuffer();
        PacketMessages.WriteSetUp(message, limits.RejectedPerSecond);
        await channel.SendAsync(message.Memory, cancellation);
    }

    /// <summary>Sends the changes, and takes note of what the switch has then.</summary>
    private async Task<ReconcileOutcome> SendAsync(
        OpenFlowConnection channel, FlowChanges changes, WaitingFlows waiting, OutcomeReport report, CancellationToken cancellation)
    {
        var before = installed!.Count; // Set by every caller.
        using var sender = new FlowSender(channel, limits.ChangesOfBundle);
        var result = await sender.SendAsync(changes, cancellation);
        if (result.Error is { } error)
        {
            // A full reconcile that was refused leaves flows of which we know no binding.
            installed = changes.Stale is null && !result.IsPartlyDone ? installed : null;
            return report.Refused(result.Refused, result.IsPartlyDone ? $"{error}; bundles before it are in force" : error);
        }

        installed = new(before + changes.Added - changes.Removed, waiting);
        return report.Applied(changes, before - changes.Modified - changes.Removed, waiting);
    }

    private async Task<OpenFlowConnection> ConnectAsync(CancellationToken cancellation)
    {
        if (connection is { IsLost: true })
        {
            await ForgetAsync();
        }

        if (connection is null)
        {
            connection = await connect(cancellation);
            watching = WatchAsync(connection);
            using var message = new MessageBuffer();
            FlowMonitor.WriteRequest(message);
            await connection.SendAsync(message.Memory, cancellation);
            meters = new(connection, limits.LoggedPerSecond);
        }

        return connection;
    }

    private async Task WatchAsync(OpenFlowConnection watched)
    {
        if (await watched.Ended)
        {
            onLost(bridge);
        }
    }

    private async ValueTask ForgetAsync()
    {
        installed = null;
        if (connection is not null)
        {
            await connection.DisposeAsync();
            await watching;
            connection = null;
        }
    }

    /// <param name="Count">Flows of ours in the switch.</param>
    private sealed record InstalledFlows(int Count, WaitingFlows Waiting);
}
