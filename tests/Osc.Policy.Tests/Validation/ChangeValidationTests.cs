using System.Globalization;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Documents;
using Osc.Policy.Indexes;
using Osc.Policy.Tests.Documents;
using Osc.Policy.Validation;
using Xunit;

namespace Osc.Policy.Tests.Validation;

/// <summary>Validating what changed = validating the whole set: the same errors, the same look-ups.</summary>
public sealed class ChangeValidationTests(ITestOutputHelper output)
{
    private const int Sequences = 60;
    private const int Steps = 500;

    /// <summary>A part of each complaint about a set that random changes must bring about.</summary>
    private static readonly string[] Complaints =
    [
        "each Tenant name once", "each Cloud name once", "each Host name once", "the name of a Cloud", "the name of a Host",
        "securityGroups, more than", "services, more than", "policies, more than", "rules, more than", "workloads, more than", "networks, more than",
        "no Network", "no Workload", "no SecurityGroup", "no Service", "no InspectionChain", "another tenant's", "is not shared", "did you mean", "do not lead back",
        "its own in network", "its own in vrf", "in no subnet", "network's own", "without an address in common",
        "a port of its own", "an uplink", "has no bridge", "are both VLAN", "are both VNI", "are both untagged",
    ];

    private static readonly int Scale = int.Parse(Environment.GetEnvironmentVariable("OSC_TEST_SCALE") ?? "1", CultureInfo.InvariantCulture);

    [Fact]
    public void Change_is_judged_as_the_whole_set_is_after_every_random_step()
    {
        var (sound, heard) = (0, Complaints.ToDictionary(c => c, _ => 0));
        for (var seed = 0; seed < Sequences * Scale; seed++)
        {
            var documents = new RandomDocuments(new(seed));
            var state = StateOf(DocumentSet.Empty);
            for (var step = 0; step < Steps; step++)
            {
                var (result, changes) = (state, documents.Next(state.Documents));
                var errors = AssertSameAsWhole(state, changes, $"seed {seed}, step {step}", ref result);
                AssertSaysWhatBecameUnenforced(state, result, changes);
                state = result;
                sound += errors.Count == 0 ? 1 : 0;
                foreach (var complaint in Complaints.Where(c => errors.Any(e => e.ToString().Contains(c, StringComparison.Ordinal))))
                {
                    heard[complaint]++;
                }
            }

            AssertLooksUpWhatIsThere(state);
        }

        output.WriteLine($"{sound} sound steps of {Sequences * Scale * Steps}");
        output.WriteLine(string.Join('\n', heard.Select(h => $"{h.Value,7} {h.Key}")));
        Assert.InRange(sound, Sequences * Scale * Steps / 5, Sequences * Scale * Steps * 4 / 5);
        Assert.All(heard, h => Assert.True(h.Value > 0, $"no change was refused for '{h.Key}'"));
    }

    [Theory]
    [InlineData(GroupNestingCheck.MaxDepth - 1, true)]
    [InlineData(GroupNestingCheck.MaxDepth, false)]
    public void Change_that_lets_groups_lie_within_each_other_is_taken_up_to_the_bound(int depth, bool isTaken)
    {
        var state = StateOf(DocumentSet.Of(Enumerable.Range(1, depth).Select(i => i == 1 ? Given.Group("g1") : Given.Group($"g{i}", Given.OfGroup($"g{i - 1}")))));
        var changes = DocumentChanges.Of(state.Documents, [Given.Group("g1", Given.OfGroup("inner")), Given.Group("inner")], []);

        Assert.Equal(isTaken, AssertSameAsWhole(state, changes, "", ref state).Count == 0);
    }

    [Fact]
    public void Change_of_subnets_is_held_against_those_within_and_around_them()
    {
        var networks = Enumerable.Range(0, 256).Select(i => Given.Network($"n{i}", Given.Vlan(i + 1), $"10.{i}.0.0/16"));
        var state = StateOf(DocumentSet.Of(networks));

        Assert.Single(AssertSameAsWhole(state, DocumentChanges.Of(state.Documents, [Given.Network("new", Given.Vlan(300), "10.77.3.0/24")], []), "inside one", ref state));
        Assert.Equal(256, AssertSameAsWhole(state, DocumentChanges.Of(state.Documents, [Given.Network("new", Given.Vlan(300), "10.0.0.0/8 ::/0")], []), "around all", ref state).Count);
        Assert.Empty(AssertSameAsWhole(state, DocumentChanges.Of(state.Documents, [Given.Network("new", Given.Vlan(300), "11.0.0.0/8 ::/0")], []), "apart", ref state));
        Assert.Single(AssertSameAsWhole(state, DocumentChanges.Of(state.Documents, [Given.Network("last", Given.Vlan(301), "fd00::/16")], []), "IPv6 in all of IPv6", ref state));
    }

    [Fact]
    public void Change_is_judged_as_the_whole_set_is_when_it_brings_the_first_documents()
    {
        foreach (var bad in BadDocument.ReadAll(Repository.PathOf("tests", "Osc.Policy.Tests", "Documents", "bad-documents.txt")))
        {
            var read = DocumentReader.Read(bad.Text, bad.File);
            var documents = DocumentSet.Of(read.Documents);

            var result = StateValidator.Validate(StateOf(DocumentSet.Empty), new(1), DocumentChanges.Of(DocumentSet.Empty, documents, []), read.Sources);

            Assert.Equal(StateValidator.Validate(new(1), documents, read.Sources).Errors, result.Errors);
        }
    }

    private static ValueList<DocumentError> AssertSameAsWhole(State before, DocumentChanges changes, string at, ref State after)
    {
        var documents = before.Documents.With(changes);
        var whole = StateValidator.Validate(new(2), documents);
        var result = StateValidator.Validate(before, new(2), changes);

        Assert.True(whole.Errors.SequenceEqual(result.Errors), $"{at}: {string.Join('\n', changes)}\nwhole:\n{string.Join('\n', whole.Errors)}\nchange:\n{string.Join('\n', result.Errors)}");
        AssertEqual(StateIndexes.Of(documents), before.Indexes.With(changes), at);
        Assert.Equal(whole.State is null, result.State is null);
        after = result.State ?? after;
        return result.Errors;
    }

    /// <summary>All that is not enforced was not before, or is said; nothing else is said.</summary>
    private static void AssertSaysWhatBecameUnenforced(State before, State after, DocumentChanges changes)
    {
        if (!ReferenceEquals(before, after))
        {
            var (old, now) = (PlacesOf(EnforcementCheck.Check(before.Documents)), EnforcementCheck.Check(after.Documents));
            var said = EnforcementCheck.Check(before, changes);
            Assert.Subset(now.ToHashSet(), said.ToHashSet());
            Assert.Empty(PlacesOf(now).Except(PlacesOf(said)).Except(old));
        }
    }

    private static IEnumerable<(string Document, string Path)> PlacesOf(IEnumerable<DocumentError> errors) => errors.Select(e => (e.Document, e.Path));

    private static void AssertEqual(StateIndexes expected, StateIndexes actual, string at)
    {
        Assert.True(expected.Documents.SequenceEqual(actual.Documents), $"{at}: documents");
        Assert.True(expected.Names.Documents.SequenceEqual(actual.Names.Documents), $"{at}: global names");
        Assert.True(expected.Networks.Networks.SequenceEqual(actual.Networks.Networks), $"{at}: networks");
        Assert.True(expected.Networks.Subnets.SequenceEqual(actual.Networks.Subnets), $"{at}: subnets");
        Assert.True(expected.Interfaces.Addresses.SequenceEqual(actual.Interfaces.Addresses), $"{at}: addresses");
        Assert.True(expected.Interfaces.Macs.SequenceEqual(actual.Interfaces.Macs), $"{at}: MAC addresses");
        Assert.True(expected.Interfaces.Ports.SequenceEqual(actual.Interfaces.Ports), $"{at}: ports");
        Assert.True(expected.Interfaces.Attached.SequenceEqual(actual.Interfaces.Attached), $"{at}: attached");
        Assert.True(expected.Interfaces.Segments.SequenceEqual(actual.Interfaces.Segments), $"{at}: segments");
        Assert.True(expected.Policies.Policies.SequenceEqual(actual.Policies.Policies), $"{at}: policies");
        Assert.True(expected.References.References.SequenceEqual(actual.References.References), $"{at}: references");
        Assert.True(expected.Assertions.Assertions.SequenceEqual(actual.Assertions.Assertions), $"{at}: assertions");
        Assert.True(expected.Counts.Tenants.SequenceEqual(actual.Counts.Tenants), $"{at}: counts");
    }

    /// <summary>Every look-up gives what a search through all documents finds.</summary>
    private static void AssertLooksUpWhatIsThere(State state)
    {
        foreach (var placed in state.Interfaces)
        {
            Assert.Equal(state.Documents.Find<NetworkDocument>(Kind.Network, placed.Interface.Network), placed.Network);
            Assert.All(placed.Interface.Addresses, a => Assert.Equal(placed, state.OwnerOf(placed.Vrf, a)));
            Assert.Equal(placed, state.OwnerOf(placed.Interface.Network, placed.Interface.Mac));
            Assert.Equal(placed.Interface.Attachment is null ? null : placed, placed.Interface.Attachment is { } at ? state.InterfaceAt(at.Host, at.Port) : null);
        }

        Assert.Equal(state.Documents.OfType<WorkloadDocument>().Sum(w => w.Interfaces.Count), state.Interfaces.Count);
        Assert.Equal(state.Documents.OfType<HostDocument>().OrderBy(h => h.Metadata.Name), state.Hosts);
        Assert.Equal(state.Documents.OfType<NetworkDocument>().Select(n => n.Vrf).Distinct().Order(), state.Vrfs);
        Assert.All(state.Hosts, h => Assert.Equal(state.Interfaces.Where(i => i.Interface.Attachment?.Host == h.Metadata.Name), state.InterfacesOn(h.Metadata.Name)));
        Assert.All(state.Vrfs, v => Assert.Equal(state.Documents.OfType<NetworkDocument>().Where(n => n.Vrf == v), state.NetworksOf(v)));
        foreach (var tenant in state.Documents.Select(d => d.Metadata.Tenant).Distinct())
        {
            var policies = state.Documents.OfType<PolicyDocument>().Where(p => p.Metadata.Tenant == tenant);
            Assert.Equal(policies.OrderBy(p => p.Tier).ThenBy(p => p.Order).ThenBy(p => p.Metadata.Name), state.PoliciesOf(tenant));
            Assert.All(state.Vrfs, v => Assert.Equal(
                tenant == Tenants.System || v.Tenant == tenant || state.Documents.OfType<NetworkDocument>().Any(n => n.Vrf == v && n.Metadata.Tenant == tenant), state.IsVrfOf(tenant, v)));
        }

        foreach (var target in state.Documents)
        {
            var naming = state.Documents.Where(d =>
                References.Of(d).Any(r => target.Key == new DocumentKey(r.Name.Tenant, r.Kind, r.Name.Name))
                || (d is SecurityGroupDocument g && g.Members.Concat(g.Except).Any(c => c is FqdnClause name && target.Key == DnsNameDocument.KeyOf(name.Fqdn)))
                || References.GlobalsOf(d).Any(r => r.Kind == target.Kind && r.Name == target.Metadata.Name));
            Assert.Equal(naming.Select(d => d.Key), state.ReferrersOf(target.Key));
        }

        var bridges = state.Hosts.SelectMany(h => h.Bridges.Select(b => (Host: h, Bridge: b)));
        Assert.All(bridges, b => Assert.Equal(
            state.InterfacesOn(b.Host.Metadata.Name).Where(i => b.Host.BridgeOf(i.Interface.Attachment!) == b.Bridge).Select(i => i.Network.Key).Distinct().Order(), // attached: InterfacesOn says so
            state.NetworksOn(b.Host.Metadata.Name, b.Bridge.Name).Select(n => n.Key).Order()));
    }

    private static State StateOf(DocumentSet documents) => StateValidator.Validate(new(1), documents).State ?? throw new InvalidOperationException("not sound");
}
