using System.Globalization;

namespace Osc.Xen.Vifs;

/// <summary>Which vifs an event concerns: all of them, those of one domain, or one.</summary>
internal readonly record struct VifScope(ushort? Domain, ushort? Handle)
{
    public static readonly VifScope All = default;

    public static VifScope Of(VifId id) => new(id.Domain, id.Handle);

    /// <summary>Reads the names below the directory of all vifs that lead to what changed: domain, handle, key.</summary>
    /// <returns>Null for what is no vif's.</returns>
    public static VifScope? Of(ReadOnlySpan<string> names) => names switch
    {
        [] => All,
        [var domain] => Number(domain) is { } d ? new VifScope(d, null) : null,
        [var domain, var handle, ..] => Number(domain) is { } d && Number(handle) is { } h ? new VifScope(d, h) : null,
    };

    public bool Covers(VifId id) => (Domain is null || Domain == id.Domain) && (Handle is null || Handle == id.Handle);

    /// <summary>A domain id or handle as the store writes it: decimal, without leading zeros, so that no two names mean the same.</summary>
    public static ushort? Number(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && (text.Length == 1 || text[0] != '0') ? number : null;
}
