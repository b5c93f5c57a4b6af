using System.Net.Sockets;
using RabbitMQ.Client.Exceptions;

namespace Osc.Bus.RabbitMq;

/// <summary>Tells the failures that a broker's absence or refusal explains from bugs.</summary>
internal static class RabbitMqFailure
{
    /// <returns>What happened, for people; null for an exception that is no expected failure.</returns>
    public static string? Describe(Exception exception) => exception switch
    {
        // A missing assembly is an IOException by name only.
        FileNotFoundException missing when !Path.IsPathRooted(missing.FileName) => null,
        FileLoadException => null,
        BrokerUnreachableException { InnerException: { } inner } => Describe(inner) ?? inner.Message,
        AggregateException { InnerExceptions: [var first, ..] } => Describe(first) ?? first.Message,
        OperationInterruptedException { ShutdownReason: { } reason } => $"{reason.ReplyText} ({reason.ReplyCode})",
        ConnectFailureException { InnerException: { } inner } => inner.Message,
        RabbitMQClientException or SocketException or IOException or TimeoutException or ObjectDisposedException => exception.Message,
        OperationCanceledException { CancellationToken.IsCancellationRequested: false } => "no answer in time",
        System.Security.Authentication.AuthenticationException or System.Security.Cryptography.CryptographicException or UnauthorizedAccessException => exception.Message,
        _ => null,
    };
}
