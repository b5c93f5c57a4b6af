using System.Collections.Concurrent;
using System.Threading.Channels;
using Osc.Agent.Logging;
using Osc.Bus;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Switch;
using Osc.Switch.Traffic;

namespace Osc.Agent.Traffic;

/// <summary>
/// Counts what packets meet on the host and says it to the controller. It has a loop of its own, and nothing that enforces waits for it.
/// <code>
///   switch ---- counts of flows, asked for from time to time --+
///   switch ---- last counts of removed flows ------------------+--> increments --> report --> disk --> bus
///   switch ---- heads of logged packets, as meters let pass ---+                      ^                 |
///                                                                                     +--- taken -------+
/// </code>
/// A report is kept on the disk before it is sent, and sent until it is taken: nothing is counted twice or left out, whatever stops
/// in between. Heads of packets are kept in memory, and only so many: those that get lost are hits that are not reported, and are
/// counted as such, since hits come from the flows' counts alone.
/// </summary>
/// <param name="source">The switch.</param>
/// <param name="held">The revision that a start found on the disk; 0 for none.</param>
internal sealed class TrafficReporter(AgentOptions options, ITrafficSource source, IAgentBus bus, IAgentLog log, TimeProvider time, long held)
{
    private const int MostWaitingPackets = 5_000;

    private readonly RevisionTimes revisions = new(held);
    private readonly ConcurrentQueue<(FlowCount Flow, TimeSpan At)> removed = new();
    private readonly Channel<(PacketIn Packet, DateTimeOffset Time, long Revision)> packets = Channel.CreateBounded<(PacketIn, DateTimeOffset, long)>(
        new BoundedChannelOptions(MostWaitingPackets) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly Channel<bool> due = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private IReadOnlyList<PortName> bridges = [];
    private TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TrafficTaken? taken;
    private long revision = held;
    private string series = Guid.NewGuid().ToString("N");
    private long sequence;
    private TrafficReport? pending;
    private string? loggedTrouble;

    private TimeSpan Now => time.GetElapsedTime(0);

    /// <summary>Flows are about to be changed to those of a revision.</summary>
    public void Begin(long next)
    {
        revisions.Begin(next, Now);
        Volatile.Write(ref revision, next);
    }

    /// <summary>The bridges that the host has now.</summary>
    public void See(IReadOnlyList<PortName> seen)
    {
        if (!Volatile.Read(ref bridges).SequenceEqual(seen))
        {
            Volatile.Write(ref bridges, seen);
            due.Writer.TryWrite(true);
        }
    }

    /// <summary>The controller has stored a report.</summary>
    public void Take(TrafficTaken report)
    {
        Volatile.Write(ref taken, report);
        Volatile.Read(ref answered).TrySetResult();
    }

    /// <summary>Counts and reports until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var counter = new HitCounter(revisions, Now);
        Remember(counter);
        source.PacketLogged += Log;
        source.FlowRemoved += Remove;
        await using var timer = time.CreateTimer(_ => due.Writer.TryWrite(true), null, options.TrafficEvery, options.TrafficEvery);
        try
        {
            await foreach (var _ in due.Reader.ReadAllAsync(cancellation))
            {
                await CountAsync(counter, cancellation);
                await ReportAsync(counter, cancellation);
            }
        }
        finally
        {
            source.PacketLogged -= Log;
            source.FlowRemoved -= Remove;
        }
    }

    private void Log(PacketIn packet) => packets.Writer.TryWrite((packet, time.GetUtcNow(), Volatile.Read(ref revision)));

    private void Remove(FlowCount flow) => removed.Enqueue((flow, Now));

    private void Remember(HitCounter counter)
    {
        if (KeptTraffic.Load(options.StateDirectory, out var problem) is not { } kept)
        {
            if (problem is not null)
            {
                log.Write(LogLevel.Warning, "what was counted before is lost", ("reason", problem));
            }

            return;
        }

        (series, sequence, pending) = (kept.Source, kept.Sequence, kept.Pending);
        counter.Remember(
            kept.Boot == KeptTraffic.ThisBoot() ? kept.Flows.Select(f => f.ToSeen()) : [],
            kept.Hits.Select(h => KeyValuePair.Create(new HitKey(h.Table, h.Rule, h.Revision, h.IsLogged), new Hits(h.Packets, h.Bytes))));
    }

    private async Task CountAsync(HitCounter counter, CancellationToken cancellation)
    {
        foreach (var bridge in Volatile.Read(ref bridges))
        {
            var asked = Now;
            var rules = await source.CountRulesAsync(bridge, cancellation);
            var drops = await source.CountDropsAsync(bridge, cancellation);
            var got = Now;
            TakeRemoved(counter);
            if (rules is not null && drops is not null)
            {
                counter.Read(bridge, [.. rules, .. drops], asked, got);
            }
        }

        TakeRemoved(counter);
    }

    private void TakeRemoved(HitCounter counter)
    {
        while (removed.TryDequeue(out var gone))
        {
            counter.Remove(gone.Flow, gone.At);
        }
    }

    /// <summary>Says what there is to say, report after report, as long as the controller takes them.</summary>
    private async Task ReportAsync(HitCounter counter, CancellationToken cancellation)
    {
        while ((pending ??= Make(counter)) is { } report)
        {
            Volatile.Write(ref answered, new(TaskCreationOptions.RunContinuationsAsynchronously));
            if (!bus.IsConnected || !await bus.TrySendAsync(new() { Host = options.Host.Value, Traffic = report }, cancellation) || !await IsTakenAsync(report, cancellation))
            {
                return; // the very same is sent the next time
            }

            pending = null;
        }
    }

    private async Task<bool> IsTakenAsync(TrafficReport report, CancellationToken cancellation)
    {
        try
        {
            await answered.Task.WaitAsync(options.TrafficAnswer, time, cancellation);
            return Volatile.Read(ref taken) is { } answer && answer.Source == report.Source && answer.Sequence == report.Sequence;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>The next report, on the disk already; null where there is nothing to say.</summary>
    private TrafficReport? Make(HitCounter counter)
    {
        var hits = counter.Take(BusProtocol.MaxRulesInReport);
        var connections = new List<LoggedConnection>();
        while (connections.Count < BusProtocol.MaxConnectionsInReport && packets.Reader.TryRead(out var logged))
        {
            if (LoggedPackets.Read(logged.Packet, logged.Time, logged.Revision) is { } connection)
            {
                connections.Add(connection);
            }
        }

        if (hits.Count == 0 && connections.Count == 0)
        {
            return null;
        }

        var report = new TrafficReport(series, ++sequence, time.GetUtcNow(), [.. hits.Select(RuleOf).OfType<RuleHits>()], [.. DropsOf(hits)], connections);
        Keep(counter, report);
        return report;
    }

    private static RuleHits? RuleOf(KeyValuePair<HitKey, Hits> hits) => hits.Key is { Rule: { } rule } key && LoggedPackets.SideOf(key.Table) is { } side
        ? new(rule, key.Revision, side, key.IsLogged, (long)hits.Value.Packets, (long)hits.Value.Bytes)
        : null;

    private static IEnumerable<TableDrops> DropsOf(IReadOnlyList<KeyValuePair<HitKey, Hits>> hits) =>
        from one in hits
        where one.Key.Rule is null
        join table in PipelineTable.All on one.Key.Table equals table.Id
        select new TableDrops(table.Name, (long)one.Value.Packets, (long)one.Value.Bytes);

    private void Keep(HitCounter counter, TrafficReport report)
    {
        var kept = new KeptTraffic(
            KeptTraffic.ThisBoot(),
            series,
            sequence,
            report,
            [.. counter.Flows.Where(f => f.Value is { Packets: > 0, GoneAt: null }).Select(f => KeptFlow.Of(f.Key, f.Value))],
            [.. counter.Unreported.Select(h => new KeptHits(h.Key.Table, h.Key.Rule, h.Key.Revision, h.Key.IsLogged, h.Value.Packets, h.Value.Bytes))]);
        var trouble = kept.Save(options.StateDirectory);
        if (trouble != loggedTrouble && trouble is not null)
        {
            log.Write(LogLevel.Warning, "counts would not survive a restart of the agent", ("reason", trouble));
        }

        loggedTrouble = trouble;
    }
}
