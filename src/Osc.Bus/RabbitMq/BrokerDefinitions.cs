using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Osc.Model;

namespace Osc.Bus.RabbitMq;

/// <summary>
/// Users and permissions on the broker, as definitions that RabbitMQ imports (rabbitmqctl import_definitions). An agent's user reads its own mailbox, and
/// publishes to the controller under its own host's name alone; so what comes by that name comes from that host.
/// Sources: RabbitMQ's Access Control and Topic Authorisation.
/// </summary>
public static class BrokerDefinitions
{
    private const string Nothing = "^$";

    /// <summary>The name on the broker of a host's agent, and in its certificate.</summary>
    public static string UserOf(Name host) => $"osc-agent.{host}";

    /// <summary>The name of the controller.</summary>
    public const string ControllerUser = "osc-controller";

    /// <param name="hosts">The hosts whose agents get a user.</param>
    /// <param name="virtualHost">Where the bus is.</param>
    /// <returns>JSON. The users have no password: they come with a certificate, or are given one by rabbitmqctl change_password.</returns>
    public static string For(IReadOnlyList<Name> hosts, string virtualHost = "/")
    {
        JsonArray users = [User(ControllerUser)], permissions = [], topics = [];
        permissions.Add((JsonNode)Permission(ControllerUser, virtualHost, Beginning("osc."), Beginning("osc."), Beginning("osc.")));
        foreach (var host in hosts)
        {
            var (user, queue) = (UserOf(host), BusTopology.HostQueue(host));
            users.Add((JsonNode)User(user));
            permissions.Add((JsonNode)Permission(user, virtualHost, Exactly(queue), Exactly(queue, BusTopology.AgentsExchange), Exactly(queue, BusTopology.HostsExchange)));
            topics.Add((JsonNode)Topic(user, virtualHost, BusTopology.AgentsExchange, write: Exactly(host.Value), read: Nothing));
            topics.Add((JsonNode)Topic(user, virtualHost, BusTopology.HostsExchange, write: Nothing, read: Exactly(host.Value)));
        }

        return new JsonObject { ["users"] = users, ["vhosts"] = new JsonArray(new JsonObject { ["name"] = virtualHost }), ["permissions"] = permissions, ["topic_permissions"] = topics }
            .ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    private static JsonObject User(string name) => new() { ["name"] = name, ["password_hash"] = "", ["tags"] = "" };

    private static JsonObject Permission(string user, string virtualHost, string configure, string write, string read) =>
        new() { ["user"] = user, ["vhost"] = virtualHost, ["configure"] = configure, ["write"] = write, ["read"] = read };

    private static JsonObject Topic(string user, string virtualHost, string exchange, string write, string read) =>
        new() { ["user"] = user, ["vhost"] = virtualHost, ["exchange"] = exchange, ["write"] = write, ["read"] = read };

    private static string Exactly(params IEnumerable<string> names) => $"^({string.Join('|', names.Select(Regex.Escape))})$";

    private static string Beginning(string name) => "^" + Regex.Escape(name);
}
