using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Policy.Classes;
using static Osc.Policy.Compile.Terms;

namespace Osc.Policy.Compile;

/// <summary>
/// Identify: address to class and owner, one flow a prefix. A prefix that says the same as the next shorter one around it
/// needs none.
/// </summary>
internal sealed class IdentityFlows(BridgeView view, BridgeNumbers numbers, FlowBuilder flows)
{
    /// <param name="prefixes">In order: a prefix comes after those that it lies in.</param>
    public void Add(IReadOnlyList<ClassifiedPrefix> prefixes)
    {
        var local = view.Interfaces.ToHashSet();
        var around = new Stack<(ClassifiedPrefix Prefix, (uint Class, uint Owner) Answer)>();
        foreach (var prefix in prefixes)
        {
            while (around.TryPeek(out var outer) && !(outer.Prefix.Vrf == prefix.Vrf && LiesIn(prefix, outer.Prefix)))
            {
                around.Pop();
            }

            var owner = prefix.Owner is { } placed && local.Contains(placed) ? numbers.OfTenant(placed.Tenant) : 0;
            var answer = (Class: numbers.Of(prefix.Class), Owner: owner);
            if (answer != (around.TryPeek(out var enclosing) ? enclosing.Answer : (0u, 0u)))
            {
                flows.Add(
                    PipelineTable.Identify,
                    1 + prefix.Prefix.BitLength,
                    Match.Any.With(Registers.Zone, numbers.ZoneOf(prefix.Vrf)).With(Registers.Address, prefix.Prefix.Network.Bits, prefix.Prefix.Mask),
                    IdentityCookie,
                    Set(Registers.FoundClass, answer.Class),
                    Set(Registers.FoundOwner, answer.Owner));
                around.Push((prefix, answer));
            }
        }
    }

    /// <summary>As the switch sees it: in the 128-bit space, where short IPv6 prefixes do enclose IPv4.</summary>
    private static bool LiesIn(ClassifiedPrefix inner, ClassifiedPrefix outer) =>
        inner.Prefix.BitLength >= outer.Prefix.BitLength && (inner.Prefix.Network.Bits & outer.Prefix.Mask) == outer.Prefix.Network.Bits;
}
