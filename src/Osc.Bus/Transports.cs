namespace Osc.Bus;

/// <summary>The bus as an agent sees it: one mailbox in, one to the controller out. Implementations reconnect by themselves.</summary>
public interface IAgentBus : IAsyncDisposable
{
    /// <summary>
    /// Raised after each (re)connection, and once at the start where there is nothing to connect: the moment to say hello.
    /// </summary>
    event Action? Connected;

    /// <summary>Raised when a connection is lost and after each attempt that failed, with the reason.</summary>
    event Action<string>? Disconnected;

    bool IsConnected { get; }

    /// <summary>Starts connecting. Returns at once; a broker that is not there is retried for ever.</summary>
    Task StartAsync(CancellationToken cancellation);

    /// <summary>
    /// Hands a message to the broker and waits for its confirm. False: not connected, or the broker did not take it, or no
    /// controller has ever made its queue; the caller says it anew after <see cref="Connected"/> or with its next hello, since
    /// every message is about current state.
    /// </summary>
    Task<bool> TrySendAsync(AgentMessage message, CancellationToken cancellation);

    /// <summary>
    /// Messages in order of arrival, until cancelled; one that cannot be understood comes as its error. A message counts as
    /// consumed when the next one is asked for; one that was not consumed comes again after a reconnection.
    /// </summary>
    IAsyncEnumerable<Decoded<ControllerMessage>> ReceiveAsync(CancellationToken cancellation);
}

/// <summary>The bus as the controller sees it.</summary>
public interface IControllerBus
{
    /// <summary>
    /// Puts a message into a host's mailbox, also while the host is away. False: the broker did not take it, the mailbox is
    /// full, or the host never had one (no agent of its name was ever connected).
    /// </summary>
    Task<bool> TrySendAsync(ControllerMessage message, CancellationToken cancellation);

    /// <summary>What agents say, in each agent's order.</summary>
    IAsyncEnumerable<AgentMessage> ReceiveAsync(CancellationToken cancellation);

    /// <summary>Raised when the broker is back: what was in flight may be lost, so ask again.</summary>
    event Action? Connected;

    bool IsConnected { get; }
}

/// <summary>A message, or why what came is none. Exactly one of the two is set.</summary>
public sealed record Decoded<T>(T? Message, string? Error)
    where T : class;
