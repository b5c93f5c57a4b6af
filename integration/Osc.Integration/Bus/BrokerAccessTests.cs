using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Osc.Bus;
using Osc.Bus.RabbitMq;
using Osc.Controller.Delivery.MassTransit;
using Osc.Lab;
using Osc.Lab.RabbitMq;
using Osc.Model;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Xunit;

namespace Osc.Integration.Bus;

/// <summary>
/// A broker with TLS on which users are who their certificates say, with the permissions that osc-controller prints: what the
/// agent of one host can do on it, and what not.
/// </summary>
public sealed class BrokerAccessTests(SecureBrokerFixture fixture) : IClassFixture<SecureBrokerFixture>
{
    private static readonly Name One = Name.Parse("h1");
    private static readonly Name Other = Name.Parse("h2");

    private readonly CancellationToken cancellation = TestContext.Current.CancellationToken;

    /// <summary>What the agent of h2 tries. Each is refused by the broker, which closes the channel.</summary>
    public static TheoryData<string> Attacks => [.. Tried.Keys];

    private static Dictionary<string, Func<IChannel, CancellationToken, Task>> Tried { get; } = new()
    {
        ["read another's mailbox"] = async (channel, stop) => await channel.BasicConsumeAsync(BusTopology.HostQueue(One), true, new RabbitMQ.Client.Events.AsyncEventingBasicConsumer(channel), stop),
        ["take one message of another's mailbox"] = async (channel, stop) => await channel.BasicGetAsync(BusTopology.HostQueue(One), true, stop),
        ["empty another's mailbox"] = async (channel, stop) => await channel.QueuePurgeAsync(BusTopology.HostQueue(One), stop),
        ["delete another's mailbox"] = async (channel, stop) => await channel.QueueDeleteAsync(BusTopology.HostQueue(One), false, false, cancellationToken: stop),
        ["have another's messages sent to its own mailbox"] = async (channel, stop) => await channel.QueueBindAsync(BusTopology.HostQueue(Other), BusTopology.HostsExchange, One.Value, cancellationToken: stop),
        ["have everybody's messages sent to its own mailbox"] = async (channel, stop) => await channel.QueueBindAsync(BusTopology.HostQueue(Other), BusTopology.HostsExchange, BusTopology.EveryHost, cancellationToken: stop),
        ["hear what other agents say"] = async (channel, stop) => await channel.QueueBindAsync(BusTopology.HostQueue(Other), BusTopology.AgentsExchange, BusTopology.EveryHost, cancellationToken: stop),
        ["speak for another host"] = async (channel, stop) => await channel.BasicPublishAsync(BusTopology.AgentsExchange, One.Value, true, Hello(One), stop),
        ["speak for no host"] = async (channel, stop) => await channel.BasicPublishAsync(BusTopology.AgentsExchange, "", true, Hello(One), stop),
        ["speak to another host as the controller"] = async (channel, stop) => await channel.BasicPublishAsync(BusTopology.HostsExchange, One.Value, true, Hello(One), stop),
        ["speak to itself as the controller"] = async (channel, stop) => await channel.BasicPublishAsync(BusTopology.HostsExchange, Other.Value, true, Hello(One), stop),
        ["put a message into another's mailbox"] = async (channel, stop) => await channel.BasicPublishAsync("", BusTopology.HostQueue(One), true, Hello(One), stop),
        ["put a message into its own mailbox"] = async (channel, stop) => await channel.BasicPublishAsync("", BusTopology.HostQueue(Other), true, Hello(One), stop),
        ["read what the controller is told"] = async (channel, stop) => await channel.BasicGetAsync(BusTopology.ControllerQueue, true, stop),
        ["delete the controller's queue"] = async (channel, stop) => await channel.QueueDeleteAsync(BusTopology.ControllerQueue, false, false, cancellationToken: stop),
        ["delete the hosts' exchange"] = async (channel, stop) => await channel.ExchangeDeleteAsync(BusTopology.HostsExchange, cancellationToken: stop),
        ["make a queue"] = async (channel, stop) => await channel.QueueDeclareAsync("any", cancellationToken: stop),
        ["make an exchange"] = async (channel, stop) => await channel.ExchangeDeclareAsync("any", ExchangeType.Fanout, cancellationToken: stop),
        ["join the exchanges"] = async (channel, stop) => await channel.ExchangeBindAsync(BusTopology.HostsExchange, BusTopology.AgentsExchange, BusTopology.EveryHost, cancellationToken: stop),
    };

    [Fact]
    public async Task Agent_and_controller_know_each_other_by_certificates()
    {
        await using var agent = fixture.Agent(One, One);
        await using var controller = await fixture.ControllerAsync();
        await ConnectedAsync(agent);

        Assert.True(await agent.TrySendAsync(BusJson.DecodeAgentMessage(Hello(One)).Message!, cancellation));
        Assert.Equal("h1", (await NextAsync(controller)).Host);
        Assert.True(await controller.Bus.TrySendAsync(new() { Host = "h1", Inquiry = new("who are you?") }, cancellation));
        await foreach (var message in agent.ReceiveAsync(cancellation))
        {
            Assert.Equal("who are you?", message.Message?.Inquiry?.Reason);
            break;
        }
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Agent_cannot(string attack)
    {
        await using var controller = await fixture.ControllerAsync();
        await using (var victim = fixture.Agent(One, One))
        await using (var own = fixture.Agent(Other, Other))
        {
            await ConnectedAsync(victim);
            await ConnectedAsync(own); // their mailboxes are there now
        }

        await using var connection = await fixture.ConnectAsync(Other, cancellation);
        await using var channel = await connection.CreateChannelAsync(new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellation);

        var refused = await Assert.ThrowsAnyAsync<RabbitMQClientException>(() => Tried[attack](channel, cancellation));

        var reason = (refused as OperationInterruptedException)?.ShutdownReason ?? (refused as PublishException is not null ? channel.CloseReason : (refused as AlreadyClosedException)?.ShutdownReason);
        Assert.Equal<int?>(403, reason?.ReplyCode); // access-refused, AMQP 0-9-1
    }

    /// <summary>The broker lets it pass, since h2 speaks under its own name; the controller does not believe it.</summary>
    [Fact]
    public async Task What_is_said_of_another_host_is_not_believed()
    {
        await using var controller = await fixture.ControllerAsync();
        await using var connection = await fixture.ConnectAsync(Other, cancellation);
        await using var channel = await connection.CreateChannelAsync(new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellation);

        await channel.BasicPublishAsync(BusTopology.AgentsExchange, Other.Value, true, Hello(One), cancellation);
        await channel.BasicPublishAsync(BusTopology.AgentsExchange, Other.Value, true, Hello(Other), cancellation);

        Assert.Equal("h2", (await NextAsync(controller)).Host);
    }

    [Theory]
    [InlineData("the broker's certificate is of another authority")]
    [InlineData("the agent has no certificate")]
    [InlineData("the agent's certificate is of another authority")]
    [InlineData("the agent's certificate is another host's")]
    [InlineData("the broker is at another address than its certificate says")]
    [InlineData("the agent's key is gone")]
    public async Task Session_is_refused_when(string wrong)
    {
        await using var controller = await fixture.ControllerAsync();
        using var foreign = new LabAuthority(Path.Combine(fixture.Directory, $"foreign{wrong.Length}"));
        var right = fixture.TlsOf(One);
        var uri = fixture.Broker.SecureUri;
        var tls = wrong switch
        {
            "the broker's certificate is of another authority" => right with { AuthorityFile = foreign.AuthorityFile },
            "the agent has no certificate" => right with { CertificateFile = null, KeyFile = null },
            "the agent's certificate is of another authority" => Of(right, foreign.Issue(BrokerDefinitions.UserOf(One))),
            "the agent's certificate is another host's" => fixture.TlsOf(Other),
            "the agent's key is gone" => right with { KeyFile = Path.Combine(fixture.Directory, "none.key") },
            _ => right,
        };
        await using var agent = new RabbitMqAgentBus(new(wrong.StartsWith("the broker is at", StringComparison.Ordinal) ? new UriBuilder(uri) { Host = "localhost" }.Uri : uri) { Tls = tls }, One, TimeProvider.System);
        var refused = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        agent.Disconnected += reason => refused.TrySetResult(reason);
        await agent.StartAsync(cancellation);

        Assert.NotEqual("", await refused.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellation));
        Assert.False(agent.IsConnected);

        static BrokerTls Of(BrokerTls tls, (string Certificate, string Key) files) => tls with { CertificateFile = files.Certificate, KeyFile = files.Key };
    }

    private static byte[] Hello(Name host) => BusJson.Encode(new AgentMessage { Host = host.Value, Ports = new([], [], []) });

    private async Task<AgentMessage> NextAsync(ControllerBus controller)
    {
        await foreach (var message in controller.Bus.ReceiveAsync(cancellation))
        {
            return message;
        }

        throw new InvalidOperationException("the bus ended");
    }

    private async Task ConnectedAsync(RabbitMqAgentBus agent)
    {
        var connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        agent.Connected += connected.SetResult;
        await agent.StartAsync(cancellation);
        await connected.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellation);
    }
}

/// <summary>A broker that takes TLS and certificates alone, with users for the controller and two hosts.</summary>
public sealed class SecureBrokerFixture : IAsyncLifetime
{
    private readonly Dictionary<string, (string Certificate, string Key)> certificates = [];
    private LabSpace? space;
    private LabAuthority? authority;

    public RabbitMqBroker Broker { get; private set; } = null!;

    public string Directory { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        space = await LabSpace.ClaimAsync("tls");
        Directory = space.DirectoryPath;
        authority = new(Path.Combine(Directory, "authority"));
        var (certificate, key) = authority.Issue("broker", isServer: true);
        Name[] hosts = [Name.Parse("h1"), Name.Parse("h2")];
        foreach (var user in hosts.Select(BrokerDefinitions.UserOf).Append(BrokerDefinitions.ControllerUser))
        {
            certificates.Add(user, authority.Issue(user));
        }

        Broker = await RabbitMqBroker.StartAsync(space, "rabbit", new(authority.AuthorityFile, certificate, key, BrokerDefinitions.For(hosts)));
    }

    public BrokerTls TlsOf(Name host) => TlsOf(BrokerDefinitions.UserOf(host));

    /// <param name="credentials">Whose certificate it shows.</param>
    public RabbitMqAgentBus Agent(Name host, Name credentials) => new(new(Broker.SecureUri) { Tls = TlsOf(credentials) }, host, TimeProvider.System);

    public async Task<IConnection> ConnectAsync(Name host, CancellationToken cancellation)
    {
        var tls = TlsOf(host);
        var factory = new ConnectionFactory { Uri = Broker.SecureUri, AutomaticRecoveryEnabled = false, AuthMechanisms = [new ExternalMechanismFactory()] };
        (factory.Ssl.ServerName, factory.Ssl.CertificateValidationCallback, factory.Ssl.Certs) = ("127.0.0.1", tls.Validation(), new X509CertificateCollection { tls.LoadCertificate()! });
        return await factory.CreateConnectionAsync(cancellation);
    }

    /// <summary>The controller's own end of the bus, connected.</summary>
    internal async Task<ControllerBus> ControllerAsync()
    {
        var bus = new MassTransitControllerBus(new(Broker.SecureUri) { Tls = TlsOf(BrokerDefinitions.ControllerUser) }, NullLoggerFactory.Instance);
        var connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bus.Connected += connected.SetResult;
        await bus.StartAsync(default);
        await connected.Task.WaitAsync(TimeSpan.FromSeconds(30));
        return new(bus);
    }

    public async ValueTask DisposeAsync()
    {
        authority?.Dispose();
        if (space is not null)
        {
            await space.DisposeAsync();
        }
    }

    private BrokerTls TlsOf(string user) => new(authority!.AuthorityFile, certificates[user].Certificate, certificates[user].Key);
}

/// <summary>The controller's own end of the bus, which is stopped at the end.</summary>
internal sealed class ControllerBus(MassTransitControllerBus bus) : IAsyncDisposable
{
    public MassTransitControllerBus Bus => bus;

    public async ValueTask DisposeAsync()
    {
        await bus.StopAsync(default);
        bus.Dispose();
    }
}
