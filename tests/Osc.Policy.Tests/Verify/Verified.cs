using System.Globalization;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Validation;
using Osc.Scenarios;

namespace Osc.Policy.Tests.Verify;

/// <summary>Random states for what is proven, with multicast networks among them.</summary>
internal static class Verified
{
    /// <summary>"make check" tries more cases than "make test": OSC_TEST_SCALE times as many.</summary>
    public static readonly int Scale = int.Parse(Environment.GetEnvironmentVariable("OSC_TEST_SCALE") ?? "1", CultureInfo.InvariantCulture);

    public static State RandomState(int seed) => RandomState(seed, seed);

    public static State RandomState(int inventorySeed, int policySeed)
    {
        var documents = RandomScenario.Of(inventorySeed, policySeed).State.Documents;
        var random = new Random(inventorySeed ^ 0xca57);
        var networks = documents.OfType<NetworkDocument>().Where(_ => random.Next(3) == 0).Select(n => n with { Multicast = true }).ToArray();
        return StateOf(documents.With(networks));
    }

    public static State StateOf(DocumentSet documents)
    {
        var result = StateValidator.Validate(new Revision(1), documents);
        return result.State ?? throw new InvalidOperationException(string.Join('\n', result.Errors));
    }
}
