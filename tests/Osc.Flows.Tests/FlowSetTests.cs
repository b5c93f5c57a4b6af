using CsCheck;
using Osc.Model;
using Xunit;

namespace Osc.Flows.Tests;

public sealed class FlowSetTests
{
    private static readonly PortName Bridge = PortName.Parse("br-int");

    private static readonly Name Host = Name.Parse("h1");

    private static readonly Gen<HostFlows> Hosts =
        Gen.Select(RandomFlows.Sets, RandomFlows.Sets, Gen.Int[0, 3], Gen.Long[1, 9], (first, second, which, revision) =>
        {
            var bridges = new List<BridgeFlows>();
            if ((which & 1) != 0)
            {
                bridges.Add(new(Bridge, first));
            }

            if ((which & 2) != 0)
            {
                bridges.Add(new(PortName.Parse("br-two"), second));
            }

            return new HostFlows(Host, new(revision), bridges.ToValueList());
        });

    [Fact]
    public void Set_is_in_canonical_order_whatever_the_order_it_was_made_in() =>
        Gen.Select(RandomFlows.Flows.Array[0, 20], Gen.Int).Sample((flows, seed) =>
        {
            var distinct = flows.DistinctBy(f => f.Key).ToArray();
            var set = FlowSet.Of(distinct);
            new Random(seed).Shuffle(distinct);
            Assert.Equal(set, FlowSet.Of(distinct));
            Assert.Equal(set.Digest, FlowSet.Of(distinct).Digest);
            Assert.Equal(set.OrderBy(f => f.Table).ThenByDescending(f => f.Priority).ThenBy(f => f.Match.ToString(), StringComparer.Ordinal), set);
        }, iter: 500);

    [Fact]
    public void Set_refuses_two_flows_of_one_key()
    {
        var flow = new Flow(0, 1, Match.Any, [new Resubmit(1)], 1);
        Assert.Contains("two flows with one key", Assert.Throws<ArgumentException>(() => FlowSet.Of([flow, flow with { Actions = [] }])).Message);
    }

    [Fact]
    public void Set_finds_a_flow_by_its_key()
    {
        var flow = new Flow(0, 1, Match.Any.With(Field.CtMark, 1), [new Resubmit(1)], 1);
        var set = FlowSet.Of([flow, flow with { Priority = 2 }]);
        Assert.Same(flow, set.Find(flow.Key));
        Assert.Null(set.Find(new(0, 3, flow.Match)));
    }

    [Fact]
    public void Delta_turns_one_set_into_the_other_and_its_reverse_back() => Gen.Select(RandomFlows.Sets, RandomFlows.Sets).Sample((from, to) =>
    {
        Assert.Equal(to, BridgeDelta.Between(Bridge, from, to).Apply(from));
        Assert.Equal(from, BridgeDelta.Between(Bridge, to, from).Apply(to));
    });

    [Fact]
    public void Digest_goes_along_with_a_delta() => Gen.Select(RandomFlows.Sets, RandomFlows.Sets).Sample((from, to) =>
    {
        var known = from.Digest;
        Assert.Equal(to.Digest, BridgeDelta.Between(Bridge, from, to).Apply(from).Digest);
        Assert.Equal(known, from.Digest);
    });

    [Fact]
    public void Delta_between_equal_sets_is_empty() => RandomFlows.Sets.Sample(set => Assert.True(BridgeDelta.Between(Bridge, set, set).IsEmpty));

    [Fact]
    public void Delta_names_no_flow_that_stays() => Gen.Select(RandomFlows.Sets, RandomFlows.Sets).Sample((from, to) =>
    {
        var delta = BridgeDelta.Between(Bridge, from, to);
        Assert.DoesNotContain(delta.Remove, to.Contains);
        Assert.DoesNotContain(delta.Add, from.Contains);
    });

    [Fact]
    public void Delta_refuses_another_base()
    {
        var flow = new Flow(0, 1, Match.Any, [new Resubmit(1)], 1);
        var changed = flow with { Cookie = 2 };
        var delta = BridgeDelta.Between(Bridge, FlowSet.Of([flow]), FlowSet.Of([changed]));
        Assert.Throws<InvalidOperationException>(() => delta.Apply(FlowSet.Empty));
        Assert.Throws<InvalidOperationException>(() => delta.Apply(FlowSet.Of([changed])));
        Assert.Throws<InvalidOperationException>(() => new BridgeDelta(Bridge, [], [flow]).Apply(FlowSet.Of([changed])));
        Assert.Throws<InvalidOperationException>(() => new BridgeDelta(Bridge, [], [flow, changed]).Apply(FlowSet.Empty));
        Assert.Throws<InvalidOperationException>(() => new BridgeDelta(Bridge, [flow, flow], []).Apply(FlowSet.Of([flow])));
    }

    [Fact]
    public void Host_delta_covers_bridges_that_come_and_go() => Gen.Select(Hosts, Hosts).Sample((from, to) =>
    {
        var delta = FlowDelta.Between(from, to);
        Assert.Equal(from.Revision, delta.From);
        Assert.Equal(to.Revision, delta.To);
        Assert.Equal(from.Bridges.Sum(b => b.Flows.Count) + delta.Bridges.Sum(b => b.Add.Count - b.Remove.Count), to.Count);
        foreach (var bridge in from.Bridges.Concat(to.Bridges).Select(b => b.Bridge).Distinct())
        {
            var old = from.Find(bridge)?.Flows ?? FlowSet.Empty;
            var found = delta.Bridges.FirstOrDefault(d => d.Bridge == bridge)?.Apply(old) ?? old;
            Assert.Equal(to.Find(bridge)?.Flows ?? FlowSet.Empty, found);
        }
    });

    [Fact]
    public void Deltas_one_after_the_other_are_the_delta_between_the_ends() => Gen.Select(Hosts, Hosts, Hosts).Sample((a, b, c) =>
    {
        var (once, twice) = (FlowDelta.Between(a, c), FlowDelta.Between(a, b).Then(FlowDelta.Between(b, c)));

        Assert.Equal((once.From, once.To, once.Count), (twice.From, twice.To, twice.Count));
        Assert.Equal(once.Bridges.Select(d => d.Bridge), twice.Bridges.Select(d => d.Bridge));
        Assert.All(once.Bridges.Zip(twice.Bridges), d =>
        {
            Assert.Equal(d.First.Remove.ToHashSet(), d.Second.Remove.ToHashSet());
            Assert.Equal(d.First.Add.ToHashSet(), d.Second.Add.ToHashSet());
        });
    });

    [Fact]
    public void Digest_follows_flows_as_they_come_and_go() => Gen.Select(RandomFlows.Sets, RandomFlows.Sets).Sample((from, to) =>
    {
        var delta = BridgeDelta.Between(Bridge, from, to);
        Assert.Equal(to.Digest, from.Digest - FlowDigest.Of(delta.Remove) + FlowDigest.Of(delta.Add));
    });

    [Fact]
    public void Digest_survives_text_and_back() => RandomFlows.Sets.Sample(set =>
    {
        Assert.Equal(32, set.Digest.ToString().Length);
        Assert.Equal(set.Digest, FlowDigest.Parse(set.Digest.ToString()));
    });

    [Theory]
    [InlineData("")]
    [InlineData("0123456789abcdef0123456789abcde")]
    [InlineData("0123456789abcdef0123456789abcdeg")]
    [InlineData("-123456789abcdef0123456789abcdef")]
    public void Digest_refuses_other_text(string text) => Assert.Throws<FormatException>(() => FlowDigest.Parse(text));

    [Fact]
    public void Digest_is_what_it_was_in_earlier_versions() =>
        Assert.Equal("3fef75815cee38e07e34088da37d198e", FlowSet.Of([new(0, 0, Match.Any, [], 0)]).Digest.ToString());

    [Fact]
    public void Host_digest_depends_on_which_bridge_has_the_flows()
    {
        var set = FlowSet.Of([new(0, 1, Match.Any, [], 1)]);
        var one = new HostFlows(Host, new(1), [new(Bridge, set)]);
        var other = new HostFlows(Host, new(1), [new(PortName.Parse("br-two"), set)]);
        Assert.NotEqual(one.Digest, other.Digest);
        Assert.Equal(one.Digest, (one with { Revision = new(2) }).Digest);
    }
}
