using Osc.Bus;
using Osc.Bus.RabbitMq;
using Osc.Model;
using Xunit;

namespace Osc.Integration.Bus;

/// <summary>The agent's end of the bus on a real broker, which is stopped, killed and started under it.</summary>
public sealed class RabbitMqAgentBusTests(BrokerFixture fixture) : IClassFixture<BrokerFixture>
{
    private static readonly AgentMessage Ports = new() { Host = "any", Ports = new([], [], []) };

    private readonly CancellationToken cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_go_both_ways()
    {
        await using var agent = new Agent(fixture, "both-ways");
        await using var controller = await ControllerEnd.ConnectAsync(fixture.Broker, cancellation);
        await agent.StartAsync(cancellation);
        Assert.True(agent.Bus.IsConnected);
        Assert.True(await agent.Bus.TrySendAsync(Ports, cancellation));
        Assert.NotNull(await controller.HearAsync(m => m.Ports, cancellation));
        await controller.SendAsync(Inquiry("both-ways", "a"), cancellation);
        Assert.Equal(["a"], await agent.ReasonsAsync(1, cancellation));
    }

    [Fact]
    public async Task What_is_malformed_comes_as_its_error_and_is_consumed()
    {
        await using var agent = new Agent(fixture, "malformed");
        await using var controller = await ControllerEnd.ConnectAsync(fixture.Broker, cancellation);
        await agent.StartAsync(cancellation);
        await controller.SendAsync("malformed", "no json"u8.ToArray(), cancellation);
        await controller.SendAsync(Inquiry("malformed", "a"), cancellation);
        var received = new List<Decoded<ControllerMessage>>();
        await foreach (var message in agent.Bus.ReceiveAsync(cancellation))
        {
            received.Add(message);
            if (received.Count == 2)
            {
                break;
            }
        }

        Assert.NotNull(received[0].Error);
        Assert.Equal("a", received[1].Message!.Inquiry!.Reason);
    }

    [Fact]
    public async Task A_mailbox_keeps_what_comes_while_the_agent_is_away_and_what_it_did_not_consume()
    {
        await using var controller = await ControllerEnd.ConnectAsync(fixture.Broker, cancellation);
        await using (var agent = new Agent(fixture, "away"))
        {
            await agent.StartAsync(cancellation);
            await controller.SendAsync(Inquiry("away", "a"), cancellation);
            Assert.Equal(["a"], await agent.ReasonsAsync(1, cancellation));
        }

        await controller.SendAsync(Inquiry("away", "b"), cancellation);
        await using var again = new Agent(fixture, "away");
        await again.StartAsync(cancellation);
        Assert.Equal(["a", "b"], await again.ReasonsAsync(2, cancellation));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_message_of_a_mailbox_arrives_although_the_broker_restarts_in_the_middle(bool kill)
    {
        const int count = 200;
        var host = kill ? "killed" : "restarted";
        await using var agent = new Agent(fixture, host);
        await agent.StartAsync(cancellation);
        await using (var controller = await ControllerEnd.ConnectAsync(fixture.Broker, cancellation))
        {
            foreach (var i in Enumerable.Range(0, count))
            {
                await controller.SendAsync(Inquiry(host, $"{i}"), cancellation);
            }
        }

        var seen = new HashSet<string>();
        var reconnected = agent.NextConnection();
        await foreach (var message in agent.Bus.ReceiveAsync(cancellation))
        {
            seen.Add(message.Message!.Inquiry!.Reason);
            if (seen.Count == count / 2 && !reconnected.IsCompleted)
            {
                await (kill ? fixture.Broker.KillAsync() : fixture.Broker.StopAsync());
                await agent.Disconnected.WaitAsync(cancellation);
                Assert.False(await agent.Bus.TrySendAsync(Ports, cancellation));
                await fixture.Broker.StartAgainAsync();
                await reconnected.WaitAsync(cancellation);
            }

            if (seen.Count == count)
            {
                break;
            }
        }

        Assert.True(agent.Bus.IsConnected);
    }

    [Fact]
    public async Task A_broker_that_is_not_there_is_tried_until_it_is()
    {
        await fixture.Broker.StopAsync();
        await using var agent = new Agent(fixture, "early");
        await agent.Bus.StartAsync(cancellation);
        Assert.NotEmpty(await agent.Disconnected.WaitAsync(cancellation));
        Assert.False(agent.Bus.IsConnected);
        var connected = agent.NextConnection();
        await fixture.Broker.StartAgainAsync();
        await connected.WaitAsync(cancellation);
        Assert.True(agent.Bus.IsConnected);
    }

    [Fact]
    public async Task A_second_agent_of_the_same_name_is_kept_from_the_mailbox()
    {
        await using var first = new Agent(fixture, "twice");
        await first.StartAsync(cancellation);
        await using var second = new Agent(fixture, "twice");
        await second.Bus.StartAsync(cancellation);
        Assert.Contains("exclusive", await second.Disconnected.WaitAsync(cancellation));
    }

    [Fact]
    public async Task A_wrong_password_is_said_so()
    {
        await using var agent = new Agent(fixture, "stranger", "wrong");
        await agent.Bus.StartAsync(cancellation);
        Assert.Contains("ACCESS_REFUSED", await agent.Disconnected.WaitAsync(cancellation));
    }

    private static ControllerMessage Inquiry(string host, string reason) => new() { Host = host, Inquiry = new(reason) };

    /// <summary>An agent's bus, and its events as tasks.</summary>
    private sealed class Agent : IAsyncDisposable
    {
        private readonly TaskCompletionSource<string> disconnected = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Agent(BrokerFixture fixture, string host, string? password = null)
        {
            var options = new RabbitMqOptions(fixture.Broker.Uri, Password: password) { LongestDelay = TimeSpan.FromMilliseconds(500) };
            Bus = new(options, Name.Parse(host), TimeProvider.System);
            Bus.Disconnected += reason => disconnected.TrySetResult(reason);
        }

        public RabbitMqAgentBus Bus { get; }

        /// <summary>Why the first loss or failed attempt came about.</summary>
        public Task<string> Disconnected => disconnected.Task;

        public Task NextConnection()
        {
            var connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Bus.Connected += () => connected.TrySetResult();
            return connected.Task;
        }

        public async Task StartAsync(CancellationToken cancellation)
        {
            var connected = NextConnection();
            await Bus.StartAsync(cancellation);
            await connected.WaitAsync(cancellation);
        }

        public async Task<List<string>> ReasonsAsync(int count, CancellationToken cancellation)
        {
            var reasons = new List<string>();
            await foreach (var message in Bus.ReceiveAsync(cancellation))
            {
                reasons.Add(message.Message!.Inquiry!.Reason);
                if (reasons.Count == count)
                {
                    break;
                }
            }

            return reasons;
        }

        public ValueTask DisposeAsync() => Bus.DisposeAsync();
    }
}
