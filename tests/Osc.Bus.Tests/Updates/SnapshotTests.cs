using CsCheck;
using Osc.Bus.Updates;
using Osc.Flows;
using Osc.Model;
using Xunit;

namespace Osc.Bus.Tests.Updates;

public sealed class SnapshotTests
{
    private static readonly HostFlows TwoChunks = SampleFlows.Of(7, ("br0", Enumerable.Range(0, 1_500)), ("br1", Enumerable.Range(0, 1_000)), ("br2", []));

    [Fact]
    public void A_snapshot_is_put_together_as_it_was_cut()
    {
        var chunks = SnapshotWriter.Split(TwoChunks, "u");
        var assembler = new SnapshotAssembler(SampleFlows.Host);
        Assert.Equal(2, chunks.Count);
        Assert.IsType<UpdateResult.Incomplete>(assembler.Add(chunks[0]));
        var complete = Assert.IsType<UpdateResult.Complete>(assembler.Add(chunks[1]));
        AssertSame(TwoChunks, complete.Flows);
    }

    [Fact]
    public void A_host_without_flows_is_one_chunk()
    {
        var chunks = SnapshotWriter.Split(SampleFlows.Of(1, ("br0", [])), "u");
        var complete = Assert.IsType<UpdateResult.Complete>(new SnapshotAssembler(SampleFlows.Host).Add(Assert.Single(chunks)));
        Assert.Equal("br0", Assert.Single(complete.Flows.Bridges).Bridge.Value);
    }

    [Fact]
    public void Long_flows_make_more_chunks_each_within_the_message_limit()
    {
        var flows = new HostFlows(SampleFlows.Host, new(1), [new(PortName.Parse("br0"), FlowSet.Of(Enumerable.Range(1, 60).Select(SampleFlows.LongFlow)))]);
        var chunks = SnapshotWriter.Split(flows, "u");
        Assert.True(chunks.Count > 1);
        Assert.All(chunks, c => Assert.Null(BusJson.DecodeControllerMessage(BusJson.Encode(new ControllerMessage { Host = "h1", Snapshot = c })).Error));
    }

    [Fact]
    public void A_missing_chunk_is_refused_and_the_rest_of_it_too()
    {
        var chunks = SnapshotWriter.Split(SampleFlows.Of(7, ("br0", Enumerable.Range(0, 7_000))), "u");
        var assembler = new SnapshotAssembler(SampleFlows.Host);
        assembler.Add(chunks[0]);
        Assert.Equal(RefusalReason.WrongBase, Assert.IsType<UpdateResult.Refused>(assembler.Add(chunks[2])).Reason);
        Assert.Equal(RefusalReason.WrongBase, Assert.IsType<UpdateResult.Refused>(assembler.Add(chunks[3])).Reason);
    }

    [Fact]
    public void A_chunk_of_another_snapshot_is_refused()
    {
        var assembler = new SnapshotAssembler(SampleFlows.Host);
        assembler.Add(SnapshotWriter.Split(TwoChunks, "u")[0]);
        var refused = Assert.IsType<UpdateResult.Refused>(assembler.Add(SnapshotWriter.Split(TwoChunks, "v")[1]));
        Assert.Equal("chunk 1 of another snapshot than 'u'", refused.Detail);
    }

    [Fact]
    public void A_newer_snapshot_takes_the_place_of_one_that_was_begun()
    {
        var assembler = new SnapshotAssembler(SampleFlows.Host);
        assembler.Add(SnapshotWriter.Split(TwoChunks, "u")[0]);
        var newer = SampleFlows.Of(8, ("br0", [5]));
        var complete = Assert.IsType<UpdateResult.Complete>(assembler.Add(SnapshotWriter.Split(newer, "v")[0]));
        AssertSame(newer, complete.Flows);
    }

    [Fact]
    public void A_chunk_that_comes_twice_counts_once()
    {
        var chunks = SnapshotWriter.Split(TwoChunks, "u");
        var assembler = new SnapshotAssembler(SampleFlows.Host);
        assembler.Add(chunks[0]);
        Assert.IsType<UpdateResult.Incomplete>(assembler.Add(chunks[0]));
        Assert.IsType<UpdateResult.Complete>(assembler.Add(chunks[1]));
        AssertSame(TwoChunks, Assert.IsType<UpdateResult.Complete>(assembler.Add(chunks[1])).Flows);
    }

    [Fact]
    public void Flows_that_do_not_add_up_to_the_digest_are_refused()
    {
        var chunk = SnapshotWriter.Split(SampleFlows.Of(1, ("br0", [1, 2])), "u")[0];
        var shorter = chunk with { Bridges = [chunk.Bridges[0] with { Flows = [chunk.Bridges[0].Flows[0]] }] };
        Assert.Equal(RefusalReason.WrongDigest, Assert.IsType<UpdateResult.Refused>(new SnapshotAssembler(SampleFlows.Host).Add(shorter)).Reason);
    }

    [Fact]
    public void A_line_that_is_no_flow_and_two_flows_of_one_key_are_malformed()
    {
        var chunk = SnapshotWriter.Split(SampleFlows.Of(1, ("br0", [1])), "u")[0];
        var flow = chunk.Bridges[0].Flows[0];
        foreach (var flows in new[] { new[] { "no flow" }, [flow, flow] })
        {
            var result = new SnapshotAssembler(SampleFlows.Host).Add(chunk with { Bridges = [new("br0", flows)] });
            Assert.Equal(RefusalReason.Malformed, Assert.IsType<UpdateResult.Refused>(result).Reason);
        }
    }

    /// <summary>Chunks of two snapshots in any order, doubled and dropped: what is completed is one of the two, whole.</summary>
    [Fact]
    public void An_assembler_completes_only_what_was_sent_whatever_the_order()
    {
        var first = SampleFlows.Of(1, ("br0", Enumerable.Range(0, 5_000)));
        var second = SampleFlows.Of(2, ("br0", Enumerable.Range(3, 5_000)));
        var chunks = SnapshotWriter.Split(first, "u").Concat(SnapshotWriter.Split(second, "v")).ToArray();
        Gen.Int[0, chunks.Length - 1].Array[1, 12].Sample(order =>
        {
            var assembler = new SnapshotAssembler(SampleFlows.Host);
            foreach (var index in order)
            {
                if (assembler.Add(chunks[index]) is UpdateResult.Complete complete)
                {
                    AssertSame(chunks[index].Update == "u" ? first : second, complete.Flows);
                }
            }
        }, iter: 30, threads: 1);
    }

    private static void AssertSame(HostFlows expected, HostFlows actual)
    {
        Assert.Equal(expected.Revision, actual.Revision);
        Assert.Equal(expected.Bridges.Select(b => b.Bridge), actual.Bridges.Select(b => b.Bridge));
        Assert.All(expected.Bridges.Zip(actual.Bridges), pair => Assert.Equal(pair.First.Flows.Select(f => f.ToString()), pair.Second.Flows.Select(f => f.ToString())));
    }
}
