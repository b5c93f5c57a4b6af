using FluentValidation;
using Osc.Model;

namespace Osc.Policy.Validation;

/// <summary>Tells addresses that one interface may have from those of many, of none and of every host itself (RFC 6890).</summary>
public static class UnicastAddress
{
    /// <summary>Why no interface may have an address: "a loopback address"; null where one may.</summary>
    public static string? WhyNot(IpAddress address)
    {
        if (address.IsMulticast || address.IsLimitedBroadcast)
        {
            return address.IsMulticast ? "a multicast address" : "the broadcast address";
        }

        var isLoopback = address.IsIPv4 ? address.IPv4Bits >> 24 == 127 : address.Bits == 1;
        var isUnspecified = address.IsIPv4 ? address.IPv4Bits == 0 : address.Bits == 0;
        return isLoopback ? "a loopback address" : isUnspecified ? "the unspecified address" : null;
    }

    /// <summary>Reports every address of a list that no interface may have.</summary>
    internal static void RefuseUnusable<T>(this ValidationContext<T> context, ValueList<IpAddress> addresses)
    {
        for (var n = 0; n < addresses.Count; n++)
        {
            if (WhyNot(addresses[n]) is { } reason)
            {
                context.Refuse($"[{n}]", $"{addresses[n]} is {reason}", "a unicast address that an interface may have");
            }
        }
    }
}
