using Osc.Fuzz.Engine;
using Xunit;

namespace Osc.Fuzz.Tests;

/// <summary>The fuzzer finds what is there to be found, and says it in as few bytes as it takes.</summary>
public sealed class CampaignTests
{
    [Fact]
    public void Campaign_finds_what_throws_and_minimises_it()
    {
        var campaign = CampaignOf(input => Array.IndexOf(input, (byte)'!') >= 0 ? throw new InvalidOperationException() : "taken");
        Run(campaign, 2_000);

        var finding = Assert.Single(campaign.Findings);
        Assert.StartsWith(nameof(InvalidOperationException), finding.Signature, StringComparison.Ordinal);
        Assert.Equal("!"u8.ToArray(), finding.Input);
    }

    [Fact]
    public void Campaign_finds_what_breaks_a_rule_once_for_each_rule()
    {
        var campaign = CampaignOf(input =>
        {
            Oracle.Holds(input.Length < 40, "short");
            Oracle.Holds(input.Length > 0, "not empty");
            return "taken";
        });
        Run(campaign, 5_000);

        Assert.Equal(["not empty", "short"], campaign.Findings.Select(f => f.Signature.Split(" in ")[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Campaign_finds_what_allocates_out_of_proportion()
    {
        var campaign = CampaignOf(input => input.Length > 0 && input[0] == 'x' ? new byte[50_000_000].Length.ToString("x", null) : "taken");
        Run(campaign, 2_000);

        Assert.Equal("too much allocated", Assert.Single(campaign.Findings).Signature);
    }

    [Fact]
    public void Campaign_keeps_an_input_that_has_a_new_outcome_and_builds_on_it()
    {
        // An input of many different bytes is many steps away from the seeds, each of which has to be kept.
        var most = 0;
        var campaign = CampaignOf(input => $"{most = Math.Max(most, input.Distinct().Count())} at most");
        Run(campaign, 5_000);

        Assert.Empty(campaign.Findings);
        Assert.InRange(most, 60, 100);
    }

    [Fact]
    public void Campaign_of_the_same_seed_runs_the_same_inputs()
    {
        Assert.Equal(Inputs(1), Inputs(1));
        Assert.NotEqual(Inputs(1), Inputs(2));

        static List<string> Inputs(int seed)
        {
            var inputs = new List<string>();
            Run(CampaignOf(input => (inputs.Count, inputs).Count.ToString("x", null), seed, (_, input) => inputs.Add(Convert.ToHexString(input))), 300);
            return inputs;
        }
    }

    private static Campaign CampaignOf(Func<byte[], string> run, int seed = 7, Action<string, byte[]>? before = null) =>
        new(new() { Name = "test", Seeds = static () => ["some text"u8.ToArray(), "d"u8.ToArray()], Run = run, MaxBytes = 100 }, [], new(seed), before);

    private static void Run(Campaign campaign, int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            campaign.Step();
        }
    }
}
