namespace Osc.Integration.Attacks;

/// <summary>Everything that is tried; docs/security.md is printed from it.</summary>
internal static class AttackList
{
    /// <summary>What comes to nobody.</summary>
    public static IReadOnlyList<Attack> Attacks { get; } =
    [
        .. AddressAttacks.All,
        .. NeighbourAttacks.All,
        .. ConnectionAttacks.All,
        .. FragmentAttacks.All,
        .. HeaderAttacks.All,
        .. EncapsulationAttacks.All,
        .. DeliveryAttacks.All,
    ];
}
