using Osc.Flows;
using Osc.Policy.Compile;
using Osc.Policy.Verify.Meaning;

namespace Osc.Policy.Verify.Proof;

/// <summary>
/// Proves that a host's flows decide what the documents say, for all packets at once, or gives counterexamples. It reads flows as
/// a switch does, by match and action, and knows nothing of how they were compiled.
/// </summary>
public static class FlowVerifier
{
    /// <param name="meaning">What the documents say.</param>
    /// <param name="flows">A host's flows, compiled or read from its switch.</param>
    /// <param name="numbering">Names the rules that labels carry, and the epoch; null: labels are not looked at, and any one epoch will do.</param>
    public static FlowProof Prove(PolicyMeaning meaning, HostFlows flows, HostNumbering? numbering = null) => HostVerifier.Prove(meaning, flows, numbering).Proof;
}
