using Osc.Audit;
using Osc.Controller.Loop;
using Osc.Model.Documents;
using Osc.Store;
using Osc.Store.Emergencies;

namespace Osc.Controller.Emergencies;

/// <summary>
/// Takes emergency policies away when their time is over. Level-triggered: every second what is in force in the store is held against the clock, so that a restart in
/// between, or a removal that was refused, only makes it later.
/// </summary>
public sealed partial class EmergencyWatch(PolicyStore store, PolicyLoop policy, TimeProvider time, ILogger<EmergencyWatch> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Takes away what is over now.</summary>
    public async Task LookAsync(CancellationToken cancellation)
    {
        try
        {
            foreach (var emergency in store.ReadOpenEmergencies().Where(e => e.Expires <= time.GetUtcNow()))
            {
                await CloseAsync(emergency, Origin.Controller with { Reason = $"the time of the emergency policy by {emergency.OpenedBy} is over" }, cancellation);
            }
        }
        catch (StoreException e)
        {
            LogNotRead(e.Message);
        }
    }

    /// <summary>Takes one away, which asks nobody's approval.</summary>
    public async Task<ChangeOutcome> CloseAsync(Emergency emergency, Origin origin, CancellationToken cancellation)
    {
        var key = new DocumentKey(emergency.Policy.Tenant, Kind.Policy, emergency.Policy.Name);
        var outcome = await policy.SubmitAsync(new() { Delete = [key], Backing = Backing.Controller }, origin, cancellation);
        if (outcome is not ChangeOutcome.Accepted)
        {
            LogNotClosed(emergency.Policy.ToString(), outcome.ToString());
        }

        return outcome;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        try
        {
            do
            {
                await LookAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            LogStopped();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "emergency policies cannot be read: {Reason}")]
    private partial void LogNotRead(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "the emergency policy {Policy} should go and cannot: {Outcome}")]
    private partial void LogNotClosed(string policy, string? outcome);

    [LoggerMessage(Level = LogLevel.Debug, Message = "emergency policies are watched no longer")]
    private partial void LogStopped();
}
