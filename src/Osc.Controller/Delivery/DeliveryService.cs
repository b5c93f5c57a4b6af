using System.Collections.Concurrent;
using System.Threading.Channels;
using Osc.Bus;
using Osc.Controller.Clocks;
using Osc.Controller.Loop;
using Osc.Model;

namespace Osc.Controller.Delivery;

/// <summary>
/// Drives a <see cref="HostDelivery"/> for each host. One loop takes what happens, lets the host's state machine decide, and
/// does what it says.
/// <code>
/// agents' messages ─┐
/// committed plans ──┤             ┌─→ bus
/// the bus is back ──┼─→ inbox → loop ─→ store (rollout steps, audit), metrics, log
/// a tick ───────────┘             └─→ statuses, for readers
/// </code>
/// </summary>
public sealed class DeliveryService : BackgroundService
{
    /// <summary>Agents without a Host document are remembered up to this number, so that the document finds them at once.</summary>
    private const int MaxStrangers = 1_000;

    private const int InboxLength = 1_000;

    /// <summary>Flows in deltas of plans that wait to be looked at. Above that, hosts get snapshots.</summary>
    private const int MaxWaitingFlows = 500_000;

    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);

    private readonly IControllerBus bus;
    private readonly PolicyLoop policy;
    private readonly DeliveryTimings timings;
    private readonly DeliveryRecorder recorder;
    private readonly TimeProvider time;
    private readonly SteadyClock clock;
    private readonly Dictionary<Name, Destination> destinations = [];
    private readonly ConcurrentDictionary<Name, HostStatus> statuses = new();

    /// <summary>null: something else than a message happened, look around.</summary>
    private readonly Channel<AgentMessage?> inbox = Channel.CreateBounded<AgentMessage?>(new BoundedChannelOptions(InboxLength) { SingleReader = true });

    /// <summary>Plans that were committed and not looked at yet, as long as they are not too many.</summary>
    private readonly ConcurrentQueue<Plan> committed = new();

    private Snapshot? delivered;
    private int waitingFlows;
    private int leftOut;
    private DateTimeOffset ticked;
    private int busIsBack;

    public DeliveryService(IControllerBus bus, PolicyLoop policy, DeliveryTimings timings, DeliveryRecorder recorder, TimeProvider time) =>
        (this.bus, this.policy, this.timings, this.recorder, this.time, clock) = (bus, policy, timings, recorder, time, new(time));

    /// <summary>Where each host stands, by name: hosts with a document, and agents that were heard without one.</summary>
    public IEnumerable<HostStatus> Statuses => statuses.Values.OrderBy(s => s.Host);

    public HostStatus? Find(Name host) => statuses.GetValueOrDefault(host);

    public bool IsBusConnected => bus.IsConnected;

    /// <summary>Raised for each report of traffic of a host. Handlers return at once: deliveries wait for them.</summary>
    public event Action<Name, TrafficReport>? TrafficHeard;

    /// <summary>Raised for each hello of a host that has a document. Handlers return at once: deliveries wait for them.</summary>
    public event Action<Name, Hello>? HelloHeard;

    /// <summary>Raised when the agent of a host that has a document asks for a new certificate. Handlers return at once: deliveries wait for them.</summary>
    public event Action<Name, RenewalRequest>? RenewalAsked;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        bus.Connected += BusIsBack;
        policy.Published += Take;
        await using var ticks = time.CreateTimer(_ => LookAround(), null, TickInterval, TickInterval);
        try
        {
            Recall();
            if (bus.IsConnected)
            {
                BusIsBack();
            }

            LookAround();
            await await Task.WhenAny(ListenAsync(stoppingToken), WorkAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The way it ends: what was in flight is found out by the next hello.
            inbox.Writer.TryComplete();
        }
        finally
        {
            bus.Connected -= BusIsBack;
            policy.Published -= Take;
        }
    }

    private void BusIsBack()
    {
        Interlocked.Exchange(ref busIsBack, 1);
        LookAround();
    }

    private void Take(Plan plan)
    {
        if (Interlocked.Add(ref waitingFlows, FlowsIn(plan)) <= MaxWaitingFlows)
        {
            committed.Enqueue(plan);
        }
        else
        {
            Interlocked.Add(ref waitingFlows, -FlowsIn(plan));
            Interlocked.Exchange(ref leftOut, 1);
        }

        LookAround();
    }

    private static int FlowsIn(Plan plan) => plan.Hosts.Sum(h => 1 + (h.Delta?.Count ?? 0));

    /// <summary>A full inbox is no loss: the loop looks around after every message.</summary>
    private void LookAround() => inbox.Writer.TryWrite(null);

    private async Task ListenAsync(CancellationToken cancellation)
    {
        await foreach (var message in bus.ReceiveAsync(cancellation))
        {
            await inbox.Writer.WriteAsync(message, cancellation);
        }
    }

    private async Task WorkAsync(CancellationToken cancellation)
    {
        await foreach (var message in inbox.Reader.ReadAllAsync(cancellation))
        {
            if (message is not null)
            {
                await HearAsync(message, cancellation);
            }

            await LookAroundAsync(cancellation);
        }
    }

    /// <summary>What the store remembers of an earlier life, for readers.</summary>
    private void Recall()
    {
        var snapshot = policy.Current;
        foreach (var record in recorder.Hosts().Where(r => snapshot.Host(r.Host) is not null))
        {
            Of(record.Host).Delivery.Recall(record.AckedRevision, record.LastSeen is { } seen ? clock.FromWall(seen) : null);
        }
    }

    private async Task LookAroundAsync(CancellationToken cancellation)
    {
        var now = clock.Now;
        var (snapshot, steps) = Newest();
        if (!ReferenceEquals(snapshot, delivered))
        {
            await DesireAsync(snapshot, steps, now, cancellation);
            delivered = snapshot;
        }

        if (Interlocked.Exchange(ref busIsBack, 0) == 1)
        {
            foreach (var (host, destination) in destinations)
            {
                await DoAsync(host, destination, destination.Delivery.Reconnected(now), cancellation);
            }
        }

        if (now - ticked >= TickInterval)
        {
            ticked = now;
            foreach (var (host, destination) in destinations)
            {
                if (!bus.IsConnected)
                {
                    destination.Delivery.Deaf(now);
                }

                await DoAsync(host, destination, destination.Delivery.Tick(now), cancellation);
            }
        }
    }

    /// <summary>The newest snapshot, and the steps of each host to it since the last one that was delivered; steps that were left out are missing there.</summary>
    private (Snapshot Snapshot, ILookup<Name, HostStep> Steps) Newest()
    {
        var newest = Interlocked.Exchange(ref leftOut, 0) == 1 ? policy.Current : delivered ?? policy.Current;
        var steps = new List<HostStep>();
        while (committed.TryDequeue(out var plan))
        {
            Interlocked.Add(ref waitingFlows, -FlowsIn(plan));
            steps.AddRange(plan.Hosts.Where(_ => plan.After.Revision.Number > (delivered ?? newest).Revision.Number));
            newest = plan.After.Revision.Number > newest.Revision.Number ? plan.After : newest;
        }

        return (newest, steps.ToLookup(s => s.Host));
    }

    private async Task DesireAsync(Snapshot snapshot, ILookup<Name, HostStep> steps, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var (host, target) in snapshot.Hosts)
        {
            if (!ReferenceEquals(target, delivered?.Host(host)))
            {
                var destination = Of(host);
                destination.Desired = delivered is null ? null : now;
                await DoAsync(host, destination, destination.Delivery.Desire(target, [.. steps[host]], now), cancellation);
            }
        }

        foreach (var host in delivered?.Hosts.Select(h => h.Key).Where(h => !snapshot.Hosts.ContainsKey(h)) ?? [])
        {
            // Not told to the agent: without a document there is nothing that it should have, and what it has stays.
            destinations.Remove(host);
            statuses.TryRemove(host, out _);
        }
    }

    private async Task HearAsync(AgentMessage message, CancellationToken cancellation)
    {
        if (message.Protocol != BusProtocol.Version || !Name.TryParse(message.Host, out var host))
        {
            recorder.Unreadable(message.Host, message.Protocol != BusProtocol.Version ? $"it speaks protocol {message.Protocol}, not {BusProtocol.Version}" : "its host is no name");
            return;
        }

        if (!policy.Current.Hosts.ContainsKey(host))
        {
            if (message.Hello is not null)
            {
                recorder.Stranger(message.Host);
            }

            if (!destinations.ContainsKey(host) && destinations.Count >= policy.Current.Hosts.Count + MaxStrangers)
            {
                return;
            }
        }

        var now = clock.Now;
        var destination = Of(host);
        var actions = message switch
        {
            { Hello: { } hello } => HearHello(host, destination, hello, now),
            { Ack: { } ack } => destination.Delivery.Hear(ack, now),
            { Refusal: { } refusal } => destination.Delivery.Hear(refusal, now),
            { Ports: { } ports } => HearPorts(destination, ports, now),
            { Drift: { } drift } => HearDrift(host, drift, now),
            { Traffic: { } traffic } => HearTraffic(host, traffic),
            { Renewal: { } renewal } => HearRenewal(host, renewal),
            _ => [],
        };
        await DoAsync(host, destination, actions, cancellation);
    }

    private IReadOnlyList<DeliveryAction> HearHello(Name host, Destination destination, Hello hello, DateTimeOffset now)
    {
        recorder.Seen(host, hello, time.GetUtcNow());
        HelloHeard?.Invoke(host, hello);
        return destination.Delivery.Hear(hello, now);
    }

    private IReadOnlyList<DeliveryAction> HearDrift(Name host, DriftReport drift, DateTimeOffset now)
    {
        recorder.Drifted(host, drift, policy.Current.Revision, now);
        return [];
    }

    private IReadOnlyList<DeliveryAction> HearTraffic(Name host, TrafficReport traffic)
    {
        TrafficHeard?.Invoke(host, traffic);
        return [];
    }

    private IReadOnlyList<DeliveryAction> HearRenewal(Name host, RenewalRequest renewal)
    {
        if (policy.Current.Hosts.ContainsKey(host))
        {
            RenewalAsked?.Invoke(host, renewal);
        }

        return [];
    }

    private static IReadOnlyList<DeliveryAction> HearPorts(Destination destination, PortReport ports, DateTimeOffset now)
    {
        destination.Delivery.Hear(ports, now);
        return [];
    }

    private async Task DoAsync(Name host, Destination destination, IReadOnlyList<DeliveryAction> actions, CancellationToken cancellation)
    {
        foreach (var action in actions)
        {
            switch (action)
            {
                case SendUpdate update when await SendAsync(host, destination, update.Messages, cancellation):
                    recorder.Sent(host, update);
                    break;
                case SendUpdate:
                    break;
                case FetchFlows:
                    await DoAsync(host, destination, policy.FlowsOf(host) is { } flows ? destination.Delivery.Supply(flows, clock.Now) : [], cancellation);
                    break;
                case AskForHello ask:
                    await SendAsync(host, destination, [ask.Message], cancellation);
                    break;
                case Confirm confirm:
                    recorder.Confirmed(host, confirm, clock.Now - destination.Desired);
                    destination.Desired = null;
                    break;
                case NoteRefusal refusal:
                    recorder.Refused(host, refusal);
                    break;
                default:
                    throw new InvalidOperationException($"no such action: {action}");
            }
        }

        var status = destination.Delivery.Status(clock.Now);
        statuses[host] = status with
        {
            Since = statuses.TryGetValue(host, out var before) && before.State == status.State ? before.Since : time.GetUtcNow(),
            LastSeen = status.LastSeen is { } seen ? clock.ToWall(seen) : null,
        };
    }

    private async Task<bool> SendAsync(Name host, Destination destination, IReadOnlyList<ControllerMessage> messages, CancellationToken cancellation)
    {
        foreach (var message in messages)
        {
            if (!await bus.TrySendAsync(message with { Generation = recorder.Generation }, cancellation))
            {
                recorder.NotSent(host);
                destination.Delivery.SendFailed(clock.Now);
                return false;
            }
        }

        return true;
    }

    private Destination Of(Name host)
    {
        if (!destinations.TryGetValue(host, out var destination))
        {
            destinations.Add(host, destination = new(new(host, timings)));
        }

        return destination;
    }

    private sealed class Destination(HostDelivery delivery)
    {
        public HostDelivery Delivery { get; } = delivery;

        /// <summary>When the flows that are not confirmed yet were published; null if none are.</summary>
        public DateTimeOffset? Desired { get; set; }
    }
}
