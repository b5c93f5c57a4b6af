using Osc.Flows;
using Osc.Flows.Pipeline;
using static Osc.Policy.Compile.Terms;

namespace Osc.Policy.Compile;

/// <summary>
/// ICMP errors of local ports: who reports a packet must be who it was sent to. One that goes as replies do reports a packet of the
/// connection's first direction, which its destination received. A flow cannot compare two fields, so the spoof guard, which knows each
/// port's addresses, is asked once more, with that destination in the source's place:
/// <code>
/// Connection: +rel+rpl, from a local port, not asked -> source saved, ct_nw_dst written over it -> SpoofGuard
/// SpoofGuard: not an address of the port -> dropped
/// Dispatch:   asked -> source restored -> Connection
/// </code>
/// One in the first direction reports an answer. There Open vSwitch lets no action read the connection's addresses (is_ct_valid()
/// in its lib/flow.h, since the state is +rel and nothing else), so nobody can be asked: not the guard, and not policy.
/// </summary>
internal sealed class ErrorFlows(FlowBuilder flows)
{
    private const uint Related = 0x04;
    private const uint Reply = 0x08;
    private const uint Invalid = 0x10;
    private const uint Tracked = 0x20;
    private const uint Asked = Registers.FromLocal | Registers.ReceiverAsked;

    public void Add()
    {
        Ask(IPv4, Field.Ipv4Src, Field.CtNwDst, Registers.AddressLow);
        Ask(IPv6, Field.Ipv6Src, Field.CtIpv6Dst, Registers.Address);
        flows.Add(PipelineTable.Connection, 94, Errors(0).With(Registers.Flags, Registers.FromLocal, Registers.FromLocal), PipelineCookie);
        flows.Add(PipelineTable.Classify, 30, Errors(0), PipelineCookie);
    }

    /// <param name="direction">0, or <see cref="Reply"/>.</param>
    private static Match Errors(uint direction) => Match.Any.With(Field.CtState, Tracked | Related | direction, Tracked | Invalid | Related | Reply);

    private void Ask(ushort family, Field source, Field receiver, Field saved)
    {
        flows.Add(
            PipelineTable.Connection,
            94,
            Errors(Reply).With(Field.EthType, family).With(Registers.Flags, Registers.FromLocal, Asked),
            PipelineCookie,
            new SetField(Registers.Flags, Registers.ReceiverAsked, Registers.ReceiverAsked), Copy(source, saved), Copy(receiver, source), new Resubmit(PipelineTable.SpoofGuard.Id));
        flows.Add(
            PipelineTable.Dispatch,
            320,
            Match.Any.With(Field.EthType, family).With(Registers.Flags, Registers.ReceiverAsked, Registers.ReceiverAsked),
            PipelineCookie,
            Copy(saved, source), Set(saved, 0), To(PipelineTable.Connection));
    }
}
