using System.Buffers.Binary;
using System.Net;
using CsCheck;
using Osc.Agent.Reject;
using Xunit;

namespace Osc.Agent.Tests.Reject;

public sealed class RejectAnswerTests
{
    private const byte Fin = 1;
    private const byte Syn = 2;
    private const byte Rst = 4;
    private const byte Ack = 16;

    private static readonly (IPAddress From, IPAddress To)[] Ends =
        [(IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.0.0.2")), (IPAddress.Parse("2001:db8::1"), IPAddress.Parse("2001:db8::2"))];

    public static TheoryData<int> Families => [0, 1];

    [Theory]
    [MemberData(nameof(Families))]
    public void Tcp_that_opens_is_reset_with_its_number_acknowledged(int family)
    {
        var answer = Answer(family, 6, Tcp(Syn, 0xffffffff, 77, "hello"));
        Assert.Equal((443, 5000, 0u, 5u, (byte)(Rst | Ack)), SegmentOf(answer));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Tcp_in_the_middle_is_reset_at_the_number_that_it_expects(int family)
    {
        var answer = Answer(family, 6, Tcp(Ack | Fin, 1_000, 4_711, "hello"));
        Assert.Equal((443, 5000, 4_711u, 0u, Rst), SegmentOf(answer));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Other_protocols_hear_that_it_is_prohibited_with_the_packet_quoted(int family)
    {
        var frame = Frame(family, 17, [0x13, 0x88, 0, 53, 0, 9, 0, 0, 65]);
        var answer = Assert.IsType<byte[]>(RejectAnswer.To(frame));
        var message = answer.AsSpan(14 + HeaderOf(family));
        Assert.Equal(family == 0 ? [3, 13] : [1, 1], message[..2].ToArray());
        Assert.Equal(frame[14..], message[8..].ToArray());
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Long_packet_is_quoted_as_far_as_everyone_can_take_it(int family) =>
        Assert.Equal(14 + (family == 0 ? 576 : 1280), Answer(family, 17, new byte[1_400]).Length);

    [Fact]
    public void Echo_requests_are_answered_and_errors_are_not()
    {
        Assert.NotNull(RejectAnswer.To(Frame(0, 1, [8, 0, 0, 0, 0, 0, 0, 0])));
        Assert.Null(RejectAnswer.To(Frame(0, 1, [3, 1, 0, 0, 0, 0, 0, 0])));
        Assert.NotNull(RejectAnswer.To(Frame(1, 58, [128, 0, 0, 0, 0, 0, 0, 0])));
        Assert.Null(RejectAnswer.To(Frame(1, 58, [1, 4, 0, 0, 0, 0, 0, 0])));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Reset_is_not_answered(int family) => Assert.Null(RejectAnswer.To(Frame(family, 6, Tcp(Rst, 1, 0, ""))));

    [Fact]
    public void Later_fragments_and_packets_to_many_are_not_answered()
    {
        var later = Frame(0, 17, new byte[16]);
        later[14 + 7] = 1;
        Assert.Null(RejectAnswer.To(later));
        byte[] fragment = [17, 0, 0, 8, 0, 0, 0, 1, .. new byte[8]];
        Assert.Null(RejectAnswer.To(Frame(1, 44, fragment)));
        fragment[3] = 1;
        Assert.NotNull(RejectAnswer.To(Frame(1, 44, fragment)));

        var toMany = Frame(0, 17, new byte[16]);
        toMany[14 + 16] = 224;
        Assert.Null(RejectAnswer.To(toMany));
        var toAll = Frame(0, 17, new byte[16]);
        toAll.AsSpan(0, 6).Fill(0xff);
        Assert.Null(RejectAnswer.To(toAll));
    }

    [Fact]
    public void Padding_of_the_frame_is_no_part_of_the_packet() =>
        Assert.Equal((443, 5000, 0u, 2u, (byte)(Rst | Ack)), SegmentOf(Assert.IsType<byte[]>(RejectAnswer.To([.. Frame(0, 6, Tcp(Syn, 1, 0, "")), .. new byte[6]]))));

    [Fact]
    public void Answers_go_back_the_way_with_right_checksums() =>
        Gen.Select(Gen.Int[0, 1], Gen.Int[0, 4].Select(i => new byte[] { 1, 6, 17, 58, 132 }[i]), Gen.Byte.Array[0, 600]).Sample((family, protocol, payload) =>
        {
            var frame = Frame(family, protocol, payload);
            if (RejectAnswer.To(frame) is { } answer)
            {
                Assert.Equal(frame[..6], answer[6..12]);
                Assert.Equal(frame[6..12], answer[..6]);
                AssertChecksums(family, answer);
            }
        });

    [Fact]
    public void Whatever_bytes_come_nothing_breaks() => Gen.Byte.Array[0, 120].Sample(bytes =>
    {
        _ = RejectAnswer.To(bytes);
        _ = RejectAnswer.To([.. new byte[12], 0x08, 0x00, 0x45, .. bytes]);
        _ = RejectAnswer.To([.. new byte[12], 0x86, 0xdd, 0x60, .. bytes]);
    });

    private static byte[] Answer(int family, byte protocol, byte[] payload) => Assert.IsType<byte[]>(RejectAnswer.To(Frame(family, protocol, payload)));

    private static int HeaderOf(int family) => family == 0 ? 20 : 40;

    private static byte[] Frame(int family, byte protocol, byte[] payload)
    {
        var (from, to) = Ends[family];
        byte[] macs = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
        var length = payload.Length + (family == 0 ? 20 : 0);
        byte[] lengthBytes = [(byte)(length >> 8), (byte)length];
        return family == 0
            ? [.. macs, 8, 0, 0x45, 0, .. lengthBytes, 0, 0, 0, 0, 64, protocol, 0, 0, .. from.GetAddressBytes(), .. to.GetAddressBytes(), .. payload]
            : [.. macs, 0x86, 0xdd, 0x60, 0, 0, 0, .. lengthBytes, protocol, 64, .. from.GetAddressBytes(), .. to.GetAddressBytes(), .. payload];
    }

    private static byte[] Tcp(byte flags, uint sequence, uint acknowledged, string data)
    {
        var segment = new byte[20 + data.Length];
        BinaryPrimitives.WriteUInt16BigEndian(segment, 5000);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), 443);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(4), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(8), acknowledged);
        (segment[12], segment[13]) = (5 << 4, flags);
        System.Text.Encoding.ASCII.GetBytes(data).CopyTo(segment, 20);
        return segment;
    }

    private static (int Source, int Destination, uint Sequence, uint Acknowledged, byte Flags) SegmentOf(byte[] frame)
    {
        var family = frame[12] == 8 ? 0 : 1;
        AssertChecksums(family, frame);
        var segment = frame.AsSpan(14 + HeaderOf(family));
        return (
            BinaryPrimitives.ReadUInt16BigEndian(segment),
            BinaryPrimitives.ReadUInt16BigEndian(segment[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(segment[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(segment[8..]),
            segment[13]);
    }

    /// <summary>A sum over everything that a checksum covers, the checksum with it, is 0 modulo 0xffff (RFC 1071).</summary>
    private static void AssertChecksums(int family, byte[] frame)
    {
        var header = frame[14..(14 + HeaderOf(family))];
        var body = frame[(14 + HeaderOf(family))..];
        var protocol = header[family == 0 ? 9 : 6];
        var addresses = family == 0 ? header[12..] : header[8..];
        if (family == 0)
        {
            Assert.Equal(0, Words(header) % 0xffff);
        }

        byte[] pseudo = protocol == 1 ? [] : [.. addresses, 0, protocol, (byte)(body.Length >> 8), (byte)body.Length];
        Assert.Equal(0, Words([.. pseudo, .. body]) % 0xffff);
    }

    private static int Words(byte[] bytes) => bytes.Chunk(2).Sum(w => (w[0] << 8) | (w.Length > 1 ? w[1] : 0));
}
