using System.Globalization;
using Osc.Scenarios;
using Osc.Scenarios.Changes;
using Xunit;

namespace Osc.Policy.Tests.Incremental;

/// <summary>Two compilers, one truth: after every change the engine has just what the whole compiler makes of the state.</summary>
public sealed class EngineTests(ITestOutputHelper output)
{
    private const int Worlds = 30;
    private const int Steps = 100;

    /// <summary>"make check" tries more cases than "make test": OSC_TEST_SCALE times as many.</summary>
    private static readonly int Scale = int.Parse(Environment.GetEnvironmentVariable("OSC_TEST_SCALE") ?? "1", CultureInfo.InvariantCulture);

    [Fact]
    public void Engine_has_after_every_change_what_the_whole_compiler_makes()
    {
        var changes = 0;
        Parallel.For(0, Worlds * Scale, seed =>
        {
            var start = RandomScenario.Of(seed).State;
            var churn = Churn.Of(start.Documents, seed);
            var run = new EngineRun(start);
            foreach (var host in start.Hosts)
            {
                Expect(run.Check(host.Metadata.Name), seed, 0);
            }

            for (var step = 1; step <= Steps; step++)
            {
                var next = churn.Next();
                if (step % 8 == 0)
                {
                    Expect(run.TryAndRevert(next), seed, step);
                }

                // Hosts that the engine says nothing of are looked at too, now and then.
                var changed = run.Apply(next).Hosts.Select(h => h.Host).ToHashSet();
                Interlocked.Add(ref changes, next.Count);
                foreach (var host in run.State.Hosts.Select(h => h.Metadata.Name).Where(h => changed.Contains(h) || step % 5 == 0))
                {
                    Expect(run.Check(host), seed, step);
                }
            }
        });
        output.WriteLine($"{changes} changes");
    }

    private static void Expect(string? fault, int seed, int step)
    {
        if (fault is not null)
        {
            Assert.Fail($"seed {seed}, step {step}: {fault}");
        }
    }
}
