using System.Globalization;
using System.Text.Json;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Documents;

namespace Osc.Policy.Explain;

/// <summary>The connection that a question means, or everything that is wrong with the question. Exactly one of the two is there.</summary>
public sealed record FoundConnection(Connection? Connection, ValueList<DocumentError> Errors);

/// <summary>Finds the connection that a question means: names to addresses, an address space for both ends.</summary>
public sealed class ConnectionFinder
{
    private const string EndAllowed = "tenant/workload, tenant/workload/interface, or an address";

    private readonly State state;
    private readonly List<DocumentError> errors = [];

    private ConnectionFinder(State state) => this.state = state;

    public static FoundConnection Find(State state, ExplainQuestion question)
    {
        var finder = new ConnectionFinder(state);
        var connection = question.IsConnection ? finder.OfFields(question) : finder.OfEnds(question);
        return finder.errors.Count > 0 ? new(null, finder.errors.ToValueList()) : new(connection, []);
    }

    private Connection OfFields(ExplainQuestion question)
    {
        foreach (var (path, value) in new[] { ("from", question.From), ("to", question.To), ("service", question.Service) }.Where(f => f.Item2 is not null))
        {
            Fail(path, $"'{value}' does not go together with source, destination and protocol", "");
        }

        var vrf = Vrf(question.Vrf);
        var source = Address("source", question.Source);
        var destination = Address("destination", question.Destination);
        var protocol = Protocol(question.Protocol);
        if (IpProtocol.HasPorts(protocol) && question.DestinationPort is null)
        {
            Fail("destinationPort", "missing", "0 to 65535");
        }

        if (errors.Count == 0 && source.Family != destination.Family)
        {
            Fail("destination", $"'{destination}' is not of the family of the source '{source}'", "");
        }

        return new(
            vrf ?? default,
            source,
            destination,
            protocol,
            Number<ushort>("destinationPort", question.DestinationPort),
            Number<byte>("icmpType", question.IcmpType ?? DefaultType(protocol)),
            Number<byte>("icmpCode", question.IcmpCode),
            Number<ushort>("sourcePort", question.SourcePort));
    }

    private Connection OfEnds(ExplainQuestion question)
    {
        var vrf = question.Vrf is null ? null : Vrf(question.Vrf);
        var from = Ends("from", question.From, vrf);
        var to = Ends("to", question.To, vrf);
        var service = Service(question.Service);
        if (errors.Count > 0)
        {
            return default;
        }

        // An address without a vrf is in whichever the other end is in.
        var pairs =
            from f in @from
            from t in to
            where f.Address.Family == t.Address.Family && FamilyFits(service, f.Address) && (f.Vrf is null || t.Vrf is null || f.Vrf == t.Vrf)
            select (f.Address, Destination: t.Address, Vrf: f.Vrf ?? t.Vrf);
        if (pairs.Select(p => ((IpAddress, IpAddress, QualifiedName?)?)p).FirstOrDefault() is not var (source, destination, found))
        {
            Fail("to", $"'{question.From}' and '{question.To}' have no addresses of one family in one vrf for {service}", "");
            return default;
        }

        if (found is not { } space)
        {
            Fail("vrf", "missing: neither end is a workload, which would say it", "tenant/vrf");
            return default;
        }

        return new(space, source, destination, service.Protocol ?? 0, service.Ports.First, service.IcmpType ?? DefaultType(service.Protocol), service.IcmpCode ?? 0);
    }

    /// <summary>The addresses that an end has, in document order; a literal has itself, in the vrf that the question names.</summary>
    private List<(IpAddress Address, QualifiedName? Vrf)> Ends(string path, string? text, QualifiedName? vrf)
    {
        if (text is null)
        {
            Fail(path, "missing", EndAllowed);
            return [];
        }

        if (IpAddress.TryParse(text, out var literal))
        {
            return [(literal, vrf)];
        }

        var parts = text.Split('/');
        if (parts.Length is < 2 or > 3 || !parts.All(p => Name.TryParse(p, out _)))
        {
            Fail(path, $"'{text}' is neither a workload nor an address", EndAllowed);
            return [];
        }

        var workload = state.Documents.Find<WorkloadDocument>(Kind.Workload, QualifiedName.Parse($"{parts[0]}/{parts[1]}"));
        var interfaces = (workload?.Interfaces ?? [])
            .Where(i => parts.Length == 2 || i.Name.Value == parts[2])
            .Select(i => new PlacedInterface(workload!, i, state.Network(i.Network))) // an interface has a workload
            .ToList();
        if (interfaces.Count == 0)
        {
            Fail(path, workload is null ? $"there is no workload '{parts[0]}/{parts[1]}'" : $"workload '{parts[0]}/{parts[1]}' has no such interface", "");
            return [];
        }

        return [.. interfaces.Where(i => vrf is null || i.Vrf == vrf).SelectMany(i => i.Interface.Addresses.Select(a => (a, (QualifiedName?)i.Vrf)))];
    }

    private ServicePort Service(string? text)
    {
        if (!ServicePort.TryParse(text, out var service) || service.Protocol is null || (IpProtocol.HasPorts(service.Protocol.Value) && service.Ports.First != service.Ports.Last))
        {
            Fail("service", text is null ? "missing" : $"'{text}' is not one service", "one of tcp/PORT, udp/PORT, sctp/PORT, icmp[/type[/code]], icmpv6[/type[/code]], proto/NUMBER");
        }

        return service;
    }

    private QualifiedName? Vrf(string? text)
    {
        if (text is not null && text.Contains('/') && QualifiedName.TryParse(text, default, out var vrf))
        {
            if (!state.NetworksOf(vrf).Any())
            {
                Fail("vrf", $"no network is in a vrf '{vrf}'", string.Join(", ", state.Vrfs));
            }

            return vrf;
        }

        Fail("vrf", text is null ? "missing" : $"'{text}' is no vrf", "tenant/vrf");
        return null;
    }

    private IpAddress Address(string path, string? text)
    {
        if (!IpAddress.TryParse(text, out var address))
        {
            Fail(path, text is null ? "missing" : $"'{text}' is no address", "an IPv4 or IPv6 address");
        }

        return address;
    }

    private byte Protocol(JsonElement? value)
    {
        var text = value is not { } json ? null : json.ValueKind == JsonValueKind.String ? json.GetString() : json.GetRawText();
        if (text is null || !(IpProtocol.TryParseName(text, out var protocol) || byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out protocol)))
        {
            Fail("protocol", text is null ? "missing" : $"'{text}' is no protocol", "tcp, udp, sctp, icmp, icmpv6, or 0 to 255");
            return 0;
        }

        return protocol;
    }

    private T Number<T>(string path, int? value)
        where T : struct, System.Numerics.IBinaryInteger<T>, System.Numerics.IMinMaxValue<T>
    {
        var number = value ?? 0;
        if (number < 0 || number > int.CreateChecked(T.MaxValue))
        {
            Fail(path, $"{number} is out of range", $"0 to {T.MaxValue}");
            return T.Zero;
        }

        return T.CreateChecked(number);
    }

    /// <summary>"icmp" alone means an echo request.</summary>
    private static byte DefaultType(byte? protocol) => protocol switch
    {
        IpProtocol.Icmp => 8,
        IpProtocol.IcmpV6 => 128,
        _ => 0,
    };

    private static bool FamilyFits(ServicePort service, IpAddress address) => service.Protocol switch
    {
        IpProtocol.Icmp => address.IsIPv4,
        IpProtocol.IcmpV6 => !address.IsIPv4,
        _ => true,
    };

    private void Fail(string path, string message, string allowed) => errors.Add(new(null, "", path, message, allowed));
}
