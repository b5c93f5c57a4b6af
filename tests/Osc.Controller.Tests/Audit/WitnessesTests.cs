using Osc.Audit;
using Osc.Audit.Checkpoints;
using Osc.Audit.Merkle;
using Osc.Bus;
using Osc.Bus.InMemory;
using Osc.Controller.Alarms;
using Osc.Controller.Audit;
using Osc.Controller.Configuration;
using Osc.Controller.Tests.Delivery;
using Osc.Model;
using Osc.Store;
using Xunit;

namespace Osc.Controller.Tests.Audit;

/// <summary>Agents that keep checkpoints of the audit log, against a whole controller.</summary>
public sealed class WitnessesTests : IAsyncLifetime
{
    private const int TimeoutMilliseconds = 60_000;

    private readonly InMemoryBus bus = new();
    private readonly ManualTime time = new();
    private readonly TestAgent agent;
    private TestController controller = null!; // set before each test

    public WitnessesTests() => agent = new(bus, "h1", TestContext.Current.CancellationToken);

    public async ValueTask InitializeAsync()
    {
        controller = await TestController.StartAsync(bus, time);
        Assert.Equal(200, (await controller.ApplyAsync(TestDocuments.Shop)).Status);
    }

    public async ValueTask DisposeAsync()
    {
        await agent.DisposeAsync();
        await controller.DisposeAsync();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Agent_gets_the_newest_checkpoint_and_the_proof_that_the_log_grew_from_the_one_it_keeps()
    {
        await agent.WitnessAsync(null);
        var first = await agent.CheckpointAsync();
        Assert.Equal((0, 0), (first.From, first.Proof.Count));

        await controller.SendAsync(HttpMethod.Put, "/api/v1/shop/service/dns", Role.Editor, TestDocuments.Service("dns", "udp/53"));
        time.Advance(TimeSpan.FromSeconds(30));
        await agent.WitnessAsync(first.Note);
        var second = await agent.CheckpointAsync();

        var (old, fresh) = (Read(first), Read(second));
        Assert.Equal(old.Size, second.From);
        Assert.True(fresh.Size > old.Size);
        Assert.True(new ConsistencyProof(old.Size, fresh.Size, HashesOf(second)).Proves(old.Root, fresh.Root));
        Assert.Empty(Contradictions());
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Checkpoint_of_records_that_the_log_does_not_have_is_an_alarm_and_a_record_with_the_evidence()
    {
        var signer = controller.Get<CheckpointSigner>();
        var size = controller.Get<PolicyStore>().AuditTree.Size;
        var rewritten = signer.Keys.Sign(new(signer.Keys.Origin, size, TreeHash.Empty)).ToString();
        var longer = signer.Keys.Sign(new(signer.Keys.Origin, size + 99, TreeHash.Empty)).ToString();
        var foreign = KeyRing.Create("another").Sign(new("another", 1, TreeHash.Empty)).ToString();
        string[] notes = [rewritten, longer, foreign, "no checkpoint"];
        foreach (var note in notes)
        {
            await agent.WitnessAsync(note);
            await agent.WitnessAsync(note); // the same again is no news
        }

        // What is asked last is answered last.
        await agent.WitnessAsync(signer.Recent(TimeSpan.Zero).Note);
        await agent.WitnessAsync(null);
        await agent.CheckpointAsync();

        var records = Contradictions();
        Assert.Equal(
            ["records were changed", "records were taken away", "none of this log's keys signed", "is none"],
            records.Select(r => new[] { "records were changed", "records were taken away", "none of this log's keys signed", "is none" }.First(w => r.Outcome.EndsWith(w, StringComparison.Ordinal))));
        Assert.All(records.Zip(notes), pair => Assert.Contains(System.Text.Json.JsonEncodedText.Encode(pair.Second.Split('\n')[0]).ToString(), pair.First.After!, StringComparison.Ordinal));
        Assert.All(records, r => Assert.Equal(("agent/h1", "Host", "h1"), (r.Actor, r.Kind, r.Name)));
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Alarm_stands_for_as_long_as_the_agent_keeps_another_history()
    {
        var signer = controller.Get<CheckpointSigner>();
        await agent.WitnessAsync(signer.Keys.Sign(new(signer.Keys.Origin, 1, TreeHash.Empty)).ToString());
        await SettleAsync();
        Assert.Equal("audit-rewritten", Assert.Single(controller.Get<AlarmWatch>().Of(Name.Parse("h1"))).Key.Kind);

        await agent.WitnessAsync(null);
        await agent.CheckpointAsync();
        await SettleAsync();
        Assert.Empty(controller.Get<AlarmWatch>().Of(Name.Parse("h1")));
    }

    private List<AuditRecord> Contradictions() => [.. controller.Get<PolicyStore>().QueryAudit(new() { Action = AuditAction.AuditContradicted, Ascending = true }).Items];

    /// <summary>Another agent is answered: whatever was said before was dealt with.</summary>
    private async Task SettleAsync()
    {
        await using var other = new TestAgent(bus, "h2", TestContext.Current.CancellationToken);
        await other.WitnessAsync(null);
        await other.CheckpointAsync();
        controller.Get<AlarmWatch>().Look();
    }

    private static Checkpoint Read(AuditCheckpoint said) =>
        SignedNote.TryParse(said.Note, out var note) && Checkpoint.TryParse(note.Text, out var checkpoint) ? checkpoint : throw new FormatException(said.Note);

    private static ValueList<TreeHash> HashesOf(AuditCheckpoint said) => said.Proof.Select(h => TreeHash.TryParse(h, out var hash) ? hash : throw new FormatException(h)).ToValueList();
}
