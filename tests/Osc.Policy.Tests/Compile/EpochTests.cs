using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Compile;

/// <summary>
/// "Epoch: a number in ct_mark: connections decided under an older epoch are decided anew." It is raised by whatever could
/// decide a connection of the host otherwise, and by nothing else, for every raise makes all open connections be decided again.
/// </summary>
public sealed class EpochTests
{
    private static readonly Document[] Intent =
    [
        Group("web", Selected("app = web")),
        Group("db", Selected("app = db")),
        Service("sql", "tcp/5432 tcp/5433"),
        PolicyOf("p", Allow("sql", "web", "db", "sql"), Drop("ssh", services: "tcp/22"), Allow("rest", "web", "web")),
    ];

    public static TheoryData<string, Document> Deciding => new()
    {
        { "a rule less", PolicyOf("p", Allow("sql", "web", "db", "sql"), Allow("rest", "web", "web")) },
        { "a rule more", PolicyOf("q", Allow("ping", services: "icmp")) },
        { "another action", PolicyOf("p", Allow("sql", "web", "db", "sql"), Reject("ssh", services: "tcp/22"), Allow("rest", "web", "web")) },
        { "another order of rules", PolicyOf("p", Allow("sql", "web", "db", "sql"), Allow("rest", "web", "web"), Drop("ssh", services: "tcp/22")) },
        { "another tier", PolicyOf("p", Allow("sql", "web", "db", "sql"), Drop("ssh", services: "tcp/22"), Allow("rest", "web", "web")).In(Tier.Baseline) },
        { "fewer places", PolicyOf("p", Allow("sql", "web", "db", "sql"), Drop("ssh", services: "tcp/22"), Allow("rest", "web", "web")).AppliedTo("db") },
        { "another mode", PolicyOf("p", Allow("sql", "web", "db", "sql").As(RuleMode.Observe), Drop("ssh", services: "tcp/22"), Allow("rest", "web", "web")) },
        { "another direction", PolicyOf("p", Allow("sql", "web", "db", "sql").For(Direction.Out), Drop("ssh", services: "tcp/22"), Allow("rest", "web", "web")) },
        { "another service", Service("sql", "tcp/5433") },
        { "fewer members", Group("web", Selected("app = web, env = prod")) },
        { "an exception", Group("web", Selected("app = web")).Except(OfWorkload("web-2")) },
        { "a label of a workload here", Workload("web-1", "app=db env=prod", Nic(1, "h1", "front", "10.1.0.1 fd00:1::1")) },
        { "a label of a workload elsewhere", Workload("web-2", "app=db env=stage", Nic(2, "h2", "front", "10.1.0.2 fd00:1::2")) },
        { "an address of a workload elsewhere", Workload("web-2", "app=web env=stage", Nic(2, "h2", "front", "10.1.0.22 fd00:1::2")) },
        { "another default action", Tenant("shop", DefaultAction.Allow) },
        { "a policy of the platform", PolicyOf("system/p", Drop("telnet", services: "tcp/23")) },
    };

    public static TheoryData<string, Document> Undeciding => new()
    {
        { "nothing", Intent[0] },
        { "a group that no rule names", Group("unused", Selected("app = web")) },
        { "a rule that is not enforced", PolicyOf("q", Drop("r").As(RuleMode.Observe)) },
        { "a rule that is disabled", PolicyOf("q", Drop("r").As(RuleMode.Disabled)) },
        { "logging", PolicyOf("p", Allow("sql", "web", "db", "sql") with { Log = true }, Drop("ssh", services: "tcp/22"), Allow("rest", "web", "web")) },
        { "a label that no selector asks for", Workload("web-1", "app=web env=prod owner=me", Nic(1, "h1", "front", "10.1.0.1 fd00:1::1")) },
        { "the same ports in other words", Service("sql", "tcp/5432-5433") },
        { "the same members in other words", Group("web", OfWorkload("web-1"), OfWorkload("web-2")) },
        { "a workload elsewhere in a network of nobody here", Workload("bank/new", "app=new", Nic(41, "h2", "bank/guest", "10.3.0.41")) },
        { "a workload elsewhere that no group has", Workload("new", "app=new", Nic(42, "h2", "front", "10.1.0.42")) },
        { "a workload here moves to another port", Workload("web-1", "app=web env=prod", Nic(1, "h1", "front", "10.1.0.1 fd00:1::1") with { Attachment = new(Name.Parse("h1"), null, Port("vif99.0")) }) },
    };

    [Theory]
    [MemberData(nameof(Deciding))]
    public void Change_that_could_decide_otherwise_raises_the_epoch(string what, Document changed)
    {
        var (before, after) = UpdateBy(changed);

        Assert.True(after.Numbering.Epoch == before.Numbering.Epoch.Next(), what);
    }

    [Theory]
    [MemberData(nameof(Undeciding))]
    public void Change_that_decides_nothing_keeps_the_epoch(string what, Document changed)
    {
        var (before, after) = UpdateBy(changed);

        Assert.True(after.Numbering.Epoch == before.Numbering.Epoch, what);
    }

    [Fact]
    public void Unchanged_state_changes_no_flow()
    {
        var (before, after) = UpdateBy(Intent[0]);

        Assert.Equal(before.Flows.Digest, after.Flows.Digest);
    }

    /// <summary>It is in the fast path and in the commit, and nowhere else.</summary>
    [Fact]
    public void Epoch_is_carried_by_three_flows()
    {
        var state = World.Of(Intent).State;
        var first = HostCompiler.Compile(state, Name.Parse("h1"), HostNumbering.Empty);
        var next = HostCompiler.Compile(state, Name.Parse("h1"), first.Numbering with { Epoch = first.Numbering.Epoch.Next() });

        var delta = Assert.Single(FlowDelta.Between(first.Flows, next.Flows).Bridges);

        Assert.Equal([PipelineTable.Connection.Id, PipelineTable.Commit.Id, PipelineTable.Commit.Id], delta.Add.Select(f => f.Table).Order());
        Assert.Equal(3, delta.Remove.Count);
    }

    [Fact]
    public void Epoch_of_a_new_host_is_not_the_mark_of_connections_that_are_not_ours() => Assert.Equal(1, HostNumbering.Empty.Epoch.Number);

    private static (CompiledHost Before, CompiledHost After) UpdateBy(Document changed)
    {
        var before = HostCompiler.Compile(World.Of(Intent).State, Name.Parse("h1"), HostNumbering.Empty);
        return (before, HostCompiler.Update(World.Of([.. Intent, changed]).State, Name.Parse("h1"), before));
    }
}
