using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Validation;

namespace Osc.Benchmarks.Engine;

/// <summary>States of generated documents, which are sound.</summary>
internal static class Sound
{
    /// <exception cref="InvalidOperationException">They are not.</exception>
    public static State StateOf(DocumentSet documents) => OfResult(StateValidator.Validate(new Revision(1), documents));

    public static State OfResult(StateResult result) => result.State ?? throw new InvalidOperationException(string.Join('\n', result.Errors));
}
