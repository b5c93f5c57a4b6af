namespace Osc.Switch.OpenFlow;

/// <summary>Reads the numbers of a bridge's meters (OpenFlow 1.5.1 section 7.3.5.14, OFPMP_METER_DESC).</summary>
internal sealed class MeterDump : IReplyReader
{
    private const ushort More = 1;
    private const uint AllMeters = uint.MaxValue;

    private readonly uint transaction;
    private readonly List<uint> meters = [];
    private readonly TaskCompletionSource<IReadOnlyList<uint>> done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private MeterDump(uint transaction) => this.transaction = transaction;

    /// <returns>None where the switch has no meters at all: whoever needs one hears of that with its flow.</returns>
    /// <exception cref="ConnectionLostException">The connection broke, or the switch sent what is no description of meters.</exception>
    public static async Task<IReadOnlyList<uint>> RunAsync(OpenFlowConnection connection, CancellationToken cancellation)
    {
        var dump = new MeterDump(connection.NextTransaction());
        using var request = new MessageBuffer();
        MessageHeader.Write(request, MessageType.MultipartRequest, dump.transaction, 8 + 8);
        request.UInt16((ushort)MultipartType.MeterConfiguration);
        request.UInt16(0);
        request.UInt32(0);
        request.UInt32(AllMeters);
        request.UInt32(0);
        connection.Begin(dump);
        await connection.SendAsync(request.Memory, cancellation);
        return await dump.done.Task.WaitAsync(cancellation);
    }

    /// <summary>
    /// <code>
    ///  type:16 flags:16 pad:32  ( length:16 flags:16 meter:32 bands )*
    /// </code>
    /// </summary>
    public void Read(MessageHeader header, ref WireReader message)
    {
        if (header.Transaction != transaction)
        {
            return;
        }

        if (header.Type != MessageType.MultipartReply)
        {
            done.TrySetResult([]);
            return;
        }

        message.Take(2);
        var flags = message.UInt16();
        message.Take(4);
        while (!message.IsEmpty)
        {
            var meter = message.Part(message.UInt16() - 2);
            meter.Take(2);
            meters.Add(meter.UInt32());
            if (meter.Error is { } error)
            {
                message.Fail(error);
            }
        }

        if (message.Error is null && (flags & More) == 0)
        {
            done.TrySetResult(meters);
        }
    }

    public void Lose(ConnectionLostException reason)
    {
        done.TrySetException(reason);

        // No news, where nobody waits any longer.
        _ = done.Task.Exception;
    }
}
