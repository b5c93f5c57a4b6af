using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Groups;

namespace Osc.Policy.Incremental;

/// <summary>
/// Where groups' ranges cut the vrfs: a range counts in every vrf that a network of its tenant is in, or in that of the network
/// named beside it. The addresses of a DNS name are ranges of one.
/// </summary>
/// <param name="touch">Called with every address that may be in other groups than before.</param>
internal sealed class RangeIndex(Action<AddressNode> touch)
{
    private readonly Dictionary<QualifiedName, VrfNode> vrfs = [];
    private readonly Dictionary<Name, HashSet<VrfNode>> vrfsOfTenant = [];
    private readonly Dictionary<string, List<ClauseUse>> byDnsName = [];
    private readonly Dictionary<string, ValueList<IpAddress>> dnsNames = [];
    private readonly HashSet<GroupNode> users = [];

    /// <summary>An address space, once <see cref="Refresh"/> has brought it in.</summary>
    public VrfNode Vrf(QualifiedName name) => vrfs[name];

    /// <summary>
    /// Brings a vrf in, or cuts it anew after networks have come into it or left it: a range counts by whose networks are there.
    /// </summary>
    public void Refresh(State state, QualifiedName name)
    {
        if (!vrfs.TryGetValue(name, out var vrf))
        {
            vrfs.Add(name, vrf = new(name));
        }

        foreach (var address in vrf.Addresses.ToArray())
        {
            touch(address);
            while (address.Cuts > 0)
            {
                vrf.Uncut(address);
            }

            address.Ranges.Clear();
        }

        var networks = state.NetworksOf(name).ToArray();
        SetTenants(vrf, networks.Length == 0 ? [] : [.. networks.Select(n => n.Metadata.Tenant).Append(name.Tenant).Append(Tenants.System).Distinct()]);
        if (networks.Length == 0)
        {
            vrfs.Remove(name);
            return;
        }

        foreach (var group in users)
        {
            foreach (var (clause, isException) in group.Clauses)
            {
                foreach (var range in RangesOf(group, clause).Where(r => VrfsOf(state, r).Contains(vrf)))
                {
                    Cut(vrf, range.Cidr, new(group, isException));
                }
            }
        }
    }

    /// <summary>Takes the addresses of a DNS name in, or the change from the ones it had.</summary>
    public void Update(State state, string fqdn)
    {
        var before = dnsNames.GetValueOrDefault(fqdn, []);
        var now = state.AddressesOf(fqdn);
        if (now.Count == 0)
        {
            dnsNames.Remove(fqdn);
        }
        else
        {
            dnsNames[fqdn] = now;
        }

        foreach (var use in byDnsName.GetValueOrDefault(fqdn, []))
        {
            foreach (var gone in before.Except(now))
            {
                Uncut(state, RangeOf(use.Group, gone), use);
            }

            foreach (var added in now.Except(before))
            {
                Cut(state, RangeOf(use.Group, added), use);
            }
        }
    }

    public void Link(State state, Clause clause, ClauseUse use)
    {
        if (clause is FqdnClause fqdn)
        {
            if (!byDnsName.TryGetValue(fqdn.Fqdn, out var uses))
            {
                byDnsName.Add(fqdn.Fqdn, uses = []);
            }

            uses.Add(use);
        }

        users.Add(use.Group);
        foreach (var range in RangesOf(use.Group, clause))
        {
            Cut(state, range, use);
        }
    }

    public void Unlink(State state, Clause clause, ClauseUse use)
    {
        if (clause is FqdnClause fqdn)
        {
            var uses = byDnsName[fqdn.Fqdn];
            uses.Remove(use);
            if (uses.Count == 0)
            {
                byDnsName.Remove(fqdn.Fqdn);
            }
        }

        foreach (var range in RangesOf(use.Group, clause))
        {
            Uncut(state, range, use);
        }
    }

    public void Forget(GroupNode group) => users.Remove(group);

    private void SetTenants(VrfNode vrf, IReadOnlyList<Name> tenants)
    {
        foreach (var gone in vrf.Tenants.Except(tenants))
        {
            vrfsOfTenant[gone].Remove(vrf);
            if (vrfsOfTenant[gone].Count == 0)
            {
                vrfsOfTenant.Remove(gone);
            }
        }

        foreach (var come in tenants.Except(vrf.Tenants))
        {
            if (!vrfsOfTenant.TryGetValue(come, out var owned))
            {
                vrfsOfTenant.Add(come, owned = []);
            }

            owned.Add(vrf);
        }

        vrf.Tenants = tenants;
    }

    /// <summary>The vrfs in which a range counts; none, if its network is going in the same change.</summary>
    private IReadOnlyCollection<VrfNode> VrfsOf(State state, TenantRange range)
    {
        if (range.Network is not { } network)
        {
            return vrfsOfTenant.TryGetValue(range.Tenant, out var owned) ? owned : [];
        }

        return state.Documents.Find<NetworkDocument>(Kind.Network, network) is { } document && vrfs.TryGetValue(document.Vrf, out var vrf) ? [vrf] : [];
    }

    private void Cut(State state, TenantRange range, ClauseUse use)
    {
        foreach (var vrf in VrfsOf(state, range))
        {
            Cut(vrf, range.Cidr, use);
            TouchIn(vrf, range.Cidr);
        }
    }

    private void Uncut(State state, TenantRange range, ClauseUse use)
    {
        foreach (var vrf in VrfsOf(state, range))
        {
            TouchIn(vrf, range.Cidr);
            if (vrf.Find(range.Cidr)?.Ranges.Remove(use) == true)
            {
                foreach (var cut in GroupSets.WithIPv4Apart(range.Cidr))
                {
                    vrf.Uncut(vrf.Get(cut));
                }
            }
        }
    }

    /// <summary>Cuts a vrf at a range; in the 128-bit space a short IPv6 range lies around all of IPv4, which is set apart there.</summary>
    private void Cut(VrfNode vrf, Prefix cidr, ClauseUse use)
    {
        foreach (var cut in GroupSets.WithIPv4Apart(cidr))
        {
            var node = vrf.Get(cut);
            touch(node);
            vrf.Cut(node);
            if (cut == cidr)
            {
                node.Ranges.Add(use);
            }
        }
    }

    private void TouchIn(VrfNode vrf, Prefix range)
    {
        var concerned = range.IsSingleAddress ? vrf.Find(range) is { } single ? [single] : [] : vrf.Addresses.Where(a => range.Contains(a.Prefix)).ToArray();
        foreach (var address in concerned.Concat(GroupSets.WithIPv4Apart(range).Select(vrf.Find).OfType<AddressNode>()))
        {
            touch(address);
        }
    }

    private IEnumerable<TenantRange> RangesOf(GroupNode group, Clause clause) => clause switch
    {
        CidrClause cidr => [new(cidr.Cidr, group.Name.Tenant, cidr.Network)],
        FqdnClause fqdn => dnsNames.GetValueOrDefault(fqdn.Fqdn, []).Select(a => RangeOf(group, a)),
        _ => [],
    };

    private static TenantRange RangeOf(GroupNode group, IpAddress address) => new(Prefix.Of(address), group.Name.Tenant, null);
}
