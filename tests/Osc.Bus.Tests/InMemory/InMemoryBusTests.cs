using Osc.Bus.InMemory;
using Osc.Model;
using Xunit;

namespace Osc.Bus.Tests.InMemory;

public sealed class InMemoryBusTests
{
    private static readonly Name Host = Name.Parse("h1");
    private static readonly Name Other = Name.Parse("h2");

    private readonly CancellationToken cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_reach_only_their_host_in_order()
    {
        var bus = new InMemoryBus();
        foreach (var (host, reason) in new[] { ("h1", "a"), ("h2", "b"), ("h1", "c") })
        {
            Assert.True(await bus.TrySendAsync(Inquiry(host, reason), cancellation));
        }

        Assert.Equal(["a", "c"], await ReasonsAsync(bus.Agent(Host), 2));
        Assert.Equal(["b"], await ReasonsAsync(bus.Agent(Other), 1));
    }

    [Fact]
    public async Task A_message_that_was_not_consumed_comes_again_to_the_next_agent()
    {
        var bus = new InMemoryBus();
        await bus.TrySendAsync(Inquiry("h1", "a"), cancellation);
        await bus.TrySendAsync(Inquiry("h1", "b"), cancellation);
        Assert.Equal(["a"], await ReasonsAsync(bus.Agent(Host), 1));
        Assert.Equal(["a", "b"], await ReasonsAsync(bus.Agent(Host), 2));
    }

    [Fact]
    public async Task A_mailbox_that_is_full_takes_no_more()
    {
        var bus = new InMemoryBus();
        var taken = 0;
        while (await bus.TrySendAsync(Inquiry("h1", "a"), cancellation))
        {
            taken++;
        }

        Assert.Equal(BusTopology.MailboxMessages, taken);
        Assert.True(await bus.TrySendAsync(Inquiry("h2", "a"), cancellation));
    }

    [Fact]
    public async Task A_host_that_is_no_name_has_no_mailbox() => Assert.False(await new InMemoryBus().TrySendAsync(Inquiry("no name", "a"), cancellation));

    [Fact]
    public async Task An_agent_is_connected_at_its_start_and_the_controller_hears_it()
    {
        var bus = new InMemoryBus();
        await using var agent = bus.Agent(Host);
        var connected = 0;
        agent.Connected += () => connected++;
        Assert.False(agent.IsConnected);
        await agent.StartAsync(cancellation);
        Assert.True(agent.IsConnected);
        Assert.Equal(1, connected);
        Assert.True(await agent.TrySendAsync(new() { Host = "h1", Ports = new([], [], []) }, cancellation));
        await foreach (var message in bus.ReceiveAsync(cancellation))
        {
            Assert.NotNull(message.Ports);
            break;
        }
    }

    private static ControllerMessage Inquiry(string host, string reason) => new() { Host = host, Inquiry = new(reason) };

    private async Task<List<string>> ReasonsAsync(IAgentBus agent, int count)
    {
        var reasons = new List<string>();
        await foreach (var message in agent.ReceiveAsync(cancellation))
        {
            reasons.Add(message.Message!.Inquiry!.Reason);
            if (reasons.Count == count)
            {
                break;
            }
        }

        return reasons;
    }
}
