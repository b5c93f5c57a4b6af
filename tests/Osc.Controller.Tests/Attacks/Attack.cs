namespace Osc.Controller.Tests.Attacks;

/// <summary>Something that is tried against a whole controller over HTTP, and must not succeed.</summary>
/// <param name="About">What it goes for.</param>
/// <param name="Name">What is tried, in words.</param>
/// <param name="Try">Tries it.</param>
/// <param name="Statuses">The answers that are right; 0: the connection ends without one.</param>
internal sealed record Attack(string About, string Name, Func<AttackScene, Task<Answer>> Try, params int[] Statuses)
{
    /// <summary>What must hold besides.</summary>
    public Action<Answer, AttackScene> Check { get; init; } = (_, _) => { };

    public static readonly IReadOnlyList<Attack> All =
        [.. SignedTokenAttacks.All, .. TokenAttacks.All, .. TenantAttacks.All, .. AssignmentAttacks.All, .. InjectionAttacks.All, .. DocumentAttacks.All, .. ConnectionAttacks.All, .. RepeatAttacks.All];
}
