using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Osc.Flows;

/// <summary>
/// A digest of a set of flows that does not depend on their order and can be kept up to date as flows come and go:
/// the sum, modulo 2^128, of the first 128 bits of each flow's SHA-256 over its canonical text.
/// It tells agent and controller whether they hold the same flows; it is no defence against a forger.
/// </summary>
public readonly record struct FlowDigest(UInt128 Value)
{
    public static readonly FlowDigest Empty;

    public static FlowDigest Of(Flow flow) => OfText(FlowText.Print(flow));

    /// <summary>The digest of the flow whose canonical text this is.</summary>
    public static FlowDigest OfText(string flowText)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(flowText), hash);
        return new(BinaryPrimitives.ReadUInt128BigEndian(hash));
    }

    public static FlowDigest Of(IEnumerable<Flow> flows) => flows.Aggregate(Empty, (sum, flow) => sum + Of(flow));

    /// <summary>Reads 32 hexadecimal digits.</summary>
    /// <exception cref="FormatException">The text has another form.</exception>
    public static FlowDigest Parse(string text) =>
        text.Length == 32 ? new(UInt128.Parse(text, System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture))
        : throw new FormatException($"'{text}' is not a digest of 32 hexadecimal digits");

    public static FlowDigest operator +(FlowDigest left, FlowDigest right) => new(unchecked(left.Value + right.Value));

    public static FlowDigest operator -(FlowDigest left, FlowDigest right) => new(unchecked(left.Value - right.Value));

    /// <summary>32 hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x32", System.Globalization.CultureInfo.InvariantCulture);
}
