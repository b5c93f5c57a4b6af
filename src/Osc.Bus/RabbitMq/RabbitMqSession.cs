using System.Threading.Channels;
using Osc.Model;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Osc.Bus.RabbitMq;

/// <summary>A message as it came, and the session that waits for its ack.</summary>
internal sealed record RabbitMqDelivery(RabbitMqSession Session, ulong Tag, byte[] Body);

/// <summary>
/// One connection to the broker, from its opening to its loss: the host's mailbox declared and consumed by nobody else,
/// publisher confirms on. The exchanges are the controller's to declare; before it has, there is no session. A channel for each direction, so that a returned message cannot hold up acks.
/// </summary>
internal sealed class RabbitMqSession : IAsyncDisposable
{
    /// <summary>How many messages the broker hands out before the first is acked: enough to keep a snapshot's chunks flowing.</summary>
    private const ushort Prefetch = 4;

    private readonly TaskCompletionSource<string> closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IConnection connection;
    private readonly IChannel inbound;
    private readonly IChannel outbound;
    private readonly Name host;

    private RabbitMqSession(IConnection connection, IChannel inbound, IChannel outbound, Name host)
    {
        this.host = host;
        this.connection = connection;
        this.inbound = inbound;
        this.outbound = outbound;
        connection.ConnectionShutdownAsync += OnShutdownAsync;
        inbound.ChannelShutdownAsync += OnShutdownAsync;
        outbound.ChannelShutdownAsync += OnShutdownAsync;
    }

    /// <summary>Done when the session is lost, with the reason.</summary>
    public Task<string> Closed => closed.Task;

    public bool IsOpen => !closed.Task.IsCompleted;

    /// <exception cref="Exception">One of those that <see cref="RabbitMqFailure"/> describes: no broker, no access, another agent on the mailbox.</exception>
    public static async Task<RabbitMqSession> OpenAsync(RabbitMqOptions options, Name host, ChannelWriter<RabbitMqDelivery> deliveries, CancellationToken cancellation)
    {
        var connection = await Factory(options).CreateConnectionAsync($"osc-agent {host}", cancellation);
        try
        {
            var inbound = await connection.CreateChannelAsync(cancellationToken: cancellation);
            var outbound = await connection.CreateChannelAsync(new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellation);
            var session = new RabbitMqSession(connection, inbound, outbound, host);
            await session.ConsumeAsync(deliveries, cancellation);
            return session;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <returns>Whether the broker confirmed that it has the message in a queue.</returns>
    public async Task<bool> TrySendAsync(byte[] body, CancellationToken cancellation)
    {
        var properties = new BasicProperties { ContentType = BusTopology.ContentType, DeliveryMode = DeliveryModes.Persistent };
        try
        {
            await outbound.BasicPublishAsync(BusTopology.AgentsExchange, host.Value, mandatory: true, properties, body, cancellation);
            return true;
        }
        catch (PublishException)
        {
            // Returned (no controller has made its queue yet) or refused (the queue is full).
            return false;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && RabbitMqFailure.Describe(e) is not null)
        {
            return false;
        }
    }

    /// <summary>Tells the broker that a message is dealt with. If the session is lost meanwhile, the message comes again.</summary>
    public async Task AckAsync(ulong tag, CancellationToken cancellation)
    {
        try
        {
            await inbound.BasicAckAsync(tag, multiple: false, cancellation);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && RabbitMqFailure.Describe(e) is { } reason)
        {
            closed.TrySetResult(reason);
        }
    }

    public async ValueTask DisposeAsync()
    {
        closed.TrySetResult("closed");
        await connection.DisposeAsync();
    }

    private static ConnectionFactory Factory(RabbitMqOptions options)
    {
        var factory = new ConnectionFactory
        {
            Uri = options.Broker,
            AutomaticRecoveryEnabled = false,
            RequestedHeartbeat = options.Heartbeat,
            RequestedConnectionTimeout = options.Heartbeat,
            ContinuationTimeout = options.Heartbeat,
        };
        factory.UserName = options.UserName ?? factory.UserName;
        factory.Password = options.Password ?? factory.Password;
        if (factory.Ssl.Enabled)
        {
            factory.Ssl.ServerName = options.Broker.Host;
            factory.Ssl.CertificateValidationCallback = options.Tls.Validation();
            if (options.Tls.LoadCertificate() is { } certificate)
            {
                factory.Ssl.Certs = [certificate];
                factory.AuthMechanisms = options.HasPassword ? factory.AuthMechanisms : [new ExternalMechanismFactory()];
            }
        }

        return factory;
    }

    private async Task ConsumeAsync(ChannelWriter<RabbitMqDelivery> deliveries, CancellationToken cancellation)
    {
        var queue = BusTopology.HostQueue(host);
        var arguments = new Dictionary<string, object?> { ["x-max-length"] = BusTopology.MailboxMessages };
        await inbound.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellation);
        await inbound.QueueBindAsync(queue, BusTopology.HostsExchange, routingKey: host.Value, cancellationToken: cancellation);
        await inbound.BasicQosAsync(0, Prefetch, global: false, cancellation);

        var consumer = new AsyncEventingBasicConsumer(inbound);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            deliveries.TryWrite(new(this, delivery.DeliveryTag, delivery.Body.ToArray()));
            return Task.CompletedTask;
        };
        consumer.UnregisteredAsync += (_, _) =>
        {
            closed.TrySetResult($"the queue {queue} was taken away");
            return Task.CompletedTask;
        };
        await inbound.BasicConsumeAsync(queue, autoAck: false, consumerTag: "", noLocal: false, exclusive: true, arguments: null, consumer, cancellation);
    }

    private Task OnShutdownAsync(object sender, ShutdownEventArgs reason)
    {
        closed.TrySetResult($"{reason.ReplyText} ({reason.ReplyCode})");
        return Task.CompletedTask;
    }
}
