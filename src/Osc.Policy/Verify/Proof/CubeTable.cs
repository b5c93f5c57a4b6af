using Osc.Flows;
using Osc.Model;

namespace Osc.Policy.Verify.Proof;

/// <summary>
/// One table's flows for packets whose registers are known: lookups of whole sets of packets. Flows that take part in a
/// conjunction match nothing here; where they may, in the tiers, <see cref="TierRules"/> looks up.
/// </summary>
internal sealed class CubeTable
{
    private readonly Flow[] flows;
    private readonly Dictionary<PortName, CubeList<Flow>> byPort = [];
    private readonly CubeList<Flow> ofAnyPort;

    public CubeTable(IEnumerable<Flow> flows)
    {
        this.flows = [.. flows.Where(f => (f.Match.Find(Field.ConjunctionId) is not { } id || id.Matches(0)) && !f.Actions.Any(a => a is Conjunction)).OrderByDescending(f => f.Priority)];
        ofAnyPort = ListOf(null);
        foreach (var port in this.flows.Select(f => f.Match.InPort).OfType<PortName>().Distinct())
        {
            byPort.Add(port, ListOf(port));
        }
    }

    /// <summary>What packets in these registers, from a port, meet here.</summary>
    /// <param name="port">null: a port that nothing names.</param>
    public IEnumerable<(PacketCube Cube, Flow? Flow, Flow? Rival)> Find(PortName? port, uint[] registers, PacketCube packets)
    {
        var list = port is { } named ? byPort.GetValueOrDefault(named, ofAnyPort) : ofAnyPort;
        foreach (var (cube, entry) in list.Split(packets, i => Holds(list[i], registers)))
        {
            if (entry < 0)
            {
                yield return (cube, null, null);
                continue;
            }

            var rival = Rival(list, entry, registers, cube);
            yield return (rival?.Cube ?? cube, list[entry], rival?.Flow);
            if (rival is not null)
            {
                yield return (cube, list[entry], null);
            }
        }
    }

    private static (PacketCube Cube, Flow Flow)? Rival(CubeList<Flow> list, int entry, uint[] registers, PacketCube cube)
    {
        for (var other = entry + 1; other < list.Count && list[other].Priority == list[entry].Priority; other++)
        {
            if (!list[other].Actions.Equals(list[entry].Actions) && Holds(list[other], registers) && list.Inside(other, cube) is { } both)
            {
                return (both, list[other]);
            }
        }

        return null;
    }

    private static bool Holds(Flow flow, uint[] registers)
    {
        foreach (var field in flow.Match.Fields)
        {
            if (RegisterNumber.Of(field.Field) is { } register && !field.Matches(registers[register]))
            {
                return false;
            }
        }

        return true;
    }

    private CubeList<Flow> ListOf(PortName? port) =>
        new([.. flows.Where(f => f.Match.InPort is null || f.Match.InPort == port).Select(f => (ConstraintsOf(f.Match), f))]);

    private static Constraint[] ConstraintsOf(Match match)
    {
        var constraints = new List<Constraint>();
        foreach (var field in match.Fields)
        {
            if (RegisterNumber.Of(field.Field) is null && field.Field != Field.ConjunctionId)
            {
                constraints.AddRange(Prerequisites.Of(field.Field));
                constraints.Add(Constraint.Of(field));
            }
        }

        return [.. constraints];
    }
}

/// <summary>reg0 to reg15 by number.</summary>
internal static class RegisterNumber
{
    private static readonly int First = Field.Registers[0].Index;

    public static int? Of(Field field) => field.Index >= First && field.Index < First + Field.Registers.Count ? field.Index - First : null;
}
