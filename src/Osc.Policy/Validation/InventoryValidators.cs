using FluentValidation;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Validation;

internal sealed class TenantValidator : AbstractValidator<TenantDocument>
{
    public TenantValidator()
    {
        RuleFor(t => t.Metadata.Name).Must(n => !ReservedTenants.Contains(n))
            .Says(n => $"'{n}' is a word of the API and cannot be a tenant", ReservedTenants.Allowed);
        RuleFor(t => t.Approvals).InclusiveBetween(0, TenantDocument.MaxApprovals).Says(n => $"{n} is no number of approvals", $"0 to {TenantDocument.MaxApprovals}");
        RuleFor(t => t.Quotas).SetValidator(new QuotasValidator());
    }
}

internal sealed class QuotasValidator : AbstractValidator<Quotas>
{
    public QuotasValidator()
    {
        RuleFor(q => q.SecurityGroups).Must(IsCount).Says(Message, "0 or more");
        RuleFor(q => q.Services).Must(IsCount).Says(Message, "0 or more");
        RuleFor(q => q.Policies).Must(IsCount).Says(Message, "0 or more");
        RuleFor(q => q.Rules).Must(IsCount).Says(Message, "0 or more");
        RuleFor(q => q.Workloads).Must(IsCount).Says(Message, "0 or more");
        RuleFor(q => q.Networks).Must(IsCount).Says(Message, "0 or more");
    }

    private static bool IsCount(int? quota) => quota is null or >= 0;

    private static string Message(int? quota) => $"{quota} is no quota";
}

internal sealed class NetworkValidator : AbstractValidator<NetworkDocument>
{
    public NetworkValidator()
    {
        RuleFor(n => n.Segment.Id).InclusiveBetween(1, 4094)
            .Says(id => $"{id} is no VLAN tag", "1 to 4094")
            .When(n => n.Segment.Type == SegmentType.Vlan)
            .OverridePropertyName("vlan");
        RuleFor(n => n.Segment.Id).InclusiveBetween(1, 16_777_215)
            .Says(id => $"{id} is no VNI", "1 to 16777215")
            .When(n => n.Segment.Type == SegmentType.Vni)
            .OverridePropertyName("vni");
        RuleFor(n => n.Subnets).Custom(CheckSubnets);
    }

    private static void CheckSubnets(ValueList<Prefix> subnets, ValidationContext<NetworkDocument> context)
    {
        for (var i = 0; i < subnets.Count; i++)
        {
            if (subnets[i].Network.IsMulticast)
            {
                context.Refuse($"[{i}]", $"{subnets[i]} is a multicast range", "ranges of unicast addresses");
            }
        }

        foreach (var (i, j) in Overlaps(subnets).OrderBy(o => o.Later))
        {
            context.Refuse($"[{i}]", $"{subnets[i]} overlaps {subnets[j]}", "subnets without an address in common");
        }
    }

    /// <summary>Each subnet inside another, with the smallest around it: two prefixes are one in the other or have nothing in common.</summary>
    private static IEnumerable<(int Later, int Earlier)> Overlaps(ValueList<Prefix> subnets)
    {
        var around = new Stack<int>();
        foreach (var inner in Enumerable.Range(0, subnets.Count).OrderBy(i => subnets[i].Family).ThenBy(i => subnets[i]).ThenBy(i => i))
        {
            while (around.TryPeek(out var outer) && !subnets[outer].Contains(subnets[inner]))
            {
                around.Pop();
            }

            if (around.TryPeek(out var found))
            {
                yield return (Math.Max(inner, found), Math.Min(inner, found));
            }

            around.Push(inner);
        }
    }
}

internal sealed class HostValidator : AbstractValidator<HostDocument>
{
    public HostValidator()
    {
        RuleFor(h => h.Bridges).NotEmpty().Says(_ => "no bridges", "at least one bridge");
        RuleFor(h => h.Bridges).Custom((bridges, context) => context.RefuseRepeated(bridges, b => b.Name, ".name"));

        // A port is in one bridge, for one purpose: one that is named twice on a host is a slip.
        RuleFor(h => h.Bridges).Custom((bridges, context) =>
        {
            var seen = new HashSet<PortName>();
            for (var i = 0; i < bridges.Count; i++)
            {
                for (var j = 0; j < bridges[i].Uplinks.Count; j++)
                {
                    Check(context, $"[{i}].uplinks[{j}]", seen, bridges[i].Uplinks[j]);
                }

                for (var j = 0; j < bridges[i].Tunnels.Count; j++)
                {
                    Check(context, $"[{i}].tunnels[{j}].port", seen, bridges[i].Tunnels[j].Port);
                }
            }
        });
    }

    private static void Check(ValidationContext<HostDocument> context, string path, HashSet<PortName> seen, PortName port)
    {
        if (!seen.Add(port))
        {
            context.Refuse(path, $"'{port}' is there already", "each one once");
        }
    }
}

internal sealed class WorkloadValidator : AbstractValidator<WorkloadDocument>
{
    public WorkloadValidator()
    {
        RuleFor(w => w.Interfaces).NotEmpty().Says(_ => "no interfaces", "at least one interface");
        RuleFor(w => w.Interfaces).Custom((interfaces, context) => context.RefuseRepeated(interfaces, i => i.Name, ".name"));
        RuleForEach(w => w.Interfaces).SetValidator(new InterfaceValidator());
    }
}

internal sealed class InterfaceValidator : AbstractValidator<Interface>
{
    public InterfaceValidator()
    {
        RuleFor(i => i.Mac).Must(m => !m.IsMulticast && m.Bits != 0)
            .Says(m => m.IsMulticast ? $"{m} is a multicast address" : $"{m} is no interface's address", "a unicast Ethernet address: the first byte is even");
        RuleFor(i => i.Addresses).Custom((addresses, context) => context.RefuseRepeated(addresses, a => a));
        RuleFor(i => i.Addresses).Custom((addresses, context) => context.RefuseUnusable(addresses));
    }
}

internal sealed class DnsNameValidator : AbstractValidator<DnsNameDocument>
{
    public DnsNameValidator()
    {
        RuleFor(n => n.Metadata.Tenant).Must(t => t == Tenants.System).Says(t => $"tenant '{t}' keeps no DNS names", Tenants.System.Value);
        RuleFor(n => n.Metadata.Name).Custom((name, context) =>
        {
            var fqdn = context.InstanceToValidate.Fqdn;
            if (DnsNames.AreSound(fqdn) && DnsNameDocument.NameOf(fqdn) is var right && name != right)
            {
                context.Refuse("", $"'{name}' is not the name of the document of {fqdn}", right.Value);
            }
        });
        RuleFor(n => n.Fqdn).Must(DnsNames.AreSound).Says(f => $"'{f}' is no DNS name", DnsNames.Allowed);
        RuleFor(n => n.Addresses).Must(a => a.Count <= DnsNames.MaxAddresses).Says(a => $"{a.Count} addresses", $"at most {DnsNames.MaxAddresses}");
        RuleFor(n => n.Addresses).Custom((addresses, context) => context.RefuseRepeated(addresses, a => a));
        RuleFor(n => n.Addresses).Custom((addresses, context) => context.RefuseUnusable(addresses));
    }
}
