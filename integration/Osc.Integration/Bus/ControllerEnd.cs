using System.Threading.Channels;
using Osc.Bus;
using Osc.Lab.RabbitMq;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Osc.Integration.Bus;

/// <summary>The controller's end of the bus in the plainest form: what it does on the broker, without MassTransit.</summary>
internal sealed class ControllerEnd : IAsyncDisposable
{
    private readonly Channel<AgentMessage> heard = Channel.CreateUnbounded<AgentMessage>();
    private readonly IConnection connection;
    private readonly IChannel channel;

    private ControllerEnd(IConnection connection, IChannel channel) => (this.connection, this.channel) = (connection, channel);

    public static async Task<ControllerEnd> ConnectAsync(RabbitMqBroker broker, CancellationToken cancellation)
    {
        var factory = new ConnectionFactory { Uri = broker.Uri, AutomaticRecoveryEnabled = false };
        var connection = await factory.CreateConnectionAsync(cancellation);
        var channel = await connection.CreateChannelAsync(new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellation);
        var end = new ControllerEnd(connection, channel);
        await channel.ExchangeDeclareAsync(BusTopology.HostsExchange, BusTopology.ExchangeKind, durable: true, cancellationToken: cancellation);
        await channel.ExchangeDeclareAsync(BusTopology.AgentsExchange, BusTopology.ExchangeKind, durable: true, cancellationToken: cancellation);
        await channel.QueueDeclareAsync(BusTopology.ControllerQueue, durable: true, exclusive: false, autoDelete: false, cancellationToken: cancellation);
        await channel.QueueBindAsync(BusTopology.ControllerQueue, BusTopology.AgentsExchange, BusTopology.EveryHost, cancellationToken: cancellation);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            end.heard.Writer.TryWrite(BusJson.DecodeAgentMessage(delivery.Body.Span).Message ?? throw new InvalidOperationException("an agent sent something malformed"));
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false);
        };
        await channel.BasicConsumeAsync(BusTopology.ControllerQueue, autoAck: false, consumer, cancellation);
        return end;
    }

    /// <summary>Puts a message into a host's mailbox; returns when the broker has it on its disk.</summary>
    public async Task SendAsync(ControllerMessage message, CancellationToken cancellation) =>
        await SendAsync(message.Host, BusJson.Encode(message), cancellation);

    public async Task SendAsync(string host, byte[] body, CancellationToken cancellation) =>
        await channel.BasicPublishAsync(
            BusTopology.HostsExchange, host, mandatory: true, new BasicProperties { DeliveryMode = DeliveryModes.Persistent }, body, cancellation);

    /// <summary>The next message that has the part asked for; others are passed over.</summary>
    public async Task<T> HearAsync<T>(Func<AgentMessage, T?> part, CancellationToken cancellation)
        where T : class
    {
        while (true)
        {
            if (part(await heard.Reader.ReadAsync(cancellation)) is { } found)
            {
                return found;
            }
        }
    }

    public async ValueTask DisposeAsync() => await connection.DisposeAsync();
}
