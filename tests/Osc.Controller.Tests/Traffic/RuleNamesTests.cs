using Osc.Controller.Traffic;
using Osc.Policy.Compile;
using Osc.Store.Traffic;
using Xunit;

namespace Osc.Controller.Tests.Traffic;

public sealed class RuleNamesTests
{
    [Fact]
    public void Number_means_the_rule_that_had_it_at_the_revision()
    {
        var names = new RuleNames("h1");
        names.Learn(3, Of(("shop/app/a", 1), ("shop/app/b", 2)));
        names.Learn(5, Of(("shop/app/a", HostNumberingChange.GivenUp)));
        names.Learn(7, Of(("shop/app/c", 1)));

        Assert.Equal("shop/app/a", names.Find(1, 3));
        Assert.Equal("shop/app/a", names.Find(1, 6)); // given up, and what is left of it may still come
        Assert.Equal("shop/app/c", names.Find(1, 7));
        Assert.Equal("shop/app/b", names.Find(2, 1)); // from before anything was learned
        Assert.Null(names.Find(3, 7));
    }

    [Fact]
    public void Only_what_is_new_is_kept()
    {
        var names = new RuleNames("h1");
        names.Recall(new("h1", 1, 3, "shop/app/a"));
        names.Learn(4, Of(("shop/app/a", 1), ("shop/app/b", 2)));

        Assert.Equal([new RuleName("h1", 2, 4, "shop/app/b")], names.TakeUnsaved());
        Assert.Empty(names.TakeUnsaved());
    }

    private static IEnumerable<KeyValuePair<string, uint>> Of(params (string Rule, uint Number)[] rules) => rules.Select(r => KeyValuePair.Create(r.Rule, r.Number));
}
