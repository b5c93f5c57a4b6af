using Osc.Model;

namespace Osc.Bus;

/// <summary>
/// The names on the broker, in one place. All of it is durable; queues are plain (no arguments) where both sides declare them.
/// <code>
/// controller --"host name"--> exchange osc.hosts (direct) --> queue osc.host.NAME --> agent of NAME
/// agents ------------------> exchange osc.agents (fanout) --> queue osc.controller --> controller
/// </code>
/// An agent declares both exchanges, its own queue and its binding; the controller declares both exchanges, its queue and its binding.
/// </summary>
public static class BusTopology
{
    /// <summary>A direct exchange; the routing key is the host's name.</summary>
    public const string HostsExchange = "osc.hosts";

    /// <summary>A fanout exchange that agents publish to.</summary>
    public const string AgentsExchange = "osc.agents";

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
