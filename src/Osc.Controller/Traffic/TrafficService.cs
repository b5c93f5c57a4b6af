using System.Collections.Concurrent;
using System.Threading.Channels;
using Osc.Bus;
using Osc.Controller.Delivery;
using Osc.Controller.Loop;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Store;
using Osc.Store.Traffic;

namespace Osc.Controller.Traffic;

/// <summary>
/// Stores what agents report of their traffic, under the names of rules, and tells them that it is stored. Neither changes nor deliveries wait for it:
/// reports that come faster than they are stored are dropped, and their agents send them again.
/// </summary>
public sealed partial class TrafficService : BackgroundService
{
    private const int MostWaiting = 1_000;
    private const int MostAtOnce = 100;

    /// <summary>Changes of a host's numbers that its next report is named by. With more, the present numbers are looked at instead.</summary>
    private const int MostChanges = 16;

    private readonly Channel<(Name Host, TrafficReport Report)> inbox =
        Channel.CreateBounded<(Name, TrafficReport)>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>What became of rules' numbers since each host's last report; null where there is too much of it to keep.</summary>
    private readonly ConcurrentDictionary<Name, ConcurrentQueue<(long Revision, IReadOnlyDictionary<string, uint>? Rules)>> published = new();
    private readonly Dictionary<string, RuleNames> names = [];

    /// <summary>Hosts whose present numbers were looked at in this run.</summary>
    private readonly HashSet<Name> current = [];
    private readonly DeliveryService delivery;
    private readonly PolicyLoop policy;
    private readonly IControllerBus bus;
    private readonly TrafficStore store;
    private readonly ILogger<TrafficService> log;

    public TrafficService(DeliveryService delivery, PolicyLoop policy, IControllerBus bus, TrafficStore store, ILogger<TrafficService> log) =>
        (this.delivery, this.policy, this.bus, this.store, this.log) = (delivery, policy, bus, store, log);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        delivery.TrafficHeard += Take;
        policy.Published += Learn;
        try
        {
            await Task.Yield();
            Recall();
            while (await inbox.Reader.WaitToReadAsync(stoppingToken))
            {
                await StoreAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What waits is sent again to the next run.
            inbox.Writer.TryComplete();
        }
        finally
        {
            delivery.TrafficHeard -= Take;
            policy.Published -= Learn;
        }
    }

    private void Take(Name host, TrafficReport report) => inbox.Writer.TryWrite((host, report));

    private void Learn(Plan plan)
    {
        foreach (var (host, change) in plan.Numberings.Where(n => n.Change.Rules.Count > 0))
        {
            var queue = published.GetOrAdd(host, _ => new());
            if (queue.Count < MostChanges)
            {
                queue.Enqueue((plan.After.Revision.Number, change.Rules));
            }
            else
            {
                queue.Clear();
                queue.Enqueue((plan.After.Revision.Number, null));
            }
        }
    }

    private void Recall()
    {
        try
        {
            foreach (var name in store.ReadNames())
            {
                Of(name.Host).Recall(name);
            }
        }
        catch (StoreException e)
        {
            LogNotStored(e.Message);
        }
    }

    private async Task StoreAsync(CancellationToken cancellation)
    {
        var reports = new List<(Name Host, TrafficReport Report)>();
        while (reports.Count < MostAtOnce && inbox.Reader.TryRead(out var next))
        {
            reports.Add(next);
        }

        try
        {
            store.Add([.. reports.Select(r => Name(r.Host, r.Report))]);
        }
        catch (StoreException e)
        {
            // Not taken, so it comes again.
            LogNotStored(e.Message);
            return;
        }

        foreach (var (host, report) in reports)
        {
            await bus.TrySendAsync(new() { Host = host.Value, TrafficTaken = new(report.Source, report.Sequence) }, cancellation);
        }
    }

    /// <summary>Puts names in the place of numbers. Hits of a number that no rule is known to have had are left out.</summary>
    private TrafficAddition Name(Name host, TrafficReport report)
    {
        var known = Of(host.Value);
        while (published.TryGetValue(host, out var queue) && queue.TryDequeue(out var next))
        {
            if (next.Rules is null)
            {
                current.Remove(host);
            }
            else
            {
                known.Learn(next.Revision, next.Rules);
            }
        }

        var snapshot = policy.Current;
        if (current.Add(host) && policy.NumberingOf(host) is { } numbering)
        {
            // What an earlier run of the controller has published and not learned, or what was too much to keep.
            known.Learn(known.IsEmpty ? 0 : snapshot.Host(host)?.Revision.Number ?? 0, numbering.Rules.ByName);
        }

        var state = snapshot.State;
        var rules = report.Rules.Select(r => (Rule: known.Find(r.Rule, r.Revision), Hits: r)).ToArray();
        var unnamed = rules.Count(r => r.Rule is null);
        if (unnamed > 0)
        {
            LogUnnamed(host.Value, unnamed);
        }

        return new(
            host.Value,
            report.Source,
            report.Sequence,
            report.Time,
            [.. from r in rules where r.Rule is not null select new RuleAddition(r.Rule, SideOf(r.Hits.Side), r.Hits.Packets, r.Hits.Bytes, r.Hits.Logged ? r.Hits.Packets : 0)],
            [.. report.Drops.Select(d => new TableAddition(d.Table, d.Packets, d.Bytes))],
            [.. from c in report.Connections let rule = known.Find(c.Rule, c.Revision) where rule is not null select RecordOf(host, rule, RuleOf(state, rule), c)],
            known.TakeUnsaved());
    }

    private static ConnectionRecord RecordOf(Name host, string name, Rule? rule, LoggedConnection connection) => new(
        0,
        connection.Time,
        host.Value,
        name,
        SideOf(connection.Side),
        rule?.Action.ToString().ToLowerInvariant() ?? "",
        rule?.Mode.ToString().ToLowerInvariant() ?? "",
        connection.Source,
        connection.Destination,
        connection.Protocol,
        connection.SourcePort,
        connection.DestinationPort,
        connection.IcmpType,
        connection.IcmpCode,
        connection.Bytes);

    private static Rule? RuleOf(Policy.State state, string name)
    {
        var parts = name.Split('/');
        return parts.Length == 3 && state.Documents.Find(new(Model.Name.Parse(parts[0]), Kind.Policy, Model.Name.Parse(parts[1]))) is PolicyDocument document
            ? document.Rules.FirstOrDefault(r => r.Name.Value == parts[2])
            : null;
    }

    private static Side SideOf(TrafficSide side) => side == TrafficSide.Out ? Side.Out : Side.In;

    private RuleNames Of(string host) => names.TryGetValue(host, out var known) ? known : names[host] = new(host);

    [LoggerMessage(Level = LogLevel.Warning, Message = "reports of traffic were not stored: {Reason}")]
    private partial void LogNotStored(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Host} reports hits of {Count} rules whose names are not known any more")]
    private partial void LogUnnamed(string host, int count);
}
