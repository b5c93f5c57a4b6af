using System.Globalization;
using Osc.Model;

namespace Osc.Xen.Vifs;

/// <summary>A guest's network interface on this host: the guest's domain id, which no later guest gets again until the host restarts or 32,752 have been, and the interface's number.</summary>
public readonly record struct VifId(ushort Domain, ushort Handle) : IComparable<VifId>
{
    /// <summary>What Linux calls the interface's end on this side, unless the toolstack chose a name.</summary>
    public PortName PortName => PortName.Parse(string.Create(CultureInfo.InvariantCulture, $"vif{Domain}.{Handle}"));

    /// <summary>Reads what Linux calls an interface.</summary>
    public static bool TryParse(PortName port, out VifId id)
    {
        id = default;
        if (!port.Value.StartsWith("vif", StringComparison.Ordinal) || port.Value[3..].Split('.') is not [var domain, var handle])
        {
            return false;
        }

        if (VifScope.Number(domain) is { } d && VifScope.Number(handle) is { } h)
        {
            id = new(d, h);
            return true;
        }

        return false;
    }

    public int CompareTo(VifId other) => (Domain, Handle).CompareTo((other.Domain, other.Handle));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Domain}/{Handle}");
}
