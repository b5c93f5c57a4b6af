namespace Osc.Policy.Incremental;

/// <summary>A node of the incremental compiler: what it holds, what it follows from, and what it does with a change that it has no step for.</summary>
/// <param name="Name">What it is about.</param>
/// <param name="Inputs">The nodes and documents that it follows from.</param>
/// <param name="Holds">What it keeps.</param>
/// <param name="Step">What one change costs it, or what it recomputes.</param>
/// <param name="Code">The type that does it.</param>
public sealed record EngineNode(string Name, IReadOnlyList<string> Inputs, string Holds, string Step, string Code);

/// <summary>
/// The wiring of the incremental compiler, in the order in which <see cref="EngineUpdate"/> runs it: every node follows from
/// documents and from nodes above it. docs/engine.md prints it, and a test holds it against that and against its own order.
/// </summary>
public static class EngineGraph
{
    /// <summary>Documents are where everything starts.</summary>
    public static readonly IReadOnlyList<string> Documents =
        ["Tenant", "Network", "Host", "Workload", "DnsName", "SecurityGroup", "Service", "Policy"];

    public static readonly IReadOnlyList<EngineNode> Nodes =
    [
        new("labels", ["Workload", "SecurityGroup"], "selectors by a label that they demand, workloads by label", "the labels of one workload; the workloads of one label", nameof(LabelIndex)),
        new("ranges", ["Network", "DnsName", "SecurityGroup"], "where groups' ranges and names' addresses cut a vrf", "one range; a vrf that networks enter or leave is cut anew", nameof(RangeIndex)),
        new("addresses", ["Network", "Host", "Workload"], "the addresses that workloads have, with interface and bridge", "the addresses of one workload", nameof(InventoryUpdate)),
        new("memberships", ["labels", "ranges", "addresses", "SecurityGroup"], "the set of groups of each address", "each address that a changed clause, label or range can concern", nameof(Memberships)),
        new("sets", ["memberships"], "the addresses of each set of groups", "two sets an address that moved", nameof(GroupSetIndex)),
        new("rules", ["Policy", "Service"], "rules by the groups that they name and by those that they are enforced at", "the rules between a policy's common head and tail", nameof(RuleIndex)),
        new("bridge rules", ["rules", "memberships"], "the rules enforced at a bridge's addresses, with priorities", "rules that an address or a policy brings, takes or moves", nameof(BridgeRules)),
        new("bridge classes", ["bridge rules", "sets"], "the classes that those rules can tell apart, with numbers", "sets with a group that came to be named, or went", nameof(BridgeClasses)),
        new("identity flows", ["bridge classes", "ranges", "addresses"], "nothing: an address's flow follows from its class", "one flow an address whose class changed; ranges of a vrf are recomputed", nameof(BridgeIdentity)),
        new("rule flows", ["bridge rules", "bridge classes"], "the terms of each rule, in numbers", "rules that name a class that came or went", nameof(RuleSection)),
        new("port flows", ["addresses", "Network"], "nothing: they follow from the interface", "one interface", nameof(BridgePolicy)),
        new("epoch", ["bridge rules", "memberships", "Tenant"], "the number that open connections carry", "raised by changes that can take a permission away", nameof(Permission)),
        new("joints", ["Network", "Host", "Tenant", "addresses", "epoch"], "the flows that are no address's, rule's or interface's", "recomputed: some eighty", nameof(BridgePolicy)),
        new("host flows", ["identity flows", "rule flows", "port flows", "joints"], "count and digest", "what came and went", nameof(EngineUpdate)),
    ];
}
