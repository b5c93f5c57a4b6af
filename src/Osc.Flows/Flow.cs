using Osc.Model;

namespace Osc.Flows;

/// <summary>What identifies a flow in a switch: two flows with the same key cannot be in it together.</summary>
public readonly record struct FlowKey(byte Table, ushort Priority, Match Match);

/// <summary>One OpenFlow entry. No actions: drop.</summary>
/// <param name="Cookie">Who made the flow and which rule it serves; see <see cref="FlowCookie"/>.</param>
public sealed record Flow(byte Table, ushort Priority, Match Match, ValueList<FlowAction> Actions, ulong Cookie)
{
    public FlowKey Key => new(Table, Priority, Match);

    /// <summary>The flow as a line that ovs-ofctl add-flows takes. Canonical: equal flows have equal text.</summary>
    public override string ToString() => FlowText.Print(this);
}

/// <summary>
/// The layout of a flow's cookie: 16 bits that say Osc, 8 of layout version, 8 of what the flow is for, 32 of which one
/// (a rule's number where <see cref="FlowPurpose"/> says so, else 0).
/// </summary>
public readonly record struct FlowCookie(FlowPurpose Purpose, uint Number)
{
    public const ulong Owner = 0x05c0UL << 48;

    public const ulong OwnerMask = 0xffffUL << 48;

    /// <summary>Raised when a change of the pipeline's layout makes old and new flows unfit to stand side by side.</summary>
    public const byte LayoutVersion = 4;

    public ulong Value => Owner | ((ulong)LayoutVersion << 40) | ((ulong)Purpose << 32) | Number;

    public static bool IsOurs(ulong cookie) => (cookie & OwnerMask) == Owner;

    /// <summary>The rule that the flow serves, by its number; null where it serves none.</summary>
    public uint? Rule => Purpose is FlowPurpose.Rule or FlowPurpose.LoggedRule or FlowPurpose.RuleClause ? Number : null;

    /// <summary>Whether hits of the flow are hits of its rule.</summary>
    public bool Counts => Purpose is FlowPurpose.Rule or FlowPurpose.LoggedRule;

    public static FlowCookie Of(ulong cookie) => new((FlowPurpose)(byte)(cookie >> 32), (uint)cookie);
}

/// <summary>What a flow is for.</summary>
public enum FlowPurpose : byte
{
    /// <summary>The pipeline's own joints, the same on every host.</summary>
    Pipeline = 0,

    /// <summary>Admission of a port: its network, vrf, MAC and addresses.</summary>
    Port = 1,

    /// <summary>Address to class.</summary>
    Identity = 2,

    /// <summary>A policy rule: the flow that it takes hold by, so that its hits are the rule's.</summary>
    Rule = 3,

    /// <summary>A tenant's default action.</summary>
    Default = 4,

    /// <summary>Delivery to ports.</summary>
    Forward = 5,

    /// <summary>A clause of a rule's conjunction.</summary>
    RuleClause = 6,

    /// <summary>As <see cref="Rule"/>, of a rule that logs: a purpose of its own, so that hits which are logged are counted apart from those before and after.</summary>
    LoggedRule = 7,
}
