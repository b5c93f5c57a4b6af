using CsCheck;
using Osc.Policy.Compile;
using Xunit;

namespace Osc.Policy.Tests.Compile;

public sealed class NumbersTests
{
    private static readonly Gen<string[]> Names = Gen.Int[0, 15].Array[0, 12].Select(n => n.Distinct().Select(i => $"n{i}").ToArray());

    [Fact]
    public void Names_take_the_lowest_numbers_in_name_order() => Assert.Equal("a=1 b=2 c=3", Print(Numbers.None.For(["c", "a", "b", "a"])));

    [Fact]
    public void Old_names_keep_their_number() => Assert.Equal("a=3 b=1 z=2", Print(Numbers.None.For(["b", "z"]).For(["a", "b", "z"])));

    /// <summary>"A number given up in this step is not taken again in it, so that no flow changes its meaning under a connection."</summary>
    [Fact]
    public void Number_given_up_is_free_in_the_next_step_and_not_in_this()
    {
        var old = Numbers.None.For(["a", "b"]);

        Assert.Equal("b=2 c=3", Print(old.For(["b", "c"])));
        Assert.Equal("b=2 c=3 d=1", Print(old.For(["b", "c"]).For(["b", "c", "d"])));
    }

    [Fact]
    public void Numbers_end_at_the_maximum()
    {
        Assert.Equal("a=1 b=2", Print(Numbers.None.For(["a", "b"], 2)));
        Assert.Throws<InvalidOperationException>(() => Numbers.None.For(["a", "b", "c"], 2));
    }

    [Fact]
    public void Names_always_have_numbers_of_their_own_that_nobody_had_just_before() =>
        Names.Array[1, 8].Sample(steps =>
        {
            var numbers = Numbers.None;
            foreach (var wanted in steps)
            {
                var old = numbers;
                numbers = numbers.For(wanted);
                var taken = numbers.ByName.Values;
                var isRight = numbers.ByName.Keys.ToHashSet().SetEquals(wanted)
                    && taken.Distinct().Count() == numbers.ByName.Count
                    && taken.All(n => n is > 0 and <= 32)
                    && numbers.ByName.All(p => old.ByName.TryGetValue(p.Key, out var had) ? had == p.Value : !old.ByName.Values.Contains(p.Value));
                if (!isRight)
                {
                    return false;
                }
            }

            return true;
        });

    private static string Print(Numbers numbers) => string.Join(' ', numbers.ByName.Select(p => $"{p.Key}={p.Value}"));
}
