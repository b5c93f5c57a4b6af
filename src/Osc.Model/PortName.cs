namespace Osc.Model;

/// <summary>
/// What names a switch port or bridge: an OVS interface name, or a port's external_ids iface-id or xs-vif-uuid.
/// Its characters are few, so that it can stand in flow text, in paths and in messages without ever being taken for something else.
/// </summary>
public readonly record struct PortName : IComparable<PortName>
{
    /// <summary>What a port name may look like, for error texts.</summary>
    public const string Allowed = "1 to 255 letters, digits and . _ : @ / + # -";

    private readonly string? value;

    private PortName(string value) => this.value = value;

    public string Value => value ?? throw new InvalidOperationException("a default PortName has no value");

    public static bool TryParse(string? text, out PortName port)
    {
        port = default;
        if (text is null || text.Length is 0 or > 255)
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or ':' or '@' or '/' or '+' or '#' or '-'))
            {
                return false;
            }
        }

        port = new(text);
        return true;
    }

    /// <exception cref="FormatException">The text cannot name a port.</exception>
    public static PortName Parse(string text) => TryParse(text, out var port) ? port : throw new FormatException($"'{text}' is not a port name: {Allowed}");

    public int CompareTo(PortName other) => string.CompareOrdinal(value, other.value);

    public override string ToString() => value ?? "";
}
