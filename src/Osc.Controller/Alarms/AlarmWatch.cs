using System.Collections.Immutable;
using Osc.Bus;
using Osc.Controller.Audit;
using Osc.Controller.Configuration;
using Osc.Controller.Delivery;
using Osc.Controller.Loop;
using Osc.Controller.Metrics;
using Osc.Model;
using Osc.Model.Health;
using Osc.Store;
using Osc.Store.Alarms;

namespace Osc.Controller.Alarms;

/// <summary>
/// Raises and clears alarms. Level-triggered: every second what there is cause for now is held against what stands, and the difference
/// goes to the store, each step with its audit record; a step that the store did not take is made at the next look. What stood before a restart
/// stands until there is word again that its cause is gone. Beside delivery, so that no delivery waits for it.
/// </summary>
public sealed partial class AlarmWatch(
    DeliveryService delivery, Witnesses witnesses, PolicyLoop policy, PolicyStore store, ControllerOptions options, ControllerMetrics metrics, TimeProvider time, ILogger<AlarmWatch> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<Name, PortCauses> ofPorts = [];
    private ImmutableDictionary<AlarmKey, Alarm>? standing;

    /// <summary>Alarms that stand, the worst first, then the oldest.</summary>
    public IEnumerable<Alarm> Standing => (Volatile.Read(ref standing) ?? []).Values.OrderByDescending(a => a.Severity).ThenBy(a => a.Raised).ThenBy(a => a.Key.Kind, StringComparer.Ordinal).ThenBy(a => a.Key.Subject, StringComparer.Ordinal);

    /// <summary>Alarms of a host that stand, in the same order.</summary>
    public IReadOnlyList<Alarm> Of(Name host) => [.. Standing.Where(a => a.Key.Host == host)];

    /// <summary>Looks now.</summary>
    public void Look()
    {
        lock (gate)
        {
            try
            {
                var before = standing ?? store.ReadStandingAlarms().ToImmutableDictionary(a => a.Key);
                var now = time.GetUtcNow();
                var changes = Compare(before);
                if (changes.Count > 0)
                {
                    store.RecordAlarms(changes, now);
                }

                Volatile.Write(ref standing, changes.Aggregate(before, (alarms, change) => Apply(alarms, change, now)));
            }
            catch (StoreException e)
            {
                LogNotStored(e.Message);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        Look();
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Look();
        }
    }

    private List<AlarmChange> Compare(ImmutableDictionary<AlarmKey, Alarm> before)
    {
        var snapshot = policy.Current;
        var statuses = delivery.Statuses.Where(s => snapshot.Host(s.Host) is not null).ToDictionary(s => s.Host);
        var wanted = new Dictionary<AlarmKey, AlarmCause>();
        foreach (var status in statuses.Values)
        {
            foreach (var cause in AlarmCauses.Of(status, options.MaxFlowsPerHost).Concat(CausesOfPorts(status, snapshot)).Concat(witnesses.CausesOf(status.Host)))
            {
                wanted.TryAdd(new(status.Host, cause.Kind.Name, cause.Subject), cause);
            }
        }

        foreach (var (host, cause) in AlarmCauses.OfEmergencies(store.ReadOpenEmergencies(), snapshot.State).Where(c => statuses.ContainsKey(c.Host)))
        {
            wanted.TryAdd(new(host, cause.Kind.Name, cause.Subject), cause);
        }

        var changes = new List<AlarmChange>();
        foreach (var (key, cause) in wanted)
        {
            if (!before.TryGetValue(key, out var alarm))
            {
                changes.Add(new AlarmChange.Raise(key, cause.Kind.Severity, cause.Detail));
            }
            else if (alarm.Detail != cause.Detail)
            {
                changes.Add(new AlarmChange.Reword(key, cause.Detail));
            }
        }

        changes.AddRange(before.Keys.Where(key => !wanted.ContainsKey(key) && IsOver(key)).Select(key => new AlarmChange.Clear(key)));
        foreach (var gone in ofPorts.Keys.Where(h => !statuses.ContainsKey(h)).ToArray())
        {
            ofPorts.Remove(gone);
        }

        return changes;

        // A host that has not been looked at yet is left as it was; one without a document has no alarms.
        bool IsOver(AlarmKey key) => statuses.TryGetValue(key.Host, out var status) ? AlarmCauses.CanTell(status, AlarmKind.Of(key.Kind)) : snapshot.Host(key.Host) is null;
    }

    /// <summary>Worked out anew when the ports or the host's flows are others: whatever of a document bears on a port changes the port's flows.</summary>
    private IReadOnlyList<AlarmCause> CausesOfPorts(HostStatus status, Snapshot snapshot)
    {
        var target = snapshot.Host(status.Host);
        if (!ofPorts.TryGetValue(status.Host, out var known) || !ReferenceEquals(known.Ports, status.Ports) || !ReferenceEquals(known.UnboundPorts, status.UnboundPorts) || !ReferenceEquals(known.Target, target))
        {
            ofPorts[status.Host] = known = new(status.Ports, status.UnboundPorts, target, [.. AlarmCauses.OfPorts(status, snapshot.State)]);
        }

        return known.Causes;
    }

    private ImmutableDictionary<AlarmKey, Alarm> Apply(ImmutableDictionary<AlarmKey, Alarm> alarms, AlarmChange change, DateTimeOffset now)
    {
        switch (change)
        {
            case AlarmChange.Raise raise:
                metrics.AlarmRaised(raise.Key.Kind);
                LogRaised(raise.Key.Host, raise.Key.Kind, raise.Key.Subject, raise.Detail);
                return alarms.Add(raise.Key, new(0, raise.Key, raise.Severity, raise.Detail, now, null));
            case AlarmChange.Reword reword:
                return alarms.SetItem(reword.Key, alarms[reword.Key] with { Detail = reword.Detail });
            case AlarmChange.Clear clear:
                LogCleared(clear.Key.Host, clear.Key.Kind, clear.Key.Subject);
                return alarms.Remove(clear.Key);
            default:
                throw new InvalidOperationException($"no such change: {change}");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "host {Host}: alarm {Kind} {Subject}: {Detail}")]
    private partial void LogRaised(Name host, string kind, string subject, string detail);

    [LoggerMessage(Level = LogLevel.Information, Message = "host {Host}: alarm {Kind} {Subject} is over")]
    private partial void LogCleared(Name host, string kind, string subject);

    [LoggerMessage(Level = LogLevel.Error, Message = "alarms are not in the store: {Reason}")]
    private partial void LogNotStored(string reason);

    private sealed record PortCauses(PortReport? Ports, IReadOnlyList<string> UnboundPorts, HostTarget? Target, IReadOnlyList<AlarmCause> Causes);
}
