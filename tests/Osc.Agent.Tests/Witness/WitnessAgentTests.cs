using Osc.Audit.Checkpoints;
using Osc.Audit.Merkle;
using Osc.Bus;
using Xunit;

namespace Osc.Agent.Tests.Witness;

/// <summary>A whole agent that keeps checkpoints of the audit log.</summary>
public sealed class WitnessAgentTests
{
    private static readonly KeyRing Keys = KeyRing.Create("osc/log");

    [Fact]
    public async Task Agent_names_what_it_keeps_after_a_restart_too_and_says_when_history_was_changed()
    {
        await using var test = new AgentHarness();
        var kept = Said(1, from: 0);
        test.Switch.Announce();
        test.Start();
        Assert.Null((await test.HearHelloAsync(_ => true)).Checkpoint);

        await test.Bus.TrySendAsync(kept, CancellationToken.None);
        await test.InquireAsync();
        Assert.NotNull((await test.HearHelloAsync(h => h.Checkpoint == kept.Checkpoint!.Note)).Health);

        await test.StopAsync();
        test.Switch.Announce();
        test.Start();
        await test.HearHelloAsync(h => h.Checkpoint == kept.Checkpoint!.Note);

        await test.Bus.TrySendAsync(Said(2, from: 1), CancellationToken.None);
        var hello = await test.HearHelloAsync(h => h.Health!.Faults.Count > 0);
        Assert.Equal("audit-rewritten", Assert.Single(hello.Health!.Faults).Kind);
        Assert.Equal(kept.Checkpoint!.Note, hello.Checkpoint);
    }

    /// <summary>Without a proof.</summary>
    private static ControllerMessage Said(long size, long from) =>
        new() { Host = AgentHarness.Host.Value, Checkpoint = new(Keys.Sign(new(Keys.Origin, size, TreeHash.OfLeaf([(byte)size]))).ToString(), from, []) };
}
