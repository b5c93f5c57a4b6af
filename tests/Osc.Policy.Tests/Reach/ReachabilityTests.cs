using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Decisions;
using Osc.Policy.Reach;
using Osc.Policy.Tests.Verify;
using Osc.Policy.Verify.Meaning;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Reach;

public sealed class ReachabilityTests
{
    [Fact]
    public void Reach_says_what_every_pair_may_and_what_only_some_may()
    {
        var answer = Ask(
            "shop/web",
            "shop/db",
            Group("web", Selected("app=web")),
            Group("db", Selected("app=db")),
            Group("stage", Selected("env=stage")),
            PolicyOf("p", Allow("all", "web", "db", "tcp/443 tcp/5432"), Allow("some", "stage", "db", "tcp/22")));
        var vrf = Assert.Single(answer.Vrfs);
        Assert.Equal(("shop/default", "tcp/443, tcp/5432"), (vrf.Vrf, vrf.EveryPair));
        Assert.Equal(["shop/p/all"], vrf.EveryPairRules);
        var some = Assert.Single(vrf.SomePairs);
        Assert.Equal(("shop/web-2", "shop/db", "tcp/22"), (some.Sources.ToString(), some.Destinations.ToString(), some.Services));
        Assert.Equal(["10.1.0.2", "fd00:1::2"], some.Sources.Ranges);
        Assert.Equal(["shop/p/some"], some.Rules);
    }

    [Fact]
    public void Reach_says_that_nothing_may_pass()
    {
        var vrf = Assert.Single(Ask("shop/web", "shop/db", Group("web", Selected("app=web")), Group("db", Selected("app=db"))).Vrfs);
        Assert.True(vrf.IsClosed);
    }

    [Fact]
    public void Reach_says_any_but_where_little_is_dropped()
    {
        var answer = Ask("shop/web", "shop/db", Group("web", Selected("app=web")), Group("db", Selected("app=db")), PolicyOf("p", Drop("no", services: "tcp/22"), Allow("rest")));
        Assert.Equal("any but tcp/22", answer.Vrfs[0].EveryPair);
        Assert.Empty(answer.Vrfs[0].SomePairs);
    }

    [Fact]
    public void Reach_takes_ranges_with_a_vrf()
    {
        var meaning = new PolicyMeaning(World.Of(Group("web", Selected("app=web")), PolicyOf("p", Allow("in", "", "web", "tcp/443"))).State);
        var (answer, errors) = Reachability.Ask(meaning, new() { From = "192.0.2.0/24", To = "shop/web", Vrf = "shop/default" });
        Assert.Empty(errors);
        Assert.Equal("tcp/443", answer!.Vrfs[0].EveryPair);
        Assert.Equal(["vrf: missing: the range '192.0.2.0/24' does not say it; allowed: tenant/vrf"], ErrorsOf(meaning, new() { From = "192.0.2.0/24", To = "shop/web" }));
    }

    [Fact]
    public void Wrong_question_is_told_with_everything_that_is_wrong()
    {
        var meaning = new PolicyMeaning(World.Of().State);
        Assert.Equal(
            ["vrf: no network is in a vrf 'x/y'; allowed: bank/default, shop/default", "from: missing; allowed: tenant/group, or a range", "to: there is no group 'shop/none'; allowed: tenant/group, or a range"],
            ErrorsOf(meaning, new() { To = "shop/none", Vrf = "x/y" }));
    }

    [Fact]
    public void Reach_agrees_with_Decide_for_every_pair() => Parallel.For(0, 60 * Verified.Scale, seed =>
    {
        var state = Verified.RandomState(seed + 9_000);
        var meaning = new PolicyMeaning(state);
        var groups = state.Documents.OfType<SecurityGroupDocument>().Select(g => g.QualifiedName).Take(4).ToArray();
        foreach (var (from, to) in groups.SelectMany(f => groups.Select(t => (f, t))))
        {
            var (answer, _) = Reachability.Ask(meaning, new() { From = from.ToString(), To = to.ToString() });
            foreach (var vrf in state.Vrfs)
            {
                var told = answer!.Vrfs.FirstOrDefault(v => v.Vrf == vrf.ToString());
                foreach (var source in Owned(state, vrf).Where(a => Membership.OfGroup(state, from, vrf, a)))
                {
                    foreach (var destination in Owned(state, vrf).Where(a => a.Family == source.Family && Membership.OfGroup(state, to, vrf, a)))
                    {
                        var passes = Decider.Decide(state, new(vrf, source, destination, IpProtocol.Tcp, 443)).Verdict == Verdict.Allow;
                        Assert.True(told is not null && passes == Says(told, source, destination, "tcp/443"), $"seed {seed}: {vrf} {from} {source} > {to} {destination}: {passes}");
                    }
                }
            }
        }
    });

    private static IEnumerable<IpAddress> Owned(State state, QualifiedName vrf) => state.Interfaces.Where(i => i.Vrf == vrf).SelectMany(i => i.Interface.Addresses);

    /// <summary>Reads the answer as a person would.</summary>
    private static bool Says(ReachVrf vrf, IpAddress source, IpAddress destination, string service) =>
        Names(vrf.EveryPair, service) || vrf.SomePairs.Any(p => Names(p.Services, service) && Has(p.Sources, source) && Has(p.Destinations, destination));

    private static bool Names(string services, string service)
    {
        const string But = "any but ";
        var excluded = services.StartsWith(But, StringComparison.Ordinal);
        var named = services[(excluded ? But.Length : 0)..].Split(", ", StringSplitOptions.RemoveEmptyEntries)
            .Any(s => ServicePort.Parse(s).Matches(new(default, default, default, IpProtocol.Tcp, ServicePort.Parse(service).Ports.First)));
        return named != excluded;
    }

    private static bool Has(NamedAddresses addresses, IpAddress address) => addresses.Ranges.Any(r =>
        r.Split('-') is [var first, var last] ? IpAddress.Parse(first).CompareTo(address) <= 0 && address.CompareTo(IpAddress.Parse(last)) <= 0 : Prefix.Parse(r).Contains(address));

    private static ReachAnswer Ask(string from, string to, params Document[] documents)
    {
        var (answer, errors) = Reachability.Ask(new(World.Of(documents).State), new() { From = from, To = to });
        Assert.Empty(errors);
        return answer!;
    }

    private static IEnumerable<string> ErrorsOf(PolicyMeaning meaning, ReachQuestion question) => Reachability.Ask(meaning, question).Errors.Select(e => e.ToString());
}
