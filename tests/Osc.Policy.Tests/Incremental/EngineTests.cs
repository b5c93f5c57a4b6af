using System.Globalization;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Validation;
using Osc.Scenarios;
using Osc.Scenarios.Changes;
using Osc.Scenarios.Large;
using Xunit;

namespace Osc.Policy.Tests.Incremental;

/// <summary>Two compilers, one truth: after every change the engine has just what the whole compiler makes of the state.</summary>
public sealed class EngineTests(ITestOutputHelper output)
{
    private const int Worlds = 30;
    private const int Steps = 100;

    /// <summary>Twenty times as many as elsewhere where more is asked than usual: with the scale of "make check" that is a million changes.</summary>
    private const int Often = 20;

    /// <summary>"make check" tries more cases than "make test": OSC_TEST_SCALE times as many.</summary>
    private static readonly int Scale = int.Parse(Environment.GetEnvironmentVariable("OSC_TEST_SCALE") ?? "1", CultureInfo.InvariantCulture);

    /// <summary>Large worlds made small: many far addresses of few classes, many groups and policies, many rules in one.</summary>
    private static readonly Dictionary<string, Func<DocumentSet>> Shapes = new()
    {
        ["a large group"] = () => BigGroupScenario.Of(BigGroupSize.Small).Documents,
        ["a large group of literal addresses"] = () => BigGroupScenario.Of(BigGroupSize.Small with { Literal = true }).Documents,
        ["a cluster"] = () => ClusterScenario.Of(ClusterSize.Small with { Namespaces = 40 }).Documents,
        ["a cluster of tenants"] = () => ClusterScenario.Of(ClusterSize.Small with { Namespaces = 20, Separate = true }).Documents,
        ["a large policy"] = () => RuleSetScenario.Of(RuleSetSize.Small).Documents,
    };

    public static TheoryData<string> ShapeNames => [.. Shapes.Keys];

    [Fact]
    public void Engine_has_after_every_change_what_the_whole_compiler_makes()
    {
        var changes = 0;
        Parallel.For(0, Scale == 1 ? Worlds : Worlds * Scale * Often, seed => Interlocked.Add(ref changes, Run(RandomScenario.Of(seed).State, seed, Steps)));
        output.WriteLine($"{changes} changes");
    }

    [Theory]
    [MemberData(nameof(ShapeNames))]
    public void Engine_has_in_larger_shapes_what_the_whole_compiler_makes(string shape)
    {
        var changes = 0;
        Parallel.For(0, 2 * Scale, seed => Interlocked.Add(ref changes, Run(StateOf(Shapes[shape]()), seed, Steps / 4)));
        output.WriteLine($"{changes} changes");
    }

    private static State StateOf(DocumentSet documents)
    {
        var result = StateValidator.Validate(new Revision(1), documents);
        return result.State ?? throw new InvalidOperationException(string.Join('\n', result.Errors));
    }

    private static int Run(State start, int seed, int steps)
    {
        var churn = Churn.Of(start.Documents, seed);
        var run = new EngineRun(start);
        foreach (var host in start.Hosts)
        {
            Expect(run.CheckWhole(host.Metadata.Name), seed, 0);
        }

        var changes = 0;
        for (var step = 1; step <= steps; step++)
        {
            var next = churn.Next();
            if (step % 16 == 0)
            {
                Expect(run.TryAndRevert(next), seed, step);
            }

            // Hosts that the engine says nothing of are looked at too, now and then.
            var changed = run.Apply(next).Hosts.Select(h => h.Host).ToHashSet();
            changes += next.Count;
            foreach (var host in run.State.Hosts.Select(h => h.Metadata.Name).Where(h => changed.Contains(h) || step % 10 == 0))
            {
                Expect(step % 10 == 0 ? run.CheckWhole(host) : run.Check(host), seed, step);
            }
        }

        return changes;
    }

    private static void Expect(string? fault, int seed, int step)
    {
        if (fault is not null)
        {
            Assert.Fail($"seed {seed}, step {step}: {fault}");
        }
    }
}
