using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;

namespace Osc.Scenarios;

/// <summary>Faults put into flows on purpose, of many kinds, each anywhere in the pipeline.</summary>
public static class PlantedFaults
{
    private delegate Flow[]? Fault(Random random, Flow flow, IReadOnlyList<Flow> all);

    private static readonly (string Name, Fault Plant)[] Kinds =
    [
        ("flow dropped", (_, _, _) => []),
        ("match dropped", DropMatch),
        ("mask widened", WidenMask),
        ("mask narrowed", NarrowMask),
        ("value changed", ChangeValue),
        ("actions swapped", SwapActions),
        ("priority changed", ChangePriority),
        ("action dropped", DropAction),
        ("number written changed", ChangeNumber),
        ("goto changed", ChangeGoto),
        ("output changed", ChangeOutput),
        ("drops instead", (_, flow, _) => flow.Actions.Count == 0 || flow.Actions[0] is Conjunction ? null : [flow with { Actions = ValueList<FlowAction>.Empty }]),
        ("passes instead", PassInstead),
        ("commit changed", ChangeCommit),
        ("conjunction clause changed", ChangeClause),
        ("labels swapped", SwapLabels),
    ];

    public static IReadOnlyList<string> Names => [.. Kinds.Select(k => k.Name)];

    /// <summary>The flows with one fault of a kind, in a flow of a table chosen at random; null where there is no flow that it can be planted in.</summary>
    public static (FlowSet Flows, string What)? Plant(string kind, Random random, FlowSet flows)
    {
        var plant = Kinds.First(k => k.Name == kind).Plant;
        var tables = flows.Select(f => f.Table).Distinct().ToArray();
        var all = flows.ToArray();
        for (var attempt = 0; attempt < 60; attempt++)
        {
            var table = tables[random.Next(tables.Length)];
            var candidates = Array.FindAll(all, f => f.Table == table);
            var flow = candidates[random.Next(candidates.Length)];
            if (plant(random, flow, all) is not { } instead || instead is [var same] && same.Equals(flow))
            {
                continue;
            }

            var gone = instead.Select(f => f.Key).Append(flow.Key).ToHashSet();
            if (instead.Length < 2 && all.Count(f => gone.Contains(f.Key)) > 1)
            {
                continue; // its place is taken
            }

            return (FlowSet.Of([.. all.Where(f => !gone.Contains(f.Key)), .. instead]), $"{flow} -> {string.Join(" and ", instead.Select(f => f.ToString()))}");
        }

        return null;
    }

    private static Flow[]? DropMatch(Random random, Flow flow, IReadOnlyList<Flow> all)
    {
        var count = flow.Match.Fields.Length + (flow.Match.InPort is null ? 0 : 1);
        if (count == 0)
        {
            return null;
        }

        var left = random.Next(count);
        return left == flow.Match.Fields.Length ? [flow with { Match = Rebuild(null, flow.Match, (_, f) => f) }] : [With(flow, (i, f) => i == left ? null : f)];
    }

    private static Flow[]? WidenMask(Random random, Flow flow, IReadOnlyList<Flow> all) => OnField(random, flow, field =>
    {
        var bit = UInt128.One << random.Next(field.Field.Bits);
        return (field.Mask & bit) == 0 || field.Mask == bit || !IsRegular(field, field.Mask & ~bit) ? null : field with { Mask = field.Mask & ~bit, Value = field.Value & ~bit };
    });

    private static Flow[]? NarrowMask(Random random, Flow flow, IReadOnlyList<Flow> all) => OnField(random, flow, field =>
    {
        var bit = UInt128.One << random.Next(field.Field.Bits);
        return (field.Mask & bit) != 0 || field.Field.Format == FieldFormat.CtState || !IsRegular(field, field.Mask | bit) ? null : field with { Mask = field.Mask | bit, Value = field.Value | (random.Next(2) == 0 ? bit : 0) };
    });

    private static Flow[]? ChangeValue(Random random, Flow flow, IReadOnlyList<Flow> all) => OnField(random, flow, field =>
    {
        var bit = UInt128.One << random.Next(field.Field.Bits);
        return (field.Mask & bit) == 0 ? null : field with { Value = field.Value ^ bit };
    });

    private static Flow[]? SwapActions(Random random, Flow flow, IReadOnlyList<Flow> all)
    {
        var others = all.Where(f => f.Table == flow.Table && f.Priority != flow.Priority && !f.Actions.Equals(flow.Actions)).ToArray();
        var other = others.Length == 0 ? null : others[random.Next(others.Length)];
        return other is null ? null : [flow with { Actions = other.Actions }, other with { Actions = flow.Actions }];
    }

    private static Flow[]? ChangePriority(Random random, Flow flow, IReadOnlyList<Flow> all)
    {
        var others = all.Where(f => f.Table == flow.Table).Select(f => f.Priority).Distinct().ToArray();
        var priority = Math.Clamp(others[random.Next(others.Length)] + random.Next(3) - 1, 0, ushort.MaxValue);
        return priority == flow.Priority ? null : [flow with { Priority = (ushort)priority }];
    }

    private static Flow[]? DropAction(Random random, Flow flow, IReadOnlyList<Flow> all)
    {
        if (flow.Actions.Count < 2)
        {
            return null;
        }

        var left = random.Next(flow.Actions.Count);
        return [flow with { Actions = [.. flow.Actions.Where((_, i) => i != left)] }];
    }

    private static Flow[]? ChangeNumber(Random random, Flow flow, IReadOnlyList<Flow> all) => OnAction(flow, action =>
        action is SetField set && set.Mask == set.Field.FullMask ? new SetField(set.Field, (set.Value + 1 + (uint)random.Next(2)) & set.Mask, set.Mask) : null);

    private static Flow[]? ChangeGoto(Random random, Flow flow, IReadOnlyList<Flow> all) => OnAction(flow, action =>
    {
        var later = PipelineTable.All.Select(t => t.Id).Where(t => t > flow.Table).ToArray();
        return action is GotoTable next && later.Length > 1 && later[random.Next(later.Length)] is var other && other != next.Table ? new GotoTable(other) : null;
    });

    private static Flow[]? ChangeOutput(Random random, Flow flow, IReadOnlyList<Flow> all)
    {
        var ports = all.SelectMany(f => f.Actions).OfType<Output>().Distinct().ToArray();
        return OnAction(flow, action => action is Output output && ports.Length > 1 && ports[random.Next(ports.Length)] is var other && other != output ? other : null);
    }

    private static Flow[]? PassInstead(Random random, Flow flow, IReadOnlyList<Flow> all)
    {
        var passing = all.Where(f => f.Table == flow.Table && f.Actions.Count > 0 && f.Actions[^1] is GotoTable).ToArray();
        return flow.Actions.Count > 0 || passing.Length == 0 ? null : [flow with { Actions = passing[random.Next(passing.Length)].Actions }];
    }

    private static Flow[]? ChangeCommit(Random random, Flow flow, IReadOnlyList<Flow> all) => OnAction(flow, action =>
        action is not Conntrack ct ? null
        : !ct.Commit ? ct with { Zone = new(Registers.Network, 0, 16) }
        : random.Next(3) switch
        {
            0 => ct with { Exec = [.. ct.Exec.Skip(1)] },
            1 => ct with { Exec = [.. ct.Exec.Select(e => e is SetField set ? new SetField(set.Field, set.Value + 1) : e)] },
            _ => ct with { Zone = new(Registers.Network, 0, 16) },
        });

    private static Flow[]? ChangeClause(Random random, Flow flow, IReadOnlyList<Flow> all) => OnAction(flow, action =>
        action is Conjunction clause ? new Conjunction(clause.Id + (uint)random.Next(2), (byte)((clause.Clause % clause.Clauses) + 1), clause.Clauses) : null);

    /// <summary>Two rules' flows each write the number of the other into what becomes the label.</summary>
    private static Flow[]? SwapLabels(Random random, Flow flow, IReadOnlyList<Flow> all)
    {
        if (LabelOf(flow) is not { } label)
        {
            return null;
        }

        var others = all.Where(f => f.Table == flow.Table && LabelOf(f) is { } found && found.Field == label.Field && found.Value != label.Value).ToArray();
        if (others.Length == 0)
        {
            return null;
        }

        var other = others[random.Next(others.Length)];
        return [Labelled(flow, LabelOf(other)!), Labelled(other, label)]; // others have one

        static SetField? LabelOf(Flow flow) => flow.Actions.OfType<SetField>().FirstOrDefault(s => s.Field == Registers.OutRule || s.Field == Registers.InRule);

        static Flow Labelled(Flow flow, SetField label) => flow with { Actions = [.. flow.Actions.Select(a => a is SetField set && set.Field == label.Field ? label : a)] };
    }

    /// <summary>Whether the mask is one that the verifier undertakes to prove: with at most 12 free bits above its lowest fixed one.</summary>
    private static bool IsRegular(FieldMatch field, UInt128 mask)
    {
        var above = ~mask & field.Field.FullMask & ~((mask & (~mask + 1)) - 1);
        return field.Field.Name.StartsWith("reg", StringComparison.Ordinal) || UInt128.PopCount(above) <= 12;
    }

    private static Flow[]? OnField(Random random, Flow flow, Func<FieldMatch, FieldMatch?> change)
    {
        if (flow.Match.Fields.Length == 0)
        {
            return null;
        }

        var place = random.Next(flow.Match.Fields.Length);
        return change(flow.Match.Fields[place]) is { } changed ? [With(flow, (i, f) => i == place ? changed : f)] : null;
    }

    private static Flow[]? OnAction(Flow flow, Func<FlowAction, FlowAction?> change)
    {
        for (var i = 0; i < flow.Actions.Count; i++)
        {
            if (change(flow.Actions[i]) is { } changed)
            {
                return [flow with { Actions = [.. flow.Actions.Select((a, at) => at == i ? changed : a)] }];
            }
        }

        return null;
    }

    private static Flow With(Flow flow, Func<int, FieldMatch, FieldMatch?> change) => flow with { Match = Rebuild(flow.Match.InPort, flow.Match, change) };

    private static Match Rebuild(PortName? port, Match match, Func<int, FieldMatch, FieldMatch?> change)
    {
        var rebuilt = port is { } named ? Match.OnPort(named) : Match.Any;
        for (var i = 0; i < match.Fields.Length; i++)
        {
            rebuilt = change(i, match.Fields[i]) is { } field ? rebuilt.With(field.Field, field.Value, field.Mask) : rebuilt;
        }

        return rebuilt;
    }
}
