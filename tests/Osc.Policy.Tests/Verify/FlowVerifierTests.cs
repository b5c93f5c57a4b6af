using Osc.Policy.Compile;
using Osc.Policy.Verify.Meaning;
using Osc.Policy.Verify.Proof;
using Xunit;

namespace Osc.Policy.Tests.Verify;

public sealed class FlowVerifierTests
{
    private const int States = 100;

    [Fact]
    public void Compiled_flows_are_proven() => Parallel.For(0, States * Verified.Scale, seed =>
    {
        var state = Verified.RandomState(seed);
        var meaning = new PolicyMeaning(state);
        foreach (var host in state.Hosts)
        {
            var compiled = HostCompiler.Compile(state, host.Metadata.Name, HostNumbering.Empty);
            var proof = FlowVerifier.Prove(meaning, compiled.Flows, compiled.Numbering);
            Assert.True(proof.Holds, $"seed {seed}: {string.Join('\n', proof.Faults.Select(f => $"{f}: {f.What}"))}");
        }
    });
}
