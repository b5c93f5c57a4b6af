using System.Text.Json;
using Osc.Policy.Compile;
using Osc.Scenarios;
using Xunit;

namespace Osc.Policy.Tests.Compile;

public sealed class HostNumberingChangeTests
{
    [Fact]
    public void Change_leads_from_any_numbering_to_any_other_also_as_json()
    {
        HostNumbering[] some = [HostNumbering.Empty, .. Enumerable.Range(0, 8).SelectMany(NumberingsOf)];
        Assert.True(some.Length > 8);
        foreach (var before in some)
        {
            foreach (var after in some)
            {
                var change = HostNumberingChange.Between(before, after);

                Assert.Equal(after.ToJson(), HostNumberingChange.Apply(before, [change]).ToJson());
                Assert.Equal(after.ToJson(), HostNumberingChange.Apply(before, [HostNumberingChange.FromJson(change.ToJson())]).ToJson());
                Assert.Equal(before.ToJson() == after.ToJson(), change.IsEmpty);
            }
        }
    }

    [Fact]
    public void Json_has_what_changed_alone()
    {
        var before = new HostNumbering { Classes = Numbers.None.For(["a", "b"]), Tenants = Numbers.None.For(["shop"]) };
        var after = before with { Classes = before.Classes.For(["b", "c"]) };

        Assert.Equal("""{"classes":{"c":3,"a":0}}""", HostNumberingChange.Between(before, after).ToJson());
        Assert.Equal("{}", HostNumberingChange.Between(before, before).ToJson());
    }

    [Fact]
    public void Step_of_an_epoch_says_what_is_looked_at_again_since_the_step_before()
    {
        var first = ConnectionEpoch.First.Revisit([Match(1), Match(2)]);
        var second = first.Revisit([Match(3)]);
        var again = second.Revisit([Match(1)]);
        var next = again.Next();

        Assert.Equal([Match(3)], EpochChange.Between(first, second)!.Revisits.Select(r => r.Connections));
        Assert.Null(EpochChange.Between(first, first));
        ConnectionEpoch[] all = [ConnectionEpoch.First, first, second, again, next, next.Revisit([Match(1)])];
        for (var from = 0; from < all.Length; from++)
        {
            for (var to = from + 1; to < all.Length; to++)
            {
                Assert.Equal(all[to], EpochChange.Between(all[from], all[to])!.Apply(all[from]));
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"classes":{"a":-1}}""")]
    [InlineData("""{"epoch":{"number":1}}""")]
    public void Other_text_is_refused(string text) => Assert.Throws<JsonException>(() => HostNumberingChange.FromJson(text));

    private static IEnumerable<HostNumbering> NumberingsOf(int seed)
    {
        var state = RandomScenario.Of(seed).State;
        return state.Hosts.Take(2).Select(h => HostCompiler.Compile(state, h.Metadata.Name, HostNumbering.Empty with { Epoch = ConnectionEpoch.First.Revisit([Match(seed)]) }).Numbering);
    }

    private static LabelMatch Match(int value) => new((UInt128)value << 100, UInt128.MaxValue << 100);
}
