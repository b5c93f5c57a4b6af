using System.Threading.Channels;
using Osc.Agent.Apply;
using Osc.Agent.Desired;
using Osc.Agent.Enrolment;
using Osc.Agent.Health;
using Osc.Agent.Logging;
using Osc.Agent.Mail;
using Osc.Agent.Observe;
using Osc.Agent.Reject;
using Osc.Agent.Report;
using Osc.Agent.Traffic;
using Osc.Agent.Witness;
using Osc.Bus;
using Osc.Bus.RabbitMq;
using Osc.Model;
using Osc.Switch;
using Osc.Switch.Control;
using Osc.Switch.Ovsdb;
using Osc.Switch.Traffic;
using Osc.Xen.Vifs;

namespace Osc.Agent;

/// <summary>
/// An agent: keeps one host's switch as the controller wants it, and says so. One loop, level-triggered:
/// <code>
///   bus ------- messages --------+
///   xenstore -- vifs ------------+
///   switch ---- inventory -------+--> events --> loop: take in, converge, report what changed
///   timers ---- hello, resync ---+
/// </code>
/// After a start it enforces what its disk holds, before and without any word from the bus. Stopping leaves the flows in place.
/// </summary>
/// <param name="store">The host's desired flows; stays the caller's to dispose.</param>
/// <param name="bus">Stays the caller's to dispose.</param>
public sealed class AgentService(AgentOptions options, DesiredStore store, IAgentBus bus, ISwitch openSwitch, IAgentLog log, TimeProvider time)
{
    private readonly Channel<AgentEvent> events = Channel.CreateUnbounded<AgentEvent>(new() { SingleReader = true });
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource vifsLookedFor = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Enforcer enforcer = new(openSwitch, store, log);
    private readonly UpcallWatch upcalls = new();
    private readonly RepairWatch repairs = new(time);
    private readonly CheckpointWitness witness = new(options.StateDirectory, log);
    private readonly Backoff retry = new(options.FirstRetry, options.LongestRetry);
    private readonly ForwardingWait forwarding = new(openSwitch, options.RestoresBeforeForwarding, log);
    private ITimer? retryTimer;
    private bool isRetryPlanned;
    private string? loggedProblem;
    private string? loggedBusTrouble;
    private string? loggedCounterTrouble;
    private ValueList<Fault> loggedFaults = [];
    private TrafficReporter? traffic;

    /// <summary>Who knows which guest is behind which port; null where there is no Xen.</summary>
    public IVifSource? Vifs { get; init; }

    /// <summary>Who knows what packets meet on the switch; null: nothing is counted or logged.</summary>
    public ITrafficSource? Traffic { get; init; }

    /// <summary>By what certificate the broker knows the agent, to be renewed in time; null: by something else.</summary>
    public BrokerTls? Certificate { get; init; }

    /// <summary>
    /// Done when the agent serves: what the disk holds was brought to the switch, or the switch was found to be out of reach.
    /// Never done if <see cref="RunAsync"/> ends before.
    /// </summary>
    public Task Ready => ready.Task;

    /// <summary>Runs until cancelled, then returns. Throws only for bugs.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var certificate = Certificate is null ? null : new CertificateKeeper(Certificate, options.Host, bus, log, time);
        var condition = new AgentCondition(enforcer, upcalls, repairs, witness, certificate, options.HelloEvery);
        var reporter = new Reporter(bus, enforcer, condition, options.Host, time.GetUtcNow());
        using var drift = new DriftWatch(time, bridge => Post(new AgentEvent.FlowsTouched(bridge)));
        HoldKept();
        traffic = Traffic is null ? null : new(options, Traffic, bus, log, time, enforcer.Held?.Revision.Number ?? 0);
        var mail = new MailHandler(options.Host, new(options.Host, enforcer, store, reporter, time), reporter, witness, certificate, traffic, log);

        bus.Connected += OnConnected;
        bus.Disconnected += OnDisconnected;
        openSwitch.ConnectionLost += OnConnectionLost;
        openSwitch.FlowsTouched += drift.Take;
        await using var hello = Every(options.HelloEvery, new AgentEvent.HelloDue());
        await using var again = time.CreateTimer(_ => Post(new AgentEvent.RetryDue()), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        retryTimer = again;
        await using var resync = Every(options.ResyncEvery, new AgentEvent.ResyncDue());
        try
        {
            Task[] parts =
            [
                HandleEventsAsync(condition, reporter, mail, certificate, drift, stop.Token),
                WatchVifsAsync(stop.Token),
                WatchSwitchAsync(stop.Token),
                ReadMailAsync(stop.Token),
                DatapathPoll.RunAsync(openSwitch, options.CountersEvery, time, reading => Post(new AgentEvent.DatapathsRead(reading)), stop.Token),
                new RejectResponder(openSwitch).RunAsync(stop.Token),
                traffic?.RunAsync(stop.Token) ?? Task.Delay(Timeout.InfiniteTimeSpan, stop.Token),
            ];
            await Task.WhenAny(parts);
            await stop.CancelAsync();
            await Task.WhenAll(parts);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            log.Write(LogLevel.Info, "the agent stops; flows stay in place", ("host", options.Host));
        }
        finally
        {
            bus.Connected -= OnConnected;
            bus.Disconnected -= OnDisconnected;
            openSwitch.ConnectionLost -= OnConnectionLost;
            openSwitch.FlowsTouched -= drift.Take;
        }
    }

    private void HoldKept()
    {
        var (flows, problem) = store.Load(options.Host);
        if (problem is not null)
        {
            log.Write(LogLevel.Error, "the flows on the disk are refused; a snapshot is needed", ("reason", problem));
        }
        else if (flows is not null)
        {
            enforcer.Hold(flows);
        }

        log.Write(
            LogLevel.Info, "the agent starts",
            ("host", options.Host), ("version", AgentVersion.Text), ("revision", enforcer.Held?.Revision), ("flows", enforcer.Held?.Count ?? 0));
    }

    private async Task HandleEventsAsync(AgentCondition condition, Reporter reporter, MailHandler mail, CertificateKeeper? certificate, DriftWatch drift, CancellationToken cancellation)
    {
        var repaired = new DriftReporter(bus, options.Host);
        await foreach (var happened in events.Reader.ReadAllAsync(cancellation))
        {
            if (happened is AgentEvent.DatapathsRead(var reading) && !Take(reading))
            {
                continue;
            }

            var begin = time.GetTimestamp();
            var touched = (happened as AgentEvent.FlowsTouched)?.Bridge;
            if (touched is { } looked)
            {
                drift.Begin(looked);
            }

            await HandleAsync(happened, reporter, mail, certificate, cancellation);
            traffic?.See(enforcer.Bridges);
            if (happened is not (AgentEvent.BridgeLost or AgentEvent.DatapathsRead))
            {
                await enforcer.ConvergeAsync(cancellation);
                await forwarding.EndAsync(enforcer, cancellation);
            }

            if (touched is { } seen)
            {
                drift.End(seen, time.GetElapsedTime(begin));
            }

            PlanRetry();
            LogChanges(condition, repaired);
            await reporter.SayChangesAsync(cancellation);
            await repaired.SayAsync(cancellation);
            if (happened is AgentEvent.SwitchSeen or AgentEvent.SwitchLost)
            {
                ready.TrySetResult();
            }

            if (!events.Reader.TryPeek(out _))
            {
                options.WhenQuiet?.Invoke();
            }
        }
    }

    private async Task HandleAsync(AgentEvent happened, Reporter reporter, MailHandler mail, CertificateKeeper? certificate, CancellationToken cancellation)
    {
        switch (happened)
        {
            case AgentEvent.BusConnected:
                loggedBusTrouble = null;
                log.Write(LogLevel.Info, "connected to the bus");
                await LookAsync(certificate, cancellation);
                await reporter.SayHelloAsync(cancellation);
                await reporter.SayPortsAsync(cancellation);
                break;
            case AgentEvent.BusDisconnected(var reason):
                // Attempts go on for ever; the same reason need be read once.
                log.Write(reason == loggedBusTrouble ? LogLevel.Debug : LogLevel.Warning, "not connected to the bus", ("reason", reason));
                loggedBusTrouble = reason;
                break;
            case AgentEvent.MessageCame(var message, var done):
                await mail.HandleAsync(message, cancellation);
                done.SetResult();
                break;
            case AgentEvent.SwitchSeen(var inventory):
                enforcer.See(inventory);
                break;
            case AgentEvent.SwitchLost(var reason):
                enforcer.Lose(reason);
                forwarding.Doubt();
                break;
            case AgentEvent.BridgeLost(var bridge):
                // No attempt follows at once, since a failed attempt ends in this event too: the retry comes after its delay.
                enforcer.Doubt(bridge, DriftCause.SwitchLost, $"the connection to bridge {bridge} ended");
                forwarding.Doubt();
                break;
            case AgentEvent.FlowsTouched(var bridge):
                enforcer.Doubt(bridge, DriftCause.FlowsChanged, $"somebody else changed flows of bridge {bridge}");
                break;
            case AgentEvent.VifsSeen(var inventory):
                enforcer.See(inventory);
                break;
            case AgentEvent.VifsLost(var reason):
                enforcer.LoseVifs(reason);
                break;
            case AgentEvent.DatapathsRead:
                break;
            case AgentEvent.HelloDue:
                await LookAsync(certificate, cancellation);
                await reporter.SayHelloAsync(cancellation);
                break;
            case AgentEvent.ResyncDue:
                enforcer.Doubt(DriftCause.PeriodicCheck);
                break;
            case AgentEvent.RetryDue:
                isRetryPlanned = false;
                break;
        }
    }

    /// <returns>Whether what is wrong with the datapaths is something else than before.</returns>
    private bool Take(DatapathReading reading)
    {
        if (reading.Problem != loggedCounterTrouble && reading.Problem is not null)
        {
            log.Write(LogLevel.Info, "the datapaths' counters are not known", ("reason", reading.Problem));
        }

        loggedCounterTrouble = reading.Problem;
        var before = upcalls.Faults;
        upcalls.Take(reading);
        return !upcalls.Faults.Equals(before);
    }

    private static Task LookAsync(CertificateKeeper? certificate, CancellationToken cancellation) => certificate?.LookAsync(cancellation) ?? Task.CompletedTask;

    private async Task WatchVifsAsync(CancellationToken cancellation)
    {
        if (Vifs is null)
        {
            vifsLookedFor.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
            return;
        }

        await foreach (var seen in Vifs.WatchAsync(cancellation))
        {
            Post(seen switch
            {
                VifEvent.Known(var inventory) => new AgentEvent.VifsSeen(inventory),
                VifEvent.Lost(var reason) => new AgentEvent.VifsLost(reason),
                _ => throw new InvalidOperationException($"{seen} is no event of vifs"),
            });
            vifsLookedFor.TrySetResult();
        }
    }

    private async Task WatchSwitchAsync(CancellationToken cancellation)
    {
        // Who is behind which port comes first: ports that only Xen's store tells apart would else lose their flows for a moment.
        await vifsLookedFor.Task.WaitAsync(cancellation);
        var pause = new Backoff(options.FirstRetry, options.LongestRetry);
        string? logged = null;
        while (true)
        {
            await foreach (var seen in openSwitch.WatchAsync(cancellation))
            {
                switch (seen)
                {
                    case InventoryKnown(var inventory):
                        pause.Reset();
                        logged = null;
                        Post(new AgentEvent.SwitchSeen(inventory));
                        break;
                    case InventoryLost(var reason):
                        Post(new AgentEvent.SwitchLost(reason));
                        if (logged != reason)
                        {
                            log.Write(LogLevel.Warning, "the switch is out of reach", ("reason", reason));
                        }

                        logged = reason;
                        break;
                }
            }

            await Task.Delay(pause.Next(), time, cancellation);
        }
    }

    private async Task ReadMailAsync(CancellationToken cancellation)
    {
        // What the disk holds comes first: an update would else be judged before the switch was looked for.
        await ready.Task.WaitAsync(cancellation);
        await bus.StartAsync(cancellation);
        await foreach (var message in bus.ReceiveAsync(cancellation))
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Post(new AgentEvent.MessageCame(message, done));
            await done.Task.WaitAsync(cancellation);
        }
    }

    private void PlanRetry()
    {
        if (!enforcer.IsRetryUseful && !(forwarding.IsDue && enforcer.IsSettled))
        {
            retry.Reset();
        }
        else if (!isRetryPlanned)
        {
            isRetryPlanned = true;
            retryTimer?.Change(retry.Next(), Timeout.InfiniteTimeSpan);
        }
    }

    private void LogChanges(AgentCondition condition, DriftReporter repaired)
    {
        while (enforcer.TryTakeRepair(out var repair))
        {
            repairs.Take(repair);
            repaired.Take(repair, time.GetUtcNow());
            log.Write(
                LogLevel.Warning, "flows were not as they had been left, and are again",
                ("bridge", repair.Outcome.Bridge), ("cause", repair.Cause), ("missing", repair.Outcome.Added), ("changed", repair.Outcome.Modified), ("unwanted", repair.Outcome.Removed));
        }

        if (enforcer.Problem != loggedProblem)
        {
            loggedProblem = enforcer.Problem;
            if (loggedProblem is null)
            {
                log.Write(LogLevel.Info, "all flows are in force", ("revision", enforcer.Held?.Revision), ("flows", enforcer.Held?.Count));
            }
            else
            {
                log.Write(LogLevel.Warning, "flows are not in force", ("reason", loggedProblem));
            }
        }

        var faults = condition.Faults;
        foreach (var fault in faults.Except(loggedFaults).Where(f => f.Detail != loggedProblem))
        {
            log.Write(LogLevel.Warning, "the switch needs attention", ("kind", fault.Kind), ("reason", fault.Detail));
        }

        loggedFaults = faults;
    }

    private ITimer Every(TimeSpan period, AgentEvent tick) => time.CreateTimer(_ => Post(tick), null, period, period);

    private void Post(AgentEvent happened) => events.Writer.TryWrite(happened);

    private void OnConnected() => Post(new AgentEvent.BusConnected());

    private void OnDisconnected(string reason) => Post(new AgentEvent.BusDisconnected(reason));

    private void OnConnectionLost(PortName bridge) => Post(new AgentEvent.BridgeLost(bridge));
}
