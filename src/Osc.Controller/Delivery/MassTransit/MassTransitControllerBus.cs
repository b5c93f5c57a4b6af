using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using MassTransit;
using Osc.Bus;
using Osc.Bus.RabbitMq;
using RabbitMQ.Client.Exceptions;

namespace Osc.Controller.Delivery.MassTransit;

/// <summary>
/// The controller's end of the bus over RabbitMQ, by MassTransit with raw JSON on the wire, so that the agents' plain client
/// reads it (<see cref="BusTopology"/> has the picture). Starts without a broker and retries for ever.
/// </summary>
public sealed partial class MassTransitControllerBus : BackgroundService, IControllerBus, IReceiveEndpointObserver
{
    /// <summary>Received messages that may wait for delivery. Beyond them the broker keeps the rest.</summary>
    private const int InboxLength = 1_000;

    private const ushort Prefetch = 64;

    /// <summary>Longer than any confirm of a broker that works.</summary>
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(10);

    private static readonly Uri HostsExchange = new($"exchange:{BusTopology.HostsExchange}?type={BusTopology.ExchangeKind}");

    private readonly ILogger<MassTransitControllerBus> log;
    private readonly IBusControl bus;
    private readonly Channel<AgentMessage> inbox = Channel.CreateBounded<AgentMessage>(InboxLength);
    private volatile bool connected;

    /// <param name="broker">Where, and as whom.</param>
    public MassTransitControllerBus(RabbitMqOptions broker, ILoggerFactory logs)
    {
        log = logs.CreateLogger<MassTransitControllerBus>();
        LogContext.ConfigureCurrentLogContext(logs);
        bus = global::MassTransit.Bus.Factory.CreateUsingRabbitMq(configuration => Configure(configuration, broker));
        bus.ConnectReceiveEndpointObserver(this);
    }

    public event Action? Connected;

    public bool IsConnected => connected;

    public async Task<bool> TrySendAsync(ControllerMessage message, CancellationToken cancellation)
    {
        if (!connected)
        {
            return false;
        }

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(SendTimeout);
        try
        {
            var exchange = await bus.GetSendEndpoint(HostsExchange);
            await exchange.Send(message, context => Address(context, message.Host), timeout.Token);
            return true;
        }
        catch (Exception e) when (IsOfTheBroker(e) && !cancellation.IsCancellationRequested)
        {
            LogNotSent(message.Host, e.Message);
            return false;
        }
    }

    public async IAsyncEnumerable<AgentMessage> ReceiveAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var message in inbox.Reader.ReadAllAsync(cancellation))
        {
            yield return message;
        }
    }

    Task IReceiveEndpointObserver.Ready(ReceiveEndpointReady ready)
    {
        if (IsControllerQueue(ready.InputAddress))
        {
            connected = true;
            LogConnected();
            Connected?.Invoke();
        }

        return Task.CompletedTask;
    }

    Task IReceiveEndpointObserver.Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    Task IReceiveEndpointObserver.Completed(ReceiveEndpointCompleted completed) => Lost(completed.InputAddress, "the endpoint is complete");

    Task IReceiveEndpointObserver.Faulted(ReceiveEndpointFaulted faulted) => Lost(faulted.InputAddress, faulted.Exception?.Message ?? "");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Waits for the broker, however long that takes.
        await Task.Yield();
        try
        {
            await bus.StartAsync(stoppingToken);
            await Task.Delay(Timeout.Infinite, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            LogStopping();
        }
        finally
        {
            await bus.StopAsync(SendTimeout);
        }
    }

    private void Configure(IRabbitMqBusFactoryConfigurator configuration, RabbitMqOptions options)
    {
        var broker = options.Broker;
        var user = broker.UserInfo.Split(':', 2);
        configuration.Host(new UriBuilder(broker) { UserName = "", Password = "" }.Uri, host =>
        {
            if (user[0].Length > 0)
            {
                host.Username(Uri.UnescapeDataString(user[0]));
                host.Password(user.Length > 1 ? Uri.UnescapeDataString(user[1]) : "");
            }

            if (broker.Scheme == "amqps")
            {
                host.UseSsl(tls => Secure(tls, options));
            }
        });
        configuration.UseRawJsonSerializer(RawSerializerOptions.AnyMessageType | RawSerializerOptions.AddTransportHeaders, isDefault: true);
        configuration.ConfigureJsonSerializerOptions(Encode);
        configuration.ReceiveEndpoint(BusTopology.ControllerQueue, queue =>
        {
            queue.ConfigureConsumeTopology = false;
            queue.Bind(BusTopology.AgentsExchange, exchange => (exchange.ExchangeType, exchange.Durable, exchange.RoutingKey) = (BusTopology.ExchangeKind, true, BusTopology.EveryHost));
            queue.Bind(BusTopology.HostsExchange, exchange => (exchange.ExchangeType, exchange.Durable, exchange.RoutingKey) = (BusTopology.ExchangeKind, true, BusTopology.NoHost));

            // One at a time, so that each agent's order stays. What cannot be read is logged and gone: the agent says it anew.
            (queue.PrefetchCount, queue.ConcurrentMessageLimit) = (Prefetch, 1);
            queue.DiscardFaultedMessages();
            queue.DiscardSkippedMessages();
            queue.Handler<AgentMessage>(ConsumeAsync);
        });
    }

    private static void Secure(IRabbitMqSslConfigurator tls, RabbitMqOptions options)
    {
        tls.ServerName = options.Broker.Host;
        tls.Protocol = SslProtocols.None; // the system's choice
        tls.CertificateValidationCallback = options.Tls.Validation();
        if (options.Tls.LoadCertificate() is { } certificate)
        {
            tls.Certificate = certificate;
            tls.UseCertificateAsAuthenticationIdentity = options.Broker.UserInfo.Length == 0;
        }
    }

    /// <summary>The encoding of <see cref="BusJson"/>, on top of what MassTransit needs for its own types.</summary>
    private static JsonSerializerOptions Encode(JsonSerializerOptions options)
    {
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        if (BusJson.Options.TypeInfoResolver is { } messages)
        {
            options.TypeInfoResolverChain.Insert(0, messages);
        }

        return options;
    }

    private async Task ConsumeAsync(ConsumeContext<AgentMessage> context)
    {
        // MassTransit has only parsed it; the limits are checked on what was on the wire.
        var decoded = BusJson.DecodeAgentMessage(context.ReceiveContext.GetBody());
        var sender = context.TryGetPayload<RabbitMqBasicConsumeContext>(out var delivery) ? delivery.RoutingKey ?? "" : "";
        if (decoded.Message is { } message && message.Host != sender)
        {
            LogForeign(sender, message.Host);
        }
        else if (decoded.Message is not null)
        {
            await inbox.Writer.WriteAsync(decoded.Message, context.CancellationToken);
        }
        else
        {
            LogUnreadable(decoded.Error ?? "");
        }
    }

    private static void Address(SendContext context, string host)
    {
        context.SetRoutingKey(host);
        if (context.TryGetPayload<RabbitMqSendContext>(out var rabbit))
        {
            // A host without a mailbox is told to us, not swallowed.
            rabbit.Mandatory = true;
        }
    }

    private static bool IsControllerQueue(Uri address) => address.AbsolutePath.EndsWith("/" + BusTopology.ControllerQueue, StringComparison.Ordinal);

    private static bool IsOfTheBroker(Exception exception) =>
        exception is MassTransitException or RabbitMQClientException or OperationCanceledException or IOException or TimeoutException;

    private Task Lost(Uri address, string reason)
    {
        if (IsControllerQueue(address) && connected)
        {
            connected = false;
            LogLost(reason);
        }

        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "connected to the broker")]
    private partial void LogConnected();

    [LoggerMessage(Level = LogLevel.Warning, Message = "lost the broker: {Reason}")]
    private partial void LogLost(string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "host {Host}: the broker did not take a message: {Reason}")]
    private partial void LogNotSent(string host, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "a message of an agent was dropped: {Reason}")]
    private partial void LogUnreadable(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "a message under the name of {Sender} was dropped: it says that it is {Host}'s")]
    private partial void LogForeign(string sender, string host);

    [LoggerMessage(Level = LogLevel.Debug, Message = "leaving the broker")]
    private partial void LogStopping();
}
