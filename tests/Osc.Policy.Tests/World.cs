using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Decisions;
using Osc.Policy.Explain;
using Osc.Policy.Validation;
using Osc.Scenarios;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests;

/// <summary>
/// A small inventory under some documents, and questions to it. Whatever is asked is also held against the fast decider and,
/// wherever a switch would see the connection, against the compiled flows of all hosts in the packet simulator.
/// </summary>
internal sealed class World
{
    /// <summary>
    /// Tenant shop: two networks of one vrf, front (10.1.0.0/24) and back (10.2.0.0/24), on two hosts. Tenant bank: its own
    /// vrf with the same addresses as front, and a workload in a network of shop's vrf.
    /// </summary>
    public static readonly IReadOnlyList<Document> Inventory =
    [
        Host("h1"),
        Host("h2"),
        Network("front", Vlan(101), "10.1.0.0/24 fd00:1::/64"),
        Network("back", Vlan(102), "10.2.0.0/24 fd00:2::/64"),
        Network("bank/front", Vlan(201), "10.1.0.0/24 fd00:1::/64"),
        Network("bank/guest", Vlan(202), "10.3.0.0/24 fd00:3::/64", "shop/default"),
        Workload("web-1", "app=web env=prod", Nic(1, "h1", "front", "10.1.0.1 fd00:1::1")),
        Workload("web-2", "app=web env=stage", Nic(2, "h2", "front", "10.1.0.2 fd00:1::2")),
        Workload("db-1", "app=db env=prod", Nic(3, "h1", "back", "10.2.0.1 fd00:2::1")),
        Workload("bank/web-1", "app=web env=prod", Nic(4, "h1", "bank/front", "10.1.0.1 fd00:1::1")),
        Workload("bank/teller", "app=web", Nic(5, "h2", "bank/guest", "10.3.0.1 fd00:3::1")),
        Workload("bank/vault", "app=db", Nic(6, "h2", "bank/front", "10.1.0.9 fd00:1::9")),
    ];

    private readonly Lazy<SimulatedFleet> fleet;

    private World(State state)
    {
        State = state;
        fleet = new(() => new(state));
    }

    public State State { get; }

    public static World Of(params Document[] documents) => OfOnly([.. Inventory, .. documents]);

    public static World OfOnly(params Document[] documents)
    {
        var result = StateValidator.Validate(new Revision(1), DocumentSet.Of(documents));
        return new(result.State ?? throw new ArgumentException(string.Join('\n', result.Errors)));
    }

    /// <summary>
    /// The decision, as "verdict", then "out" and "in" as far as those sides exist, each with its action and the rule that
    /// decided: "drop, out allow shop/p/r, in drop default".
    /// </summary>
    /// <param name="connection">"[vrf:] source > destination service"; an end is a workload, of which its IPv4 address counts, or an address.</param>
    public string Decide(string connection) => Print(Ask(Parse(connection)));

    public Verdict VerdictOf(string connection) => Ask(Parse(connection)).Verdict;

    public Decision Ask(Connection connection)
    {
        var decision = Decider.Decide(State, connection);
        Assert.Equal(decision, new ConnectionDecider(State).Decide(connection));
        var ends = Ends.Of(State, connection);
        if (BeforePolicy.Decide(State, connection) is null && !connection.Destination.IsMulticast && ends.AreSeen && ends.AreApart)
        {
            fleet.Value.ForgetConnections();
            Assert.Null(AgreementCheck.Compare(fleet.Value, connection));
        }

        return decision;
    }

    public Connection Parse(string text)
    {
        var words = text.Split(' ');
        var vrf = words[0].EndsWith(':') ? Named(words[0][..^1]) : ShopVrf;
        words = words[0].EndsWith(':') ? words[1..] : words;
        var (source, destination, service) = (AddressOf(words[0]), AddressOf(words[2]), ServicePort.Parse(words[3]));
        var protocol = service.Protocol ?? throw new FormatException($"'{words[3]}' is no connection's service");
        return new(vrf, source, destination, protocol, IpProtocol.HasPorts(protocol) ? service.Ports.First : (ushort)0, service.IcmpType ?? 0, service.IcmpCode ?? 0);
    }

    private static string Print(Decision decision) =>
        string.Join(", ", new[] { decision.Verdict.ToString().ToLowerInvariant(), Print("out", decision.Out), Print("in", decision.In) }.OfType<string>());

    private static string? Print(string name, SideDecision? side) =>
        side is null ? null : $"{name} {side.Verdict.ToString().ToLowerInvariant()} {side.Rule?.ToString() ?? "default"}{(side.Chain is { } chain ? $" through {chain}" : "")}";

    private IpAddress AddressOf(string end) =>
        IpAddress.TryParse(end, out var address) ? address : State.Documents.Find<WorkloadDocument>(Kind.Workload, Named(end))!.Interfaces[0].Addresses[0]; // the test names it
}
