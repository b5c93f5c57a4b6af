using Osc.Agent.Apply;
using Osc.Agent.Report;
using Osc.Bus;
using Osc.Model;
using Osc.Switch.Reconcile;
using Xunit;

namespace Osc.Agent.Tests.Report;

/// <summary>Reports of drift wait for a bus that is away, up to a number.</summary>
public sealed class DriftReporterTests
{
    [Fact]
    public async Task Reports_wait_for_the_bus_and_are_said_once_in_order()
    {
        await using var bus = new FakeBus();
        var reporter = new DriftReporter(bus, Name.Parse("h1"));
        reporter.Take(RepairOf(1), DateTimeOffset.UnixEpoch);
        reporter.Take(RepairOf(2), DateTimeOffset.UnixEpoch);
        await reporter.SayAsync(CancellationToken.None);
        Assert.Empty(bus.Sent);

        bus.IsConnected = true;
        await reporter.SayAsync(CancellationToken.None);
        await reporter.SayAsync(CancellationToken.None);
        Assert.Equal([(1, 0), (2, 0)], bus.Sent.Select(m => (m.Drift!.Missing, m.Drift.Unreported)));
    }

    [Fact]
    public async Task The_oldest_are_dropped_and_counted_where_too_many_wait()
    {
        await using var bus = new FakeBus();
        var reporter = new DriftReporter(bus, Name.Parse("h1"));
        for (var i = 1; i <= DriftReporter.MaxWaiting + 3; i++)
        {
            reporter.Take(RepairOf(i), DateTimeOffset.UnixEpoch);
        }

        bus.IsConnected = true;
        await reporter.SayAsync(CancellationToken.None);
        Assert.Equal(DriftReporter.MaxWaiting, bus.Sent.Count);
        Assert.Equal([(4, 3), (5, 0)], bus.Sent.Take(2).Select(m => (m.Drift!.Missing, m.Drift.Unreported)));
    }

    [Fact]
    public async Task A_flow_of_any_length_makes_a_message_within_limits()
    {
        await using var bus = new FakeBus { IsConnected = true };
        var reporter = new DriftReporter(bus, Name.Parse("h1"));
        var difference = new FlowDifference(DifferenceKind.Changed, new('a', 100_000), new('b', 100_000));
        var repair = RepairOf(1);
        reporter.Take(repair with { Outcome = repair.Outcome with { Differences = Enumerable.Repeat(difference, 500).ToValueList() } }, DateTimeOffset.UnixEpoch);
        await reporter.SayAsync(CancellationToken.None);
        Assert.Null(BusJson.DecodeAgentMessage(BusJson.Encode(Assert.Single(bus.Sent))).Error);
    }

    private static Repair RepairOf(int missing) =>
        new(DriftCause.FlowsChanged, new(PortName.Parse("br0"), ReconcileStatus.Applied, "", missing, 0, 0, 0, [], 0, [], TimeSpan.FromMilliseconds(1)));

    private sealed class FakeBus : IAgentBus
    {
        public event Action? Connected
        {
            add { }
            remove { }
        }

        public event Action<string>? Disconnected
        {
            add { }
            remove { }
        }

        public List<AgentMessage> Sent { get; } = [];

        public bool IsConnected { get; set; }

        public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

        public Task<bool> TrySendAsync(AgentMessage message, CancellationToken cancellation)
        {
            Sent.Add(message);
            return Task.FromResult(IsConnected);
        }

        public async IAsyncEnumerable<Decoded<ControllerMessage>> ReceiveAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
        {
            await Task.CompletedTask;
            yield break;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
