using System.Buffers.Binary;
using Osc.Agent.Reject;
using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Switch;
using Xunit;

namespace Osc.Agent.Tests.Reject;

public sealed class RejectResponderTests
{
    private static readonly PortName Bridge = PortName.Parse("br0");

    [Fact]
    public async Task Sender_is_answered_on_the_network_that_the_packet_came_in_on()
    {
        var openSwitch = new FakeSwitch();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = new RejectResponder(openSwitch).RunAsync(stop.Token);
        openSwitch.Receive(Packet(PipelineTable.Reject.Id, 0x1234));
        openSwitch.Receive(Packet(PipelineTable.Commit.Id, new FlowCookie(FlowPurpose.Pipeline, 0).Value));
        openSwitch.Receive(Packet(PipelineTable.Reject.Id, new FlowCookie(FlowPurpose.Pipeline, 0).Value));

        var (bridge, answer) = await openSwitch.Sent.Reader.ReadAsync(stop.Token);
        Assert.Equal(Bridge, bridge);
        Assert.Equal("set_field:0x7->reg7,set_field:0x1->reg10,resubmit(,50)", string.Join(',', answer.Actions));
        Assert.Equal(new byte[] { 2, 0, 0, 0, 0, 1 }, answer.Frame[..6].ToArray());
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.False(openSwitch.Sent.Reader.TryRead(out _), "packets of others, or of other tables, are not ours to answer");
    }

    private static PacketIn Packet(byte table, ulong cookie)
    {
        byte[] frame = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 7, 0, 7, 0, 8, 0, 0];
        Assert.Equal(28, BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(16)));
        return new(Bridge, table, cookie, new Dictionary<Field, UInt128> { [Registers.Network] = 7 }, frame);
    }
}
