using System.Globalization;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Documents;

/// <summary>Reads what rules and assertions name: peers and services.</summary>
internal static class PeerReader
{
    private const string AllowedPeer = "a group's name or tenant/name, an address, or a CIDR with no host bits";
    private const string AllowedService = "a service's name or tenant/name, or " + ServicePort.Allowed;

    public static ValueList<Peer> ReadPeers(DocumentNode? field) =>
        field?.Items("a list of group names, tenant/name, addresses and CIDRs").Select(ReadPeer).ToValueList() ?? ValueList<Peer>.Empty;

    public static ValueList<ServiceReference> ReadServices(DocumentNode? field) =>
        field?.Items("a list of service names, tenant/name and port specifications").Select(ReadService).ToValueList() ?? ValueList<ServiceReference>.Empty;

    public static Prefix ReadPrefix(DocumentNode node)
    {
        const string Allowed = "an IPv4 or IPv6 address, or a CIDR with no host bits";
        if (node.Node is ScalarNode { Type: ScalarType.Text } scalar && WithoutHostBits(scalar.Text) is { } meant)
        {
            node.Fail($"'{scalar.Text}' has host bits, did you mean '{meant}'?", Allowed);
            return Prefix.AllIPv6;
        }

        return node.Parse("address or CIDR", Allowed, (string text, out Prefix prefix) => Prefix.TryParse(text, out prefix), Prefix.AllIPv6);
    }

    private static Peer ReadPeer(DocumentNode node)
    {
        if (node.Node is ScalarNode { Type: ScalarType.Text } scalar)
        {
            if (Prefix.TryParse(scalar.Text, out var prefix))
            {
                return new CidrPeer(prefix);
            }

            if (WithoutHostBits(scalar.Text) is { } meant)
            {
                node.Fail($"'{scalar.Text}' has host bits, did you mean '{meant}'?", AllowedPeer);
                return new CidrPeer(meant);
            }
        }

        var home = node.Scope.Tenant;
        return new GroupPeer(node.Parse("group or address range", AllowedPeer, (string text, out QualifiedName name) => QualifiedName.TryParse(text, home, out name), default));
    }

    private static ServiceReference ReadService(DocumentNode node)
    {
        if (node.Node is ScalarNode { Type: ScalarType.Text } scalar && ServicePort.IsReservedWord(scalar.Text.Split('/')[0]))
        {
            return new InlineService(ReadPort(node));
        }

        // A bare number could be a service's name, in quotes; a port without its protocol is what was meant.
        if (node.Node is ScalarNode { Type: ScalarType.Number })
        {
            node.Refuse("service", AllowedService);
            return new InlineService(ServicePort.Any);
        }

        var home = node.Scope.Tenant;
        return new NamedService(node.Parse("service", AllowedService, (string text, out QualifiedName name) => QualifiedName.TryParse(text, home, out name), default));
    }

    public static ServicePort ReadPort(DocumentNode node) =>
        node.Parse("port specification", ServicePort.Allowed, (string text, out ServicePort port) => ServicePort.TryParse(text, out port), ServicePort.Any);

    /// <summary>The range that an address with a prefix length lies in, where the text is one with host bits set.</summary>
    private static Prefix? WithoutHostBits(string text)
    {
        var slash = text.IndexOf('/');
        if (slash < 0
            || Prefix.TryParse(text, out _)
            || !IpAddress.TryParse(text[..slash], out var address)
            || !byte.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length > (address.IsIPv4 ? 32 : 128))
        {
            return null;
        }

        return Prefix.Of(address, length);
    }
}
