using Osc.Flows;
using Osc.Flows.Pipeline;

namespace Osc.Policy.Verify.Proof;

/// <summary>A bridge's flows by table. After a change, tables that it does not touch are the same.</summary>
internal sealed class FlowTables
{
    private readonly Dictionary<byte, Flow[]> tables;

    private FlowTables(Dictionary<byte, Flow[]> tables)
    {
        this.tables = tables;
        Count = tables.Values.Sum(t => t.Length);
        Tiers = [.. tables.Where(t => t.Key is >= PipelineTable.OutTiers and < 30).OrderBy(t => t.Key).SelectMany(t => t.Value).Where(f => !ObserveProof.OnlyCounts(f) && !KeepProof.OnlyKeeps(f))];
    }

    public int Count { get; }

    /// <summary>The flows of the deciding tables.</summary>
    public IReadOnlyList<Flow> Tiers { get; }

    public IEnumerable<Flow> All => tables.Values.SelectMany(t => t);

    /// <summary>The ways through appliances.</summary>
    public IEnumerable<Flow> Ways => tables.Where(t => t.Key == PipelineTable.Ingress.Id || (t.Key > PipelineTable.DeliveryGuard.Id && t.Key < PipelineTable.Forward.Id)).SelectMany(t => t.Value).Where(PlainFlows.IsWay);

    public IReadOnlyList<Flow> this[byte table] => tables.GetValueOrDefault(table, []);

    public static FlowTables Of(IEnumerable<Flow> flows) => new(flows.GroupBy(f => f.Table).ToDictionary(t => t.Key, t => t.ToArray()));

    public FlowTables With(BridgeDelta delta)
    {
        var next = new Dictionary<byte, Flow[]>(tables);
        var removed = delta.Remove.Select(f => f.Key).ToHashSet();
        foreach (var table in delta.Remove.Concat(delta.Add).Select(f => f.Table).Distinct())
        {
            next[table] = [.. this[table].Where(f => !removed.Contains(f.Key)), .. delta.Add.Where(f => f.Table == table)];
        }

        return new(next);
    }
}

/// <summary>The bits of registers, and the states of connections, that flows look at.</summary>
internal sealed record MatchedBits(IReadOnlyList<uint> Masks, IReadOnlySet<(UInt128 Value, UInt128 Mask)> States)
{
    public static readonly MatchedBits None = new(new uint[16], new HashSet<(UInt128, UInt128)>());

    /// <summary>These and those that more flows look at.</summary>
    public MatchedBits With(IEnumerable<Flow> flows)
    {
        uint[] masks = [.. Masks];
        var states = States.ToHashSet();
        foreach (var flow in flows)
        {
            foreach (var match in flow.Match.Fields)
            {
                if (RegisterNumber.Of(match.Field) is { } register)
                {
                    masks[register] |= (uint)match.Mask;
                }
                else if (match.Field == Field.CtState)
                {
                    states.Add((match.Value, match.Mask));
                }
            }
        }

        return masks.AsSpan().SequenceEqual((uint[])[.. Masks]) && states.Count == States.Count ? this : new(masks, states);
    }
}
