using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Documents;
using Osc.Policy.Indexes;

namespace Osc.Policy.Validation;

/// <summary>
/// Finds what changes to a sound set made wrong, by looking only at what they can have made wrong: the documents that changed,
/// those that name one of them, and what shares a name, address, port, segment or subnet with one. It says what the checks
/// of the whole set would say.
/// </summary>
internal sealed class ChangeCheck
{
    private readonly StateIndexes after;
    private readonly DocumentChanges changes;
    private readonly Findings findings;

    private ChangeCheck(StateIndexes after, DocumentChanges changes, DocumentSources sources)
    {
        this.after = after;
        this.changes = changes;
        findings = new(after.Documents, after.Names, sources);
    }

    /// <param name="before">The indexes of a set without an error.</param>
    /// <param name="after">The indexes of the set after the changes.</param>
    public static ValueList<DocumentError> Check(StateIndexes before, StateIndexes after, DocumentChanges changes, DocumentSources sources)
    {
        var check = new ChangeCheck(after, changes, sources);
        check.CheckTenants();
        check.CheckReferences();
        check.CheckNesting();
        check.CheckSubnets();
        ChangedInterfaces.Check(before, after, changes, check.findings);
        check.CheckTunnels();
        check.CheckHops();
        return check.findings.Errors();
    }

    private void CheckTenants()
    {
        foreach (var (kind, name) in changes.Where(c => GlobalNames.Have(c.Key.Kind)).Select(c => (c.Key.Kind, c.Key.Name)).Distinct())
        {
            TenantCheck.CheckUnique(findings, after.Names.All(kind, name));
        }

        var counted = changes.Select(c => c.Key.Tenant).Concat(changes.Where(c => c.Key.Kind == Kind.Tenant).Select(c => c.Key.Name)).Distinct();
        foreach (var tenant in counted.SelectMany(t => after.Names.All(Kind.Tenant, t)).Cast<TenantDocument>())
        {
            TenantCheck.CheckQuotas(findings, tenant, after.Counts.Of(tenant.Metadata.Name));
        }
    }

    /// <summary>A reference can break where it is written, where its target goes, and where its target is shared no longer.</summary>
    private void CheckReferences()
    {
        var broken = changes.Where(c => c.After is null || (IsShared(c.Before) && !IsShared(c.After))).SelectMany(c => after.References.To(c.Key));
        var written = changes.Where(c => CommonEnds.Narrow(c.Before, c.After).After is { } part && !ReferenceCheck.IsSound(after.Documents, part)).Select(c => c.Key);
        foreach (var document in written.Concat(broken).Distinct().Select(after.Documents.Find).OfType<Document>())
        {
            ReferenceCheck.Check(findings, document);
        }

        foreach (var document in changes.Where(c => c.After is not null).Select(c => c.Key).Concat(broken).Distinct().Select(after.Documents.Find).OfType<Document>())
        {
            PlacementCheck.CheckNames(findings, document);
        }
    }

    /// <summary>Groups come to lie deeper, or within themselves, only through one that names a group which it did not name before.</summary>
    private void CheckNesting()
    {
        var nesting = changes.Where(c => InnerOf(c.After).Except(InnerOf(c.Before)).Any()).Select(c => c.Key).ToArray();
        if (nesting.Length > 0)
        {
            var around = Reachable(nesting, g => after.References.To(g).Where(k => k.Kind == Kind.SecurityGroup));
            var related = Reachable(around, g => InnerOf(after.Documents.Find(g)));
            GroupNestingCheck.Check(findings, related.Select(after.Documents.Find).OfType<SecurityGroupDocument>());
        }
    }

    /// <summary>Subnets overlap only with those within and those around a subnet that is new in its vrf.</summary>
    private void CheckSubnets()
    {
        var fresh = SubnetsOf(changes.Select(c => c.After)).Except(SubnetsOf(changes.Select(c => c.Before)));
        foreach (var (vrf, outermost) in fresh.Select(s => (s.Vrf, OutermostAround(s.Vrf, s.Subnet))).Distinct())
        {
            AddressCheck.CheckSubnets(findings, after.Networks.Subnets.From(new(vrf, outermost, default))
                .TakeWhile(s => s.Key.Vrf == vrf && s.Key.Subnet.Network.Bits <= outermost.Last.Bits)
                .Where(s => outermost.Contains(s.Key.Subnet))
                .Select(s => new PlacedSubnet(s.Key.Subnet, NetworkOf(s.Key.Network), s.Value)));
        }
    }

    /// <summary>A tunnel can lose the bridge that it leads to.</summary>
    private void CheckTunnels()
    {
        var changed = changes.Where(c => c.Key.Kind == Kind.Host).Select(c => c.Key).ToArray();
        var leadingThere = changed.SelectMany(h => after.References.To(new(default, Kind.Host, h.Name))).Where(k => k.Kind == Kind.Host);
        foreach (var host in changed.Concat(leadingThere).Distinct().Select(after.Documents.Find).OfType<HostDocument>())
        {
            TunnelCheck.Check(findings, host);
        }
    }

    /// <summary>A hop can get in the way of what its host has and of what is plugged in there.</summary>
    private void CheckHops()
    {
        var hosts = changes.Select(c => c.After).OfType<WorkloadDocument>().SelectMany(w => w.Interfaces).Select(i => i.Attachment?.Host).OfType<Name>()
            .Concat(changes.Where(c => c.Key.Kind == Kind.Host).Select(c => c.Key.Name)).Distinct();
        var onThem = hosts.SelectMany(h => after.References.To(new(default, Kind.Host, h))).Where(k => k.Kind == Kind.InspectionChain);
        foreach (var chain in changes.Select(c => c.Key).Where(k => k.Kind == Kind.InspectionChain).Concat(onThem).Distinct().Select(after.Documents.Find).OfType<InspectionChainDocument>())
        {
            HopCheck.Check(findings, chain, PluggedIn);
        }
    }

    private WorkloadDocument? PluggedIn(Name host, PortName port)
    {
        var key = new PortKey(host, port);
        return after.Interfaces.Ports.TryFindFrom(key, out var found) && found.Key.IsSamePort(key) ? found.Value : null;
    }

    /// <summary>The subnet of the vrf around all others that have this one in them; itself if none has.</summary>
    private Prefix OutermostAround(QualifiedName vrf, Prefix subnet) =>
        Enumerable.Range(0, subnet.Length + 1).Select(length => Prefix.Of(subnet.Network, length)).First(around => IsSubnet(vrf, around));

    private bool IsSubnet(QualifiedName vrf, Prefix subnet) =>
        after.Networks.Subnets.TryFindFrom(new(vrf, subnet, default), out var found) && found.Key.Vrf == vrf && found.Key.Subnet == subnet;

    private NetworkDocument NetworkOf(QualifiedName name) => after.Network(name) ?? throw new InvalidOperationException($"the index has a network {name} that is not there");

    private static IEnumerable<SubnetKey> SubnetsOf(IEnumerable<Document?> documents) =>
        documents.OfType<NetworkDocument>().SelectMany(n => n.Subnets.Select(s => new SubnetKey(n.Vrf, s, n.QualifiedName)));

    private static bool IsShared(Document? document) => document is SecurityGroupDocument { Shared: true } or ServiceDocument { Shared: true };

    private static IEnumerable<DocumentKey> InnerOf(Document? document) =>
        document is SecurityGroupDocument group ? Targets.Of(group).Where(t => t.Kind == Kind.SecurityGroup) : [];

    private static HashSet<DocumentKey> Reachable(IEnumerable<DocumentKey> start, Func<DocumentKey, IEnumerable<DocumentKey>> next)
    {
        var reached = new HashSet<DocumentKey>(start);
        var open = new Stack<DocumentKey>(reached);
        while (open.TryPop(out var key))
        {
            foreach (var neighbour in next(key).Where(reached.Add))
            {
                open.Push(neighbour);
            }
        }

        return reached;
    }
}
