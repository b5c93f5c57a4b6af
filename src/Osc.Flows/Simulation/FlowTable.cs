namespace Osc.Flows.Simulation;

/// <summary>
/// The flows of one table, by falling priority, and the lookup of Open vSwitch's classifier (lib/classifier.c; ovs-fields(7),
/// "Conjunctive match fields"): the highest priority at which a flow matches directly, or at which every clause of a
/// conjunction has a flow that matches; then the table is searched again with conj_id set.
/// </summary>
internal sealed class FlowTable
{
    private readonly Entry[] entries;

    /// <param name="number">The table's number.</param>
    /// <param name="flows">Its flows, in any order.</param>
    /// <param name="ports">The number that the simulator gave each port.</param>
    public FlowTable(byte number, IEnumerable<Flow> flows, Func<Osc.Model.PortName, int> ports)
    {
        Number = number;
        entries = [.. flows.OrderByDescending(f => f.Priority).Select(f => new Entry(f, f.Match.InPort is { } port ? ports(port) : null))];
    }

    public byte Number { get; }

    public TraceStep Find(PacketState packet, int inPort)
    {
        Clauses? clauses = null;
        for (var i = 0; i < entries.Length;)
        {
            var priority = entries[i].Flow.Priority;
            Flow? direct = null;
            Flow? rival = null;
            clauses?.Clear();
            for (; i < entries.Length && entries[i].Flow.Priority == priority; i++)
            {
                ref readonly var entry = ref entries[i];
                if (!entry.Matches(packet, inPort))
                {
                    continue;
                }

                if (entry.Clauses.Length > 0)
                {
                    (clauses ??= new()).Add(entry.Clauses);
                }
                else if (direct is null)
                {
                    direct = entry.Flow;
                }
                else if (!direct.Actions.Equals(entry.Flow.Actions))
                {
                    rival ??= entry.Flow;
                }
            }

            if (direct is not null)
            {
                return new(Number, direct, rival);
            }

            if (clauses is not null && FindConjunctive(packet, inPort, clauses) is { } found)
            {
                return found;
            }
        }

        return new(Number, null, null);
    }

    private TraceStep? FindConjunctive(PacketState packet, int inPort, Clauses clauses)
    {
        TraceStep? first = null;
        foreach (var id in clauses.CompleteIds())
        {
            packet.SetConjunction(id);
            var found = FindDirect(packet, inPort);
            packet.SetConjunction(0);
            if (found is null)
            {
                continue;
            }

            if (first is not { } step)
            {
                first = new(Number, found, null);
            }
            else if (!step.Flow!.Actions.Equals(found.Actions))
            {
                return step with { Rival = found };
            }
        }

        return first;
    }

    private Flow? FindDirect(PacketState packet, int inPort)
    {
        foreach (ref readonly var entry in entries.AsSpan())
        {
            if (entry.Clauses.Length == 0 && entry.Matches(packet, inPort))
            {
                return entry.Flow;
            }
        }

        return null;
    }

    /// <summary>A flow made ready for comparison.</summary>
    private readonly struct Entry
    {
        private readonly int? inPort;
        private readonly UInt128 needed;
        private readonly (int Index, UInt128 Value, UInt128 Mask)[] fields;

        public Entry(Flow flow, int? inPort)
        {
            Flow = flow;
            this.inPort = inPort;
            fields = new (int, UInt128, UInt128)[flow.Match.Fields.Length];
            for (var i = 0; i < fields.Length; i++)
            {
                var field = flow.Match.Fields[i];
                fields[i] = (field.Field.Index, field.Value, field.Mask);
                needed |= FieldPresence.Bit(field.Field);
            }

            Clauses = [.. flow.Actions.OfType<Conjunction>()];
        }

        public Flow Flow { get; }

        public Conjunction[] Clauses { get; }

        public bool Matches(PacketState packet, int port)
        {
            if ((inPort is { } wanted && wanted != port) || (packet.Present & needed) != needed)
            {
                return false;
            }

            foreach (ref readonly var field in fields.AsSpan())
            {
                if ((packet[field.Index] & field.Mask) != field.Value)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Which clauses of which conjunctions were met at one priority.</summary>
    private sealed class Clauses
    {
        private readonly Dictionary<uint, (ulong Met, byte Of)> conjunctions = [];

        public void Clear() => conjunctions.Clear();

        public void Add(Conjunction[] clauses)
        {
            foreach (var clause in clauses)
            {
                var met = conjunctions.GetValueOrDefault(clause.Id).Met | (1UL << (clause.Clause - 1));
                conjunctions[clause.Id] = (met, clause.Clauses);
            }
        }

        public IEnumerable<uint> CompleteIds()
        {
            foreach (var (id, (met, of)) in conjunctions)
            {
                if (met == ulong.MaxValue >> (64 - of))
                {
                    yield return id;
                }
            }
        }
    }
}
