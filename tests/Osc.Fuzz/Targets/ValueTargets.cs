using System.Text;
using Osc.Fuzz.Engine;
using Osc.Model;
using Osc.Switch.Control;

namespace Osc.Fuzz.Targets;

/// <summary>Texts of one value. What is taken prints as something that reads as the same value, and prints the same.</summary>
internal static class ValueTargets
{
    private delegate bool Parser<T>(string? text, out T value);

    public static IReadOnlyList<FuzzTarget> List { get; } =
    [
        new()
        {
            Name = "selectors",
            MaxBytes = 1024,
            Seeds = () => Bytes("app = web", "app in (web, db), tier notin (a,b,c)", "!gone, here, x != y", "osc.dev/app == a-b_c.d"),
            Run = ReadSelector,
        },
        new()
        {
            Name = "values",
            MaxBytes = 300,
            Seeds = () => Bytes(
                "10.0.0.0/8", "fd00::/8", "2001:db8::1", "::ffff:10.0.0.1", "02:00:00:00:00:01", "02-00-00-00-00-01", "tcp/443", "udp/1-65535", "icmp/8", "icmp/3/4", "icmpv6/128/0", "any", "proto/47", "sctp",
                "web", "shop/web", "vif3.0", "br-int", "a:b@c/d+e#f_g", "app.kubernetes.io/name", "netdev@ovs-netdev:\n  lookups: hit:17 missed:4 lost:0\n  flows: 2\n"),
            Run = ReadValue,
        },
    ];

    private static IEnumerable<byte[]> Bytes(params string[] texts) => texts.Select(Encoding.UTF8.GetBytes);

    private static string ReadSelector(byte[] input)
    {
        var text = Shape.Text(input);
        if (!Selector.TryParse(text, out var selector, out var error))
        {
            Oracle.Holds(error.Contains(" at character ", StringComparison.Ordinal), "an error has a place");
            return Shape.Of(error);
        }

        Oracle.Holds(Selector.TryParse(selector.ToString(), out var again, out _) && again == selector && again.ToString() == selector.ToString(), "a printed selector is the same selector");
        selector.Matches(Labels.Empty);
        return string.Join(",", selector.Requirements.Select(r => r.Operator));
    }

    private static string ReadValue(byte[] input)
    {
        var text = Shape.Text(input);
        var taken = new StringBuilder();
        Check<IpAddress>(IpAddress.TryParse, text, taken);
        Check<Prefix>(Prefix.TryParse, text, taken);
        Check<MacAddress>(MacAddress.TryParse, text, taken);
        Check<ServicePort>(ServicePort.TryParse, text, taken);
        Check<Name>(Name.TryParse, text, taken);
        Check<PortName>(PortName.TryParse, text, taken);
        Check((string? t, out QualifiedName name) => QualifiedName.TryParse(t, Tenants.Default, out name), text, taken);
        taken.Append(LabelSyntax.IsKey(text) ? "key " : "").Append(LabelSyntax.IsValue(text) ? "value " : "");
        taken.Append(DatapathCounters.Parse(text).Length);
        return taken.ToString();
    }

    private static void Check<T>(Parser<T> parse, string text, StringBuilder taken)
        where T : IEquatable<T>
    {
        if (parse(text, out var value))
        {
            var printed = value.ToString();
            Oracle.Holds(parse(printed, out var again) && again.Equals(value) && again.ToString() == printed, $"a printed {typeof(T).Name} is the same {typeof(T).Name}");
            taken.Append(typeof(T).Name).Append(' ');
        }
    }
}
