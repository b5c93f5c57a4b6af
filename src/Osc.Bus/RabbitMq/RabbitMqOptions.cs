namespace Osc.Bus.RabbitMq;

/// <summary>Where the broker is, and as whom to log in.</summary>
/// <param name="Broker">amqp://host:port/vhost or amqps://...; a user and password in it count unless the next two are given.</param>
public sealed record RabbitMqOptions(Uri Broker, string? UserName = null, string? Password = null)
{
    /// <summary>With amqps: who the broker has to be, and the certificate that says who one is, if there is no password.</summary>
    public BrokerTls Tls { get; init; } = BrokerTls.MachineTrust;

    internal bool HasPassword => Password is not null || Broker.UserInfo.Contains(':', StringComparison.Ordinal);

    /// <summary>The delay after the first failed attempt to connect; each further one doubles it.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A peer that is silent for twice this long counts as gone.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);
}
