using Osc.Model;

namespace Osc.Bus;

/// <summary>
/// The names on the broker, in one place. All of it is durable; the queue that the controller declares is plain (no arguments).
/// <code>
/// controller --"host name"--> exchange osc.hosts (topic) --> queue osc.host.NAME --> agent of NAME
/// agents -----"host name"--> exchange osc.agents (topic) --> queue osc.controller --> controller
/// </code>
/// The controller declares both exchanges and its queue, an agent its own queue. The routing key is the host's name both ways, since that is what the broker can give
/// or refuse a user (RabbitMQ's topic authorisation): a message is believed for the host under whose name it came.
/// </summary>
public static class BusTopology
{
    /// <summary>To hosts.</summary>
    public const string HostsExchange = "osc.hosts";

    /// <summary>From agents.</summary>
    public const string AgentsExchange = "osc.agents";

    /// <summary>Both exchanges' type.</summary>
    public const string ExchangeKind = "topic";

    /// <summary>The binding key by which the controller hears every agent.</summary>
    public const string EveryHost = "#";

    /// <summary>A routing key that is no host's name. The controller binds its own queue to the hosts' exchange by it, which declares that exchange before there is something to send.</summary>
    public const string NoHost = "no.host";

    /// <summary>The controller's durable queue, bound to <see cref="AgentsExchange"/>.</summary>
    public const string ControllerQueue = "osc.controller";

    /// <summary>
    /// A mailbox keeps at most this many messages and drops the oldest: an agent that finds a gap asks for a snapshot. It is
    /// the queue argument x-max-length, which only the agent declares.
    /// </summary>
    public const int MailboxMessages = 2 * BusProtocol.MaxChunks;

    public const string ContentType = "application/json";

    /// <summary>A host's mailbox: a durable queue that only its agent reads.</summary>
    public static string HostQueue(Name host) => $"osc.host.{host}";
}
