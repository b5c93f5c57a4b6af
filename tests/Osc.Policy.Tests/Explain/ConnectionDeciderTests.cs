using Osc.Policy.Decisions;
using Osc.Policy.Explain;
using Osc.Scenarios;
using Xunit;

namespace Osc.Policy.Tests.Explain;

public sealed class ConnectionDeciderTests
{
    [Fact]
    public void ConnectionDecider_says_what_Decider_says()
    {
        Parallel.For(0, 300, seed =>
        {
            var scenario = RandomScenario.Of(seed + 40_000);
            var decider = new ConnectionDecider(scenario.State);
            for (var i = 0; i < 200; i++)
            {
                var connection = scenario.NextConnection();
                Assert.Equal(Decider.Decide(scenario.State, connection), decider.Decide(connection));
            }
        });
    }
}
