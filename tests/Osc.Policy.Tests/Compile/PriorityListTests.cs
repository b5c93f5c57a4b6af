using CsCheck;
using Osc.Policy.Compile;
using Xunit;

namespace Osc.Policy.Tests.Compile;

/// <summary>"Priorities leave gaps so that inserting a rule moves nothing."</summary>
public sealed class PriorityListTests
{
    private static readonly Gen<string[]> Order = Gen.Shuffle(Enumerable.Range(0, 30).Select(i => $"r{i}").ToArray(), 0, 30);

    [Fact]
    public void First_rule_has_the_highest_priority_and_gaps_are_even()
    {
        var priorities = InOrder(["a", "b", "c"], PriorityList.Assign(["a", "b", "c"], Numbers.None));

        Assert.True(IsRight(priorities));
        Assert.All(priorities.Zip(priorities.Skip(1)), pair => Assert.InRange(pair.First - pair.Second, 16_000u, 16_500u));
    }

    [Fact]
    public void Priorities_follow_the_order_whatever_it_was_before() =>
        Order.Array[1, 10].Sample(steps =>
        {
            var numbers = Numbers.None;
            foreach (var order in steps)
            {
                numbers = PriorityList.Assign(order, numbers);
                if (numbers.ByName.Count != order.Length || !IsRight(InOrder(order, numbers)))
                {
                    return false;
                }
            }

            return true;
        });

    [Fact]
    public void Unchanged_order_changes_nothing() =>
        Order.Select(Order).Sample((first, second) =>
        {
            var once = PriorityList.Assign(second, PriorityList.Assign(first, Numbers.None));

            return PriorityList.Assign(second, once).ByName.SequenceEqual(once.ByName);
        });

    [Fact]
    public void Inserted_and_removed_rules_move_no_other() =>
        Order.Select(Gen.Int[0, 30], Gen.Bool.Array[30]).Sample((order, at, stays) =>
        {
            var old = PriorityList.Assign(order, Numbers.None);
            var place = Math.Min(at, order.Length);
            string[] changed = [.. order[..place].Where((_, i) => stays[i]), "new-1", "new-2", .. order[place..]];
            var numbers = PriorityList.Assign(changed, old);

            return IsRight(InOrder(changed, numbers)) && changed.Where(r => old.ByName.ContainsKey(r)).All(r => numbers[r] == old[r]);
        });

    [Fact]
    public void Moved_rule_alone_changes_its_priority() =>
        Order.Where(o => o.Length >= 3).Select(Gen.Int[0, 29], Gen.Int[0, 29]).Sample((order, from, to) =>
        {
            var old = PriorityList.Assign(order, Numbers.None);
            var moved = order.ToList();
            var rule = moved[from % order.Length];
            moved.Remove(rule);
            moved.Insert(to % order.Length, rule);
            var numbers = PriorityList.Assign(moved, old);

            return IsRight(InOrder(moved, numbers)) && numbers.ByName.Count(p => old[p.Key] != p.Value) <= 1;
        });

    /// <summary>Halving the gap of 65,000 runs out at the latest after 16 insertions at one place; then all are spread anew, in order.</summary>
    [Fact]
    public void Full_gap_spreads_the_list_anew()
    {
        List<string> order = ["first", "last"];
        var numbers = PriorityList.Assign(order, Numbers.None);
        var spreads = 0;
        for (var i = 0; i < 40; i++)
        {
            var last = numbers["last"];
            order.Insert(order.Count - 1, $"r{i}");
            numbers = PriorityList.Assign(order, numbers);
            spreads += numbers["last"] == last ? 0 : 1;
            Assert.True(IsRight(InOrder(order, numbers)), $"after {i + 1} insertions");
        }

        Assert.InRange(spreads, 2, 4);
    }

    [Fact]
    public void Table_takes_as_many_rules_as_there_are_priorities_and_no_more()
    {
        var order = Enumerable.Range(0, PriorityList.Highest - PriorityList.Lowest + 1).Select(i => $"r{i}").ToArray();

        var priorities = InOrder(order, PriorityList.Assign(order, Numbers.None));

        Assert.Equal((uint)PriorityList.Highest, priorities[0]);
        Assert.Equal((uint)PriorityList.Lowest, priorities[^1]);
        Assert.True(IsRight(priorities));
        Assert.Throws<InvalidOperationException>(() => PriorityList.Assign([.. order, "one-more"], Numbers.None));
    }

    private static uint[] InOrder(IEnumerable<string> order, Numbers numbers) => [.. order.Select(r => numbers[r])];

    private static bool IsRight(uint[] priorities) =>
        priorities.All(p => p is >= PriorityList.Lowest and <= PriorityList.Highest) && priorities.Zip(priorities.Skip(1)).All(pair => pair.First > pair.Second);
}
