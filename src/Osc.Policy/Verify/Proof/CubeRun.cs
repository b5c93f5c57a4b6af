using Osc.Flows;
using Osc.Model;

namespace Osc.Policy.Verify.Proof;

/// <summary>How a run through tables ended.</summary>
internal enum RunEnd
{
    /// <summary>No action was left: what was not sent is dropped.</summary>
    Done,

    /// <summary>It went on to a table where this run was to stop.</summary>
    Table,

    /// <summary>It went into connection tracking and comes back in a table.</summary>
    Tracking,

    /// <summary>It came to actions that depend on more than registers: those from <see cref="CubeLeaf.NextAction"/> on.</summary>
    Pending,

    /// <summary>Two flows of one priority match and do different things.</summary>
    Ambiguous,
}

/// <summary>A frame as it is sent: the tag and tunnel key that it was given, and what else was written to it.</summary>
internal sealed record SentFrame(PortName Port, uint Vlan, UInt128? Tunnel, string Written);

/// <summary>Packets that went the same way.</summary>
internal sealed record CubeLeaf(PacketCube Cube, RunEnd End)
{
    /// <summary>Where it goes on: of <see cref="RunEnd.Table"/> and <see cref="RunEnd.Tracking"/>.</summary>
    public byte Table { get; init; }

    public required uint[] Registers { get; init; }

    /// <summary>The tag that the frame has now; null: the one that it came with.</summary>
    public uint? Vlan { get; init; }

    public UInt128? Tunnel { get; init; }

    /// <summary>Header fields that were written, as text.</summary>
    public string Written { get; init; } = "";

    public ValueList<SentFrame> Sent { get; init; } = ValueList<SentFrame>.Empty;

    public Conntrack? Committed { get; init; }

    /// <summary>The conntrack zone that it was tracked or committed in.</summary>
    public ushort Zone { get; init; }

    public Flow? Last { get; init; }

    public int NextAction { get; init; }

    public bool IsUntagged => Vlan is { } tag ? tag == 0 : Cube.IsExactly(Field.VlanVid, 0);
}

/// <summary>Runs whole sets of packets through tables whose actions depend on nothing but registers.</summary>
internal sealed class CubeRun(Func<byte, CubeTable?> tables, Func<byte, bool> stopsAt)
{
    private const int MaxDepth = 64;

    public List<CubeLeaf> Run(byte table, PortName? port, CubeLeaf start)
    {
        var leaves = new List<CubeLeaf>();
        Enter(table, port, start, leaves, 0);
        return leaves;
    }

    private void Enter(byte table, PortName? port, CubeLeaf at, List<CubeLeaf> leaves, int depth)
    {
        if (tables(table) is not { } flows || depth > MaxDepth)
        {
            leaves.Add(at with { End = RunEnd.Done, Last = null });
            return;
        }

        foreach (var (cube, flow, rival) in flows.Find(port, at.Registers, at.Cube))
        {
            var here = at with { Cube = cube, Last = flow };
            if (rival is not null)
            {
                leaves.Add(here with { End = RunEnd.Ambiguous });
            }
            else if (flow is null)
            {
                leaves.Add(here with { End = RunEnd.Done });
            }
            else
            {
                Execute(flow, port, here with { Registers = [.. at.Registers] }, leaves, depth);
            }
        }
    }

    private void Execute(Flow flow, PortName? port, CubeLeaf at, List<CubeLeaf> leaves, int depth)
    {
        for (var i = 0; i < flow.Actions.Count; i++)
        {
            switch (flow.Actions[i])
            {
                case GotoTable next when stopsAt(next.Table):
                    leaves.Add(at with { End = RunEnd.Table, Table = next.Table });
                    return;
                case GotoTable next:
                    Enter(next.Table, port, at, leaves, depth + 1);
                    return;
                case Conntrack { Commit: false, Table: { } table } track:
                    leaves.Add(at with { End = RunEnd.Tracking, Table = table, Zone = ZoneOf(track, at.Registers) });
                    return;
                case Conntrack { Commit: true, Table: null } commit:
                    at = at with { Committed = commit, Zone = ZoneOf(commit, at.Registers) };
                    break;
                case Output output:
                    at = output.Port == port ? at : at with { Sent = [.. at.Sent, new(output.Port, at.Vlan ?? (uint)at.Cube.SampleOf(Field.VlanVid), at.Tunnel, at.Written)] };
                    break;
                case SetField set when Simple(set, at) is { } written:
                    at = written;
                    break;
                case Meter or ToController or LogPacket:
                    break; // to the agent, and no further
                case PushVlan:
                    at = at with { Vlan = 0x1000 };
                    break;
                case PopVlan:
                    at = at with { Vlan = 0 };
                    break;
                default:
                    leaves.Add(at with { End = RunEnd.Pending, NextAction = i });
                    return;
            }
        }

        leaves.Add(at with { End = RunEnd.Done });
    }

    private static CubeLeaf? Simple(SetField set, CubeLeaf at)
    {
        if (set.Field == Field.VlanVid)
        {
            return at with { Vlan = (uint)set.Value };
        }

        if (set.Field == Field.TunnelId)
        {
            return at with { Tunnel = set.Value };
        }

        if (set.Field.FirstRegister is not null || RegisterNumber.Of(set.Field) is not null)
        {
            var registers = (uint[])at.Registers.Clone();
            RegisterWrite.Apply(set, registers);
            return at with { Registers = registers };
        }

        return at with { Written = $"{at.Written} {set}" };
    }

    private static ushort ZoneOf(Conntrack track, uint[] registers) =>
        RegisterNumber.Of(track.Zone.Field) is { } register ? (ushort)(registers[register] >> track.Zone.Offset) : (ushort)0;
}

/// <summary>set_field on registers, wide ones included.</summary>
internal static class RegisterWrite
{
    public static void Apply(SetField set, uint[] registers)
    {
        var first = set.Field.FirstRegister ?? RegisterNumber.Of(set.Field) ?? throw new ArgumentException($"{set.Field} is no register");
        var count = int.Max(1, set.Field.Bits / 32);
        for (var i = 0; i < count; i++)
        {
            var shift = 32 * (count - 1 - i);
            registers[first + i] = (registers[first + i] & ~(uint)(set.Mask >> shift)) | (uint)(set.Value >> shift);
        }
    }
}
