using Microsoft.Extensions.Logging.Abstractions;
using Osc.Audit;
using Osc.Controller.Configuration;
using Osc.Controller.Loop;
using Osc.Controller.Metrics;
using Osc.Flows;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Documents;
using Osc.Policy.Validation;
using Osc.Scenarios;
using Osc.Scenarios.Changes;
using Osc.Store;
using Xunit;

namespace Osc.Controller.Tests.Loop;

/// <summary>The writer on a store of its own: what it holds is always what the next start would make of the store.</summary>
public sealed class PolicyLoopTests : IAsyncLifetime
{
    private const int Steps = 150;

    private static readonly Origin Somebody = new("test");

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc-loop-");
    private readonly ControllerMetrics metrics = new();
    private readonly List<HostStep> published = [];
    private PolicyStore store = null!; // set before each test
    private PolicyLoop loop = null!; // likewise

    public ValueTask InitializeAsync()
    {
        store = PolicyStore.Open(Path.Combine(directory.FullName, "osc.db"), TimeProvider.System);
        return StartAsync(ControllerOptions.DefaultMaxFlowsPerHost);
    }

    public async ValueTask DisposeAsync()
    {
        await loop.StopAsync(CancellationToken.None);
        loop.Dispose();
        store.Dispose();
        metrics.Dispose();
        directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Loop_has_after_any_changes_what_a_start_from_the_store_makes(int seed)
    {
        var random = new Random(seed);
        var churn = Churn.Of(RandomScenario.Of(seed).State.Documents, seed);
        await SubmitAsync(DocumentSet.Empty, DocumentChanges.Of(DocumentSet.Empty, churn.Documents.Select(Enforceable), []));
        var switches = loop.Current.Hosts.ToDictionary(h => h.Key, h => loop.FlowsOf(h.Key)!); // the snapshot has it
        var most = 0;
        for (var step = 0; step < Steps; step++)
        {
            churn.Next();
            var before = loop.Current.State.Documents;
            var changes = DocumentChanges.Between(before, DocumentSet.Of(churn.Documents.Select(Enforceable)));
            if (random.Next(3) == 0)
            {
                var planned = loop.Plan(ChangeOf(changes));
                Assert.IsType<ChangeOutcome.Accepted>(planned);
            }

            published.Clear();
            await SubmitAsync(before, changes);
            foreach (var host in published)
            {
                switches[host.Host] = host.Delta is { } delta ? Applied(switches[host.Host], delta) : loop.FlowsOf(host.Host)!; // committed
                Assert.Equal(host.After.Digest, switches[host.Host].Digest);
            }

            Assert.Equal(loop.Current.Hosts.ToDictionary(h => h.Key, h => loop.NumberingOf(h.Key)!.ToJson()), StoredNumbers()); // the snapshot has it
            var stored = store.ReadNumberings();
            most = Math.Max(most, stored.Sum(n => n.Whole.Length)); // what takes numbers away is the longer, the more there were
            var unfolded = stored.Sum(n => n.Changes.Sum(c => c.Json.Length));
            Assert.True(unfolded <= 3 * most, $"{unfolded} characters of changes of numberings that never took more than {most}");
            if (random.Next(20) == 0)
            {
                await RestartAsync(ControllerOptions.DefaultMaxFlowsPerHost);
            }
        }

        Assert.True(store.ReadNumberings().Min(n => n.Changes.Select(c => c.Revision.Number).FirstOrDefault(long.MaxValue)) > Steps / 10, "no whole was ever written anew");
        Assert.All(loop.Current.Hosts, h => Assert.Equal(h.Value, TargetOf(loop.FlowsOf(h.Key)!))); // the snapshot has it
        var loaded = SnapshotLoader.Load(store);
        Assert.Empty(loaded.Redesired);
        Assert.Empty(loaded.Renumbered);
        Assert.Equal(loop.Current.Hosts, loaded.Snapshot.Hosts);
        Assert.Equal(loop.Current.State.Documents, loaded.Snapshot.State.Documents);
    }

    [Fact]
    public async Task Change_that_would_pass_a_hosts_budget_is_refused_with_a_forecast_and_leaves_no_trace()
    {
        var documents = DocumentReader.ReadYaml(TestDocuments.Shop, "shop.yaml").Documents;
        await SubmitAsync(DocumentSet.Empty, DocumentChanges.Of(DocumentSet.Empty, documents, []));
        var before = loop.Current;
        await RestartAsync(before.Host(Name.Parse("h1"))!.Flows + 3); // a host of the shop

        Assert.Equal(before.Hosts, loop.Current.Hosts);
        var numbers = StoredNumbers();
        var policy = documents.OfType<PolicyDocument>().Single();
        var more = policy with { Rules = [.. policy.Rules, .. Enumerable.Range(0, 20).Select(i => policy.Rules[0] with { Name = Name.Parse($"r{i}"), Services = [new InlineService(ServicePort.Parse($"tcp/{i + 1}"))] })] };
        foreach (var outcome in new[] { loop.Plan(new() { Put = [more] }), await loop.SubmitAsync(new() { Put = [more] }, Somebody, CancellationToken.None) })
        {
            var refused = Assert.IsType<ChangeOutcome.OverBudget>(outcome);
            Assert.Equal(["h1", "h2"], refused.Hosts.Select(h => h.Host.Value));
            Assert.All(refused.Hosts, h => Assert.True(h.After.Flows >= h.Before!.Flows + 20));
        }

        Assert.Equal(before.Hosts, loop.Current.Hosts);
        Assert.Equal(numbers, StoredNumbers());
        Assert.IsType<ChangeOutcome.Accepted>(await loop.SubmitAsync(new() { Put = [policy with { Rules = [] }] }, Somebody, CancellationToken.None));
    }

    [Fact]
    public async Task Host_that_has_more_flows_than_its_budget_may_lose_some()
    {
        var documents = DocumentReader.ReadYaml(TestDocuments.Shop, "shop.yaml").Documents;
        await SubmitAsync(DocumentSet.Empty, DocumentChanges.Of(DocumentSet.Empty, documents, []));
        await RestartAsync(1);

        var policy = documents.OfType<PolicyDocument>().Single();
        Assert.IsType<ChangeOutcome.Accepted>(await loop.SubmitAsync(new() { Put = [policy with { Rules = [] }] }, Somebody, CancellationToken.None));
        Assert.IsType<ChangeOutcome.OverBudget>(await loop.SubmitAsync(new() { Put = [policy] }, Somebody, CancellationToken.None));
    }

    [Fact]
    public async Task Change_that_could_not_be_stored_leaves_no_trace()
    {
        var documents = DocumentReader.ReadYaml(TestDocuments.Shop, "shop.yaml").Documents;
        await SubmitAsync(DocumentSet.Empty, DocumentChanges.Of(DocumentSet.Empty, documents, []));
        var before = loop.Current;

        // Someone else writes, which a controller is not prepared for.
        store.Commit(new() { Base = before.Revision, Origin = Somebody, Changes = [Store.Revisions.DocumentWrite.Delete(documents.OfType<PolicyDocument>().Single().Key)] });

        var change = new Change { Delete = [documents.OfType<PolicyDocument>().Single().Key] };
        await Assert.ThrowsAsync<InvalidOperationException>(() => loop.SubmitAsync(change, Somebody, CancellationToken.None));
        Assert.Same(before, loop.Current);
        Assert.All(before.Hosts, h => Assert.Equal(h.Value, TargetOf(loop.FlowsOf(h.Key)!))); // the snapshot has it
        Assert.IsType<ChangeOutcome.Accepted>(loop.Plan(change));
    }

    private Dictionary<Name, string> StoredNumbers() => store.ReadNumberings().ToDictionary(n => n.Host, n => NumberingLog.Read(n).ToJson());

    /// <summary>The document without what a controller refuses.</summary>
    private static Document Enforceable(Document document)
    {
        document = document switch
        {
            ServiceDocument service => service with { Ports = service.Ports.Distinct().ToValueList() },
            SecurityGroupDocument group => group with { Members = Named(group.Members), Except = Named(group.Except) },
            _ => document,
        };
        return document is PolicyDocument odd && DocumentValidator.Validate(odd).Count > 0 ? odd with { Rules = [] } : document;
    }

    private static ValueList<Clause> Named(ValueList<Clause> clauses) => clauses.Where(c => c is not FqdnClause name || !DnsNames.IsWildcard(name.Fqdn)).ToValueList();

    private static HostFlows Applied(HostFlows flows, FlowDelta delta) => flows with
    {
        Bridges = flows.Bridges.Select(b => b with { Flows = delta.Bridges.FirstOrDefault(d => d.Bridge == b.Bridge)?.Apply(b.Flows) ?? b.Flows }).ToValueList(),
    };

    private static HostTarget TargetOf(HostFlows flows) => new(flows.Host, flows.Revision, flows.Digest, flows.Count);

    private static Change ChangeOf(DocumentChanges changes) => new()
    {
        Put = [.. changes.Select(c => c.After).OfType<Document>()],
        Delete = [.. changes.Where(c => c.After is null).Select(c => c.Key)],
    };

    private async Task SubmitAsync(DocumentSet before, DocumentChanges changes)
    {
        Assert.Equal(before, loop.Current.State.Documents);
        var outcome = await loop.SubmitAsync(ChangeOf(changes), Somebody, CancellationToken.None);
        var accepted = Assert.IsType<ChangeOutcome.Accepted>(outcome);
        Assert.Same(accepted.Plan.After, loop.Current);
    }

    private async Task RestartAsync(int flowBudget)
    {
        await loop.StopAsync(CancellationToken.None);
        loop.Dispose();
        await StartAsync(flowBudget);
    }

    private async ValueTask StartAsync(int flowBudget)
    {
        loop = new(SnapshotLoader.Load(store), store, ChangeLimits.Default with { FlowsPerHost = flowBudget }, metrics, TimeProvider.System, NullLogger<PolicyLoop>.Instance);
        loop.Published += plan => published.AddRange(plan.Hosts);
        await loop.StartAsync(CancellationToken.None);
    }
}
