using Osc.Fuzz.Engine;
using Osc.Fuzz.Targets;
using Xunit;

namespace Osc.Fuzz.Tests;

/// <summary>Every target copes with everything that fuzzing ever found, and with some inputs that nobody has tried.</summary>
public sealed class TargetTests
{
    private const int Steps = 300;

    private static readonly int Scale = int.TryParse(Environment.GetEnvironmentVariable("OSC_TEST_SCALE"), out var scale) ? Math.Max(1, scale) : 1;

    public static TheoryData<string> Targets => [.. AllTargets.List.Select(t => t.Name)];

    [Fact]
    public void Corpus_belongs_to_targets()
    {
        var folders = Directory.Exists(Repository.Corpus) ? Directory.EnumerateDirectories(Repository.Corpus).Select(f => Path.GetFileName(f) ?? "") : [];
        Assert.Empty(folders.Except(AllTargets.List.Select(t => t.Name)));
        Assert.Equal(AllTargets.List.Count, AllTargets.List.Select(t => t.Name).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Target_copes_with_its_seeds_its_corpus_and_what_comes_of_them(string name)
    {
        var target = AllTargets.List.Single(t => t.Name == name);
        var campaign = new Campaign(target, Repository.CorpusOf(name), new(1));
        for (var i = 0; i < Steps * Scale; i++)
        {
            campaign.Step();
        }

        Assert.True(campaign.Outcomes > 1, "what is right and what is wrong have different outcomes");
        Assert.Empty(campaign.Findings.Select(f => $"{f.Signature}\n{Convert.ToBase64String(f.Input)}\n{f.Detail}"));
    }
}
