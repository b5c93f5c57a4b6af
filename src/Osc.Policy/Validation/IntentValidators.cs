using FluentValidation;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Validation;

internal sealed class SecurityGroupValidator : AbstractValidator<SecurityGroupDocument>
{
    public SecurityGroupValidator()
    {
        RuleFor(g => g.Members).Custom(CheckNames);
        RuleFor(g => g.Except).Custom(CheckNames);
        RuleFor(g => g.Except).Must((group, except) => except.Count == 0 || group.Members.Count > 0)
            .Says(_ => "exceptions from no members", "'except' only beside 'members'");
    }

    private static void CheckNames(ValueList<Clause> clauses, ValidationContext<SecurityGroupDocument> context)
    {
        for (var i = 0; i < clauses.Count; i++)
        {
            if (clauses[i] is FqdnClause { Fqdn: var fqdn } && !DnsNames.AreSound(fqdn))
            {
                context.Refuse($"[{i}].fqdn", $"'{fqdn}' is no DNS name", DnsNames.Allowed);
            }
        }
    }
}

internal sealed class ServiceValidator : AbstractValidator<ServiceDocument>
{
    public ServiceValidator()
    {
        RuleFor(s => s.Metadata.Name).Must(n => !ServicePort.IsReservedWord(n.ToString()))
            .Says(n => $"'{n}' is a protocol's word: where a rule says it, the protocol is meant", "any name but any, proto, tcp, udp, sctp, icmp, icmpv6");
        RuleFor(s => s.Ports).NotEmpty().Says(_ => "no ports", "at least one port specification");
        RuleFor(s => s.Ports).Custom((ports, context) => context.RefuseRepeated(ports, p => p));
    }
}

internal sealed class PolicyValidator : AbstractValidator<PolicyDocument>
{
    public PolicyValidator()
    {
        RuleFor(p => p.Order).InclusiveBetween(0, ushort.MaxValue).Says(o => $"{o} is no order", "0 to 65535");
        RuleFor(p => p.Rules).Custom((rules, context) => context.RefuseRepeated(rules, r => r.Name, ".name"));
        RuleForEach(p => p.Rules).SetValidator(new RuleValidator());
    }
}

internal sealed class RuleValidator : AbstractValidator<Rule>
{
    public RuleValidator()
    {
        RuleFor(r => r.Chain).NotNull()
            .Says(_ => "the action 'inspect' needs a chain", "the name of an InspectionChain")
            .When(r => r.Action == RuleAction.Inspect);
        RuleFor(r => r.Chain).Null()
            .Says(_ => "a chain without the action 'inspect'", "'chain' only beside 'action: inspect'")
            .When(r => r.Action != RuleAction.Inspect);
        RuleFor(r => r.OnRevoke).NotEqual(OnRevoke.Keep)
            .Says(_ => "a rule that inspects keeps nothing: what it let in would go on with a chain that may be gone", "cut")
            .When(r => r.Action == RuleAction.Inspect);
        RuleFor(r => r.To)
            .Must((rule, to) => !(FamilyOf(rule.From) is { } from && FamilyOf(to) is { } other && from != other))
            .Says(_ => "'from' and 'to' are of different address families: no connection is both", "ranges of one family, or of both on one side");
        RuleFor(r => r.Services).Custom(CheckIcmp);
    }

    /// <summary>ICMP is IPv4's and ICMPv6 is IPv6's: beside ranges of the other family alone they match nothing.</summary>
    private static void CheckIcmp(ValueList<ServiceReference> services, ValidationContext<Rule> context)
    {
        var rule = context.InstanceToValidate;
        if ((FamilyOf(rule.From) ?? FamilyOf(rule.To)) is not { } family)
        {
            return;
        }

        var (other, right) = family == IpFamily.IPv4 ? (IpProtocol.IcmpV6, "icmp") : (IpProtocol.Icmp, "icmpv6");
        for (var i = 0; i < services.Count; i++)
        {
            if (services[i] is InlineService { Port: { Protocol: { } protocol } port } && protocol == other)
            {
                context.Refuse($"[{i}]", $"{port} never goes over {family}, and the rule's ranges are {family}", right);
            }
        }
    }

    /// <summary>The family that all peers have; null where they are of both, or where a group or nothing (any) is among them.</summary>
    private static IpFamily? FamilyOf(ValueList<Peer> peers)
    {
        var families = peers.Select(p => (p as CidrPeer)?.Cidr.Family).Distinct().ToArray();
        return families is [{ } only] ? only : null;
    }
}

internal sealed class InspectionChainValidator : AbstractValidator<InspectionChainDocument>
{
    public InspectionChainValidator()
    {
        RuleFor(c => c.Hops).NotEmpty().Says(_ => "no hops", "at least one hop");
        RuleFor(c => c.Hops).Custom((hops, context) => context.RefuseRepeated(hops, h => h.Name, ".name"));
        RuleForEach(c => c.Hops).Must(h => h.Ingress.Host == default || h.Egress.Host == default || (h.Ingress.Host, h.Ingress.Bridge) == (h.Egress.Host, h.Egress.Bridge))
            .Says(h => $"{h.Name} is entered on one bridge and left on another", "ingress and egress on one bridge of one host");
        RuleFor(c => c.Hops).Custom(CheckPorts);
    }

    /// <summary>The switch tells by the port, and by nothing else, which hop a frame comes back from.</summary>
    private static void CheckPorts(ValueList<Hop> hops, ValidationContext<InspectionChainDocument> context)
    {
        var ports = new HashSet<HopPort>();
        for (var i = 0; i < hops.Count; i++)
        {
            foreach (var (path, port) in new[] { ("ingress", hops[i].Ingress), ("egress", hops[i].Egress) })
            {
                if (port.Port != default && !ports.Add(port)) // what could not be read is said already
                {
                    context.Refuse($"[{i}].{path}.port", $"port {port.Port} of {port.Host} is in this chain already", "a port of its own: traffic goes into one port of an appliance and comes out of the other");
                }
            }
        }
    }
}
