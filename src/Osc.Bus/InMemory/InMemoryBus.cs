using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Osc.Model;

namespace Osc.Bus.InMemory;

/// <summary>
/// The bus of one process: a mailbox for each host and one for the controller. It is never away. Messages are passed as they
/// are, without encoding. Mailboxes outlive their agents, as queues on a broker do.
/// </summary>
public sealed class InMemoryBus : IControllerBus
{
    private const int ControllerMailboxMessages = 10_000;

    private readonly Lock gate = new();
    private readonly Dictionary<Name, Mailbox> mailboxes = [];
    private readonly Channel<AgentMessage> toController =
        Channel.CreateBounded<AgentMessage>(new BoundedChannelOptions(ControllerMailboxMessages) { FullMode = BoundedChannelFullMode.Wait });

    /// <summary>Never raised: this bus is never away.</summary>
    public event Action? Connected
    {
        add { }
        remove { }
    }

    public bool IsConnected => true;

    /// <summary>A host's end. One agent at a time reads it.</summary>
    public IAgentBus Agent(Name host) => new InMemoryAgentBus(Of(host), toController.Writer);

    public Task<bool> TrySendAsync(ControllerMessage message, CancellationToken cancellation) =>
        Task.FromResult(Name.TryParse(message.Host, out var host) && Of(host).TryPut(message));

    public IAsyncEnumerable<AgentMessage> ReceiveAsync(CancellationToken cancellation) => toController.Reader.ReadAllAsync(cancellation);

    private Mailbox Of(Name host)
    {
        lock (gate)
        {
            if (!mailboxes.TryGetValue(host, out var mailbox))
            {
                mailboxes.Add(host, mailbox = new());
            }

            return mailbox;
        }
    }
}

/// <summary>A bounded queue whose head stays until the next message is asked for.</summary>
internal sealed class Mailbox
{
    private readonly Channel<ControllerMessage> messages =
        Channel.CreateBounded<ControllerMessage>(new BoundedChannelOptions(BusTopology.MailboxMessages) { FullMode = BoundedChannelFullMode.Wait });

    public bool TryPut(ControllerMessage message) => messages.Writer.TryWrite(message);

    public async IAsyncEnumerable<Decoded<ControllerMessage>> ReceiveAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        while (await messages.Reader.WaitToReadAsync(cancellation))
        {
            if (messages.Reader.TryPeek(out var message))
            {
                yield return new(message, null);
                messages.Reader.TryRead(out _);
            }
        }
    }
}

/// <summary>One host's end of an <see cref="InMemoryBus"/>.</summary>
internal sealed class InMemoryAgentBus(Mailbox mailbox, ChannelWriter<AgentMessage> toController) : IAgentBus
{
    public event Action? Connected;

    /// <summary>Never raised: this bus is never away.</summary>
    public event Action<string>? Disconnected
    {
        add { }
        remove { }
    }

    public bool IsConnected { get; private set; }

    public Task StartAsync(CancellationToken cancellation)
    {
        IsConnected = true;
        Connected?.Invoke();
        return Task.CompletedTask;
    }

    public async Task<bool> TrySendAsync(AgentMessage message, CancellationToken cancellation)
    {
        await toController.WriteAsync(message, cancellation);
        return true;
    }

    public IAsyncEnumerable<Decoded<ControllerMessage>> ReceiveAsync(CancellationToken cancellation) => mailbox.ReceiveAsync(cancellation);

    public ValueTask DisposeAsync()
    {
        IsConnected = false;
        return ValueTask.CompletedTask;
    }
}
