using System.Diagnostics.Metrics;
using Osc.Controller.Delivery;
using Osc.Controller.Loop;
using Osc.Model.Documents;
using Osc.Model.Health;
using Osc.Store.Alarms;
using Osc.Store.Traffic;

namespace Osc.Controller.Metrics;

/// <summary>What the controller counts. Names follow Prometheus: unit in the name, "_total" for counters.</summary>
public sealed class ControllerMetrics : IDisposable
{
    /// <summary>Of more rules the metrics tell no names: each is a series that Prometheus keeps.</summary>
    private const int MostRules = 1_000;

    private readonly Meter meter = new("Osc.Controller");
    private readonly PrometheusExporter exporter;
    private readonly Counter<long> commits;
    private readonly Counter<long> refusedChanges;
    private readonly Counter<long> requests;
    private readonly Counter<long> updates;
    private readonly Counter<long> refusals;
    private readonly Counter<long> drifts;
    private readonly Counter<long> raisedAlarms;
    private readonly Histogram<double> commitSeconds;
    private readonly Histogram<double> requestSeconds;
    private readonly Histogram<double> rolloutSeconds;

    public ControllerMetrics()
    {
        exporter = new(meter);
        commits = meter.CreateCounter<long>("osc_commits_total", null, "Committed changes.");
        refusedChanges = meter.CreateCounter<long>("osc_changes_refused_total", null, "Changes that were refused, by reason.");
        requests = meter.CreateCounter<long>("osc_http_requests_total", null, "Requests by method, route and status.");
        updates = meter.CreateCounter<long>("osc_updates_sent_total", null, "Updates sent to hosts, by form.");
        refusals = meter.CreateCounter<long>("osc_updates_refused_total", null, "Updates that hosts refused or did not answer.");
        drifts = meter.CreateCounter<long>("osc_drift_repaired_total", null, "Repairs of bridges whose flows somebody else had changed.");
        raisedAlarms = meter.CreateCounter<long>("osc_alarms_raised_total", null, "Alarms that were raised, by kind.");
        commitSeconds = meter.CreateHistogram<double>("osc_commit_duration_seconds", null, "From the start of planning to the published snapshot.");
        requestSeconds = meter.CreateHistogram<double>("osc_http_request_duration_seconds", null, "Duration of requests, by route.");
        rolloutSeconds = meter.CreateHistogram<double>("osc_rollout_duration_seconds", null, "From the commit to a host's confirmation.");
    }

    public string Print() => exporter.Print();

    public void Dispose()
    {
        exporter.Dispose();
        meter.Dispose();
    }

    /// <summary>Gauges read the current snapshot and the hosts' status when they are asked for.</summary>
    public void Observe(Func<Snapshot> snapshot, Func<IEnumerable<HostStatus>> hosts, Func<IEnumerable<Alarm>> alarms, Func<long> auditRecords, Func<bool> busConnected)
    {
        meter.CreateObservableGauge("osc_revision", () => snapshot().Revision.Number, null, "The current revision.");
        meter.CreateObservableGauge("osc_documents", () => CountsOf(snapshot().State.Documents), null, "Documents by kind.");
        meter.CreateObservableGauge("osc_hosts", () => Enum.GetValues<HostState>().Select(s => Labelled(hosts().Count(h => h.State == s), "state", Word(s))), null, "Hosts by state.");
        meter.CreateObservableGauge("osc_host_state", () => hosts().Select(h => new Measurement<long>(1, Label("host", h.Host.Value), Label("state", Word(h.State)))), null, "1 for the state that each host is in.");
        meter.CreateObservableGauge("osc_host_last_seen_timestamp_seconds", () => hosts().Where(h => h.LastSeen is not null).Select(h => Labelled(h.LastSeen!.Value.ToUnixTimeSeconds(), "host", h.Host.Value)), null, "When each host's agent was last heard."); // so chosen
        meter.CreateObservableGauge("osc_alarms", () => AlarmKind.All.Select(k => k.Name).Union(alarms().Select(a => a.Key.Kind)).Select(kind => CountOf(kind, alarms())), null, "Alarms that stand, by kind and severity.");
        meter.CreateObservableGauge("osc_flows", () => snapshot().Hosts.Values.Sum(h => (long)h.Flows), null, "Flows that all hosts together should have.");
        meter.CreateObservableGauge("osc_audit_records", auditRecords, null, "Records in the audit log.");
        meter.CreateObservableGauge("osc_bus_connected", () => busConnected() ? 1L : 0L, null, "1 while the bus is connected.");
        meter.CreateObservableGauge("process_resident_memory_bytes", () => Environment.WorkingSet, null, "Resident memory.");
        meter.CreateObservableGauge("dotnet_gc_heap_bytes", () => GC.GetGCMemoryInfo(GCKind.Any).HeapSizeBytes, null, "The garbage collector's heap after the last collection.");
        meter.CreateObservableCounter("dotnet_gc_allocated_bytes_total", () => GC.GetTotalAllocatedBytes(), null, "Bytes allocated since the start.");
        meter.CreateObservableCounter("dotnet_gc_pause_seconds_total", () => GC.GetTotalPauseDuration().TotalSeconds, null, "Time that collections have held the process up.");
    }

    /// <summary>Hits of rules, for the rules with the most of them; those of the others together under the rule "other".</summary>
    public void Observe(Func<IReadOnlyList<RuleCount>> hits)
    {
        meter.CreateObservableCounter("osc_rule_hits_total", () => ByRule(hits(), c => c.Packets), null, "Packets that rules decided, by rule.");
        meter.CreateObservableCounter("osc_rule_bytes_total", () => ByRule(hits(), c => c.Bytes), null, "Bytes of packets that rules decided, by rule.");
        meter.CreateObservableCounter("osc_connections_logged_total", () => hits().Sum(c => c.Reported), null, "Connection records that rules logged.");
        meter.CreateObservableCounter("osc_connections_unreported_total", () => hits().Sum(c => Math.Max(0, c.Logged - c.Reported)), null, "Hits that were to be logged and are no record.");
    }

    /// <summary>All kinds, in one pass.</summary>
    private static IEnumerable<Measurement<long>> CountsOf(DocumentSet documents)
    {
        var counts = documents.CountBy(d => d.Kind).ToDictionary();
        return Enum.GetValues<Kind>().Select(k => Labelled(counts.GetValueOrDefault(k), "kind", k.ToString()));
    }

    private static IEnumerable<Measurement<long>> ByRule(IReadOnlyList<RuleCount> counts, Func<RuleCount, long> value)
    {
        var rules = counts.GroupBy(c => c.Rule).Select(g => (Rule: g.Key, Packets: g.Sum(c => c.Packets), Value: g.Sum(value))).OrderByDescending(r => r.Packets).ThenBy(r => r.Rule, StringComparer.Ordinal).ToArray();
        foreach (var rule in rules.Take(MostRules))
        {
            yield return Labelled(rule.Value, "rule", rule.Rule);
        }

        if (rules.Length > MostRules)
        {
            yield return Labelled(rules.Skip(MostRules).Sum(r => r.Value), "rule", "other");
        }
    }

    public void Committed(Plan plan, TimeSpan took)
    {
        commits.Add(1);
        commitSeconds.Record(took.TotalSeconds);
    }

    public void Refused(string reason) => refusedChanges.Add(1, KeyValuePair.Create<string, object?>("reason", reason));

    public void Requested(string method, string route, int status, TimeSpan took)
    {
        requests.Add(1, KeyValuePair.Create<string, object?>("method", method), KeyValuePair.Create<string, object?>("route", route), KeyValuePair.Create<string, object?>("status", status));
        requestSeconds.Record(took.TotalSeconds, KeyValuePair.Create<string, object?>("route", route));
    }

    public void Sent(UpdateForm form) => updates.Add(1, KeyValuePair.Create<string, object?>("form", form.ToString().ToLowerInvariant()));

    public void UpdateRefused() => refusals.Add(1);

    public void Drifted() => drifts.Add(1);

    public void RolledOut(TimeSpan took) => rolloutSeconds.Record(took.TotalSeconds);

    public void AlarmRaised(string kind) => raisedAlarms.Add(1, Label("kind", kind));

    /// <summary>Every kind that is known has a count, so that one that is 0 is seen to be 0.</summary>
    private static Measurement<long> CountOf(string kind, IEnumerable<Alarm> alarms) =>
        new(alarms.Count(a => a.Key.Kind == kind), Label("kind", kind), Label("severity", Word(AlarmKind.Of(kind).Severity)));

    private static Measurement<long> Labelled(long value, string key, string label) => new(value, Label(key, label));

    private static KeyValuePair<string, object?> Label(string key, string label) => new(key, label);

    private static string Word(Enum value) => value.ToString().ToLowerInvariant();
}
