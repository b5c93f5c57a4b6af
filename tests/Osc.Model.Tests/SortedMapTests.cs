using CsCheck;
using Xunit;

namespace Osc.Model.Tests;

public sealed class SortedMapTests
{
    /// <summary>Few keys, so that entries are replaced and removed; enough for several levels of nodes.</summary>
    private static readonly Gen<(int Key, int Value, bool Remove)[]> Steps = Gen.Select(Gen.Int[0, 600], Gen.Int, Gen.Int[0, 99]).Array[0, 3_000]
        .SelectMany(steps => Gen.Int[0, 100].Select(share => steps.Select(s => (s.Item1, s.Item2, s.Item3 < share)).ToArray()));

    [Fact]
    public void Map_equals_a_sorted_dictionary_after_every_sequence_of_changes() => Steps.Sample(
        steps =>
        {
            var (map, expected) = (SortedMap<int, int>.Empty, new SortedDictionary<int, int>());
            foreach (var (key, value, remove) in steps)
            {
                map = remove ? map.Without(key) : map.With(key, value);
                _ = remove ? expected.Remove(key) : (expected[key] = value) == value;
            }

            AssertEqual(expected, map);
        },
        iter: 300);

    [Fact]
    public void Map_is_not_changed_by_what_is_made_of_it() => Steps.Sample(
        steps =>
        {
            var map = MapOf(steps);
            var before = map.ToArray();
            _ = steps.Aggregate(map, (m, s) => s.Remove ? m.With(s.Key, s.Value) : m.Without(s.Key));
            Assert.Equal(before, map);
        },
        iter: 100);

    [Fact]
    public void Map_reads_on_from_any_key() => Gen.Select(Steps, Gen.Int[-1, 601]).Sample(
        (steps, start) =>
        {
            var map = MapOf(steps);
            var expected = map.Where(p => p.Key >= start).ToArray();

            Assert.Equal(expected, map.From(start));
            Assert.Equal(expected.Length > 0, map.TryFindFrom(start, out var first));
            Assert.Equal(expected.FirstOrDefault(), first);
        },
        iter: 300);

    [Fact]
    public void Map_can_be_emptied_in_any_order() => Gen.Shuffle(Enumerable.Range(0, 2_000).ToArray()).Sample(
        keys =>
        {
            var map = MapOf([.. keys.Select(k => (k, k, false))]);
            for (var i = 0; i < keys.Length; i++)
            {
                map = map.Without(keys[i]);
                Assert.Equal(keys.Length - i - 1, map.Count);
            }

            Assert.Empty(map);
        },
        iter: 20);

    [Fact]
    public void Map_without_a_key_that_it_does_not_have_is_the_same_map()
    {
        var map = MapOf([.. Enumerable.Range(0, 500).Select(k => (2 * k, k, false))]);

        Assert.Same(map, map.Without(501));
        Assert.Same(SortedMap<int, int>.Empty, SortedMap<int, int>.Empty.Without(1));
    }

    [Fact]
    public void Builder_refuses_two_entries_with_one_key()
    {
        var builder = new SortedMapBuilder<int, string>();
        builder.Add(1, "a");
        builder.Add(1, "b");

        Assert.Throws<ArgumentException>(builder.ToMap);
    }

    private static SortedMap<int, int> MapOf((int Key, int Value, bool Remove)[] steps)
    {
        var builder = new SortedMapBuilder<int, int>();
        foreach (var (key, value, _) in steps.DistinctBy(s => s.Key))
        {
            builder.Add(key, value);
        }

        return builder.ToMap();
    }

    private static void AssertEqual(SortedDictionary<int, int> expected, SortedMap<int, int> map)
    {
        Assert.Equal(expected.Count, map.Count);
        Assert.Equal(expected, map);
        Assert.Equal(expected.Values, map.Values);
        for (var key = -1; key <= 601; key++)
        {
            Assert.Equal(expected.TryGetValue(key, out var value), map.TryFind(key, out var found));
            Assert.Equal(value, found);
        }
    }
}
