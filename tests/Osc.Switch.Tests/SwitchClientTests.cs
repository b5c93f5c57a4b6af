using System.Collections.Concurrent;
using Osc.Flows;
using Osc.Switch.OpenFlow;
using Osc.Switch.Reconcile;
using Xunit;

namespace Osc.Switch.Tests;

/// <summary>What a client makes of switches that misbehave.</summary>
public sealed class SwitchClientTests
{
    private static readonly FlowSet Desired = FlowSet.Of(Enumerable.Range(0, 2000)
        .Select(i => FlowTextParser.Parse($"cookie=0x{new FlowCookie(FlowPurpose.Rule, 1).Value:x},table=1,priority={i},actions=resubmit(,2)")));

    [Fact]
    public async Task A_connection_that_closes_in_the_middle_of_a_bundle_is_an_outcome()
    {
        var seen = 0;
        await using var fake = new FakeSwitch((type, request) => type == MessageType.MultipartRequest ? FakeSwitch.NoFlows(request)
            : type == MessageType.BundleAdd && ++seen == 700 ? null
            : []);
        var outcome = await ReconcileAsync(fake);
        Assert.Equal(ReconcileStatus.Unavailable, outcome.Status);
        Assert.Contains("br0.mgmt", outcome.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_closes_instead_of_committing_is_an_outcome()
    {
        await using var fake = new FakeSwitch((type, request) => type switch
        {
            MessageType.MultipartRequest => FakeSwitch.NoFlows(request),
            MessageType.BundleControl when request[13] == 2 => FakeSwitch.Message(MessageType.BundleControl, request, 0, 0, 0, 1, 0, 3, 0, 3),
            MessageType.BundleControl when request[13] == 4 => null,
            _ => [],
        });
        Assert.Equal(ReconcileStatus.Unavailable, (await ReconcileAsync(fake)).Status);
    }

    [Fact]
    public async Task A_bundle_that_cannot_be_opened_is_refused_with_the_switchs_error()
    {
        await using var fake = new FakeSwitch((type, request) => type switch
        {
            MessageType.MultipartRequest => FakeSwitch.NoFlows(request),
            MessageType.BundleControl when request[13] == 0 => FakeSwitch.Message(MessageType.Error, request, 0, 17, 0, 5),
            MessageType.BarrierRequest => FakeSwitch.Message(MessageType.BarrierReply, request),
            _ => [],
        });
        var outcome = await ReconcileAsync(fake);
        Assert.Equal((ReconcileStatus.Refused, "the switch refused the bundle of 2000 changes: OFPBFC_OUT_OF_BUNDLES"), (outcome.Status, outcome.Detail));
    }

    [Theory]
    [InlineData("58 bytes wanted where 2 are left", new byte[] { 0, 1, 0, 0, 0, 0, 0, 0, 0, 60, 1, 2 })]
    [InlineData("-1 bytes wanted where 0 are left", new byte[] { 0, 1, 0, 0, 0, 0, 0, 0, 0, 1 })]
    [InlineData("a flow entry is cut short: 1 bytes wanted", new byte[] { 0, 1, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0 })]
    [InlineData("2 bytes wanted where 1 are left", new byte[] { 0 })]
    public async Task A_malformed_dump_is_an_outcome_that_says_so(string text, byte[] body)
    {
        await using var fake = new FakeSwitch((type, request) => type == MessageType.MultipartRequest ? FakeSwitch.Message(MessageType.MultipartReply, request, body) : []);
        var outcome = await ReconcileAsync(fake);
        Assert.Equal(ReconcileStatus.Unavailable, outcome.Status);
        Assert.Contains("malformed MultipartReply message", outcome.Detail, StringComparison.Ordinal);
        Assert.Contains(text, outcome.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_shorter_than_its_header_is_an_outcome()
    {
        await using var fake = new FakeSwitch((_, _) => [6, 19, 0, 3, 0, 0, 0, 0]);
        var outcome = await ReconcileAsync(fake);
        Assert.Equal(ReconcileStatus.Unavailable, outcome.Status);
        Assert.EndsWith("a message of 3 bytes", outcome.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_switch_of_an_older_protocol_is_refused_by_name()
    {
        await using var fake = new FakeSwitch((_, _) => [], version: 4);
        Assert.Contains("does not speak OpenFlow 1.5", (await ReconcileAsync(fake)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_switch_that_hangs_is_probed_and_then_given_up()
    {
        var asked = new ConcurrentBag<MessageType>();
        await using var fake = new FakeSwitch((type, _) =>
        {
            asked.Add(type);
            return [];
        });
        var outcome = await ReconcileAsync(fake, new SwitchTiming(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(1500)));
        Assert.Equal(ReconcileStatus.Unavailable, outcome.Status);
        Assert.Contains("has not answered", outcome.Detail, StringComparison.Ordinal);
        Assert.Contains(MessageType.EchoRequest, asked);
    }

    [Fact]
    public async Task An_echo_request_is_answered_with_its_own_bytes()
    {
        var answered = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var fake = new FakeSwitch((type, request) =>
        {
            if (type == MessageType.EchoReply)
            {
                answered.TrySetResult(request[8..]);
                return null;
            }

            return FakeSwitch.Message(MessageType.EchoRequest, request, 1, 2, 3);
        });
        Assert.Equal(ReconcileStatus.Unavailable, (await ReconcileAsync(fake)).Status);
        Assert.Equal([1, 2, 3], await answered.Task);
    }

    [Fact]
    public async Task A_cancelled_call_ends_and_the_next_one_starts_afresh()
    {
        var dumps = 0;
        using var cancel = new CancellationTokenSource();
        await using var fake = new FakeSwitch((type, request) =>
        {
            if (type == MessageType.MultipartRequest && ++dumps == 1)
            {
                cancel.Cancel();
                return [];
            }

            return type == MessageType.MultipartRequest ? FakeSwitch.NoFlows(request) : [];
        });
        await using var client = new SwitchClient(fake.Sockets);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.ReconcileAsync(FakeSwitch.Bridge, FlowSet.Empty, PortBinding.Empty, cancel.Token));
        Assert.True((await client.ReconcileAsync(FakeSwitch.Bridge, FlowSet.Empty, PortBinding.Empty, CancellationToken.None)).FoundRight);
    }

    [Fact]
    public async Task A_flow_with_a_foreign_cookie_is_refused()
    {
        await using var fake = new FakeSwitch((type, request) => type == MessageType.MultipartRequest ? FakeSwitch.NoFlows(request) : []);
        await using var client = new SwitchClient(fake.Sockets);
        var flow = FlowTextParser.Parse("cookie=0x1,table=1,priority=1,actions=drop");
        var outcome = await client.ReconcileAsync(FakeSwitch.Bridge, FlowSet.Of([flow]), PortBinding.Empty, CancellationToken.None);
        Assert.Equal((ReconcileStatus.Refused, flow), (outcome.Status, Assert.Single(outcome.Refused).Flow));
    }

    private static async Task<ReconcileOutcome> ReconcileAsync(FakeSwitch fake, SwitchTiming? timing = null)
    {
        await using var client = new SwitchClient(fake.Sockets, timing);
        return await client.ReconcileAsync(FakeSwitch.Bridge, Desired, PortBinding.Empty, CancellationToken.None);
    }
}
