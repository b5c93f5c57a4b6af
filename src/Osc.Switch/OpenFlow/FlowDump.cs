namespace Osc.Switch.OpenFlow;

/// <summary>Takes one dumped flow; it is valid during the call only.</summary>
internal delegate void FlowVisitor(in FlowEntry entry);

/// <summary>Reads all flows of a bridge, entry by entry as they come in (OpenFlow 1.5.1 section 7.3.5.2, OFPMP_FLOW_DESC).</summary>
internal sealed class FlowDump : IReplyReader
{
    private const ushort More = 1;

    private readonly uint transaction;
    private readonly FlowVisitor visit;
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FlowDump(uint transaction, FlowVisitor visit)
    {
        this.transaction = transaction;
        this.visit = visit;
    }

    /// <param name="visit">Called on the connection's reading thread, before this method's task ends.</param>
    /// <exception cref="ConnectionLostException">The connection broke, or the switch sent what is no dump.</exception>
    public static Task RunAsync(OpenFlowConnection connection, FlowVisitor visit, CancellationToken cancellation) => RunAsync(connection, 0, 0, visit, cancellation);

    /// <param name="cookie">Of which flows only those are wanted that have its bits in <paramref name="cookieMask"/>.</param>
    /// <inheritdoc cref="RunAsync(OpenFlowConnection, FlowVisitor, CancellationToken)"/>
    public static async Task RunAsync(OpenFlowConnection connection, ulong cookie, ulong cookieMask, FlowVisitor visit, CancellationToken cancellation)
    {
        var dump = new FlowDump(connection.NextTransaction(), visit);
        using var request = new MessageBuffer();
        MessageHeader.Write(request, MessageType.MultipartRequest, dump.transaction, 8 + 32 + 8);
        request.UInt16((ushort)MultipartType.FlowDescription);
        request.UInt16(0);
        request.UInt32(0);
        request.Byte(Protocol.AllTables);
        request.Append(3);
        request.UInt32(Protocol.AnyPort);
        request.UInt32(Protocol.AnyGroup);
        request.UInt32(0);
        request.UInt64(cookie);
        request.UInt64(cookieMask);
        request.UInt16(Protocol.OxmMatch);
        request.UInt16(4);
        request.UInt32(0);
        connection.Begin(dump);
        await connection.SendAsync(request.Memory, cancellation);
        await dump.done.Task.WaitAsync(cancellation);
    }

    public void Read(MessageHeader header, ref WireReader message)
    {
        if (header.Transaction != transaction)
        {
            return;
        }

        if (header.Type != MessageType.MultipartReply)
        {
            message.Fail(header.Type == MessageType.Error ? $"the switch refused to dump its flows: {OpenFlowError.Read(ref message)}" : "no flow dump");
            return;
        }

        message.Take(2);
        var flags = message.UInt16();
        message.Take(4);
        while (!message.IsEmpty)
        {
            var entry = FlowEntry.Read(ref message);
            if (message.Error is null)
            {
                visit(entry);
            }
        }

        if (message.Error is null && (flags & More) == 0)
        {
            done.TrySetResult();
        }
    }

    public void Lose(ConnectionLostException reason)
    {
        done.TrySetException(reason);

        // No news, where nobody waits any longer.
        _ = done.Task.Exception;
    }
}
