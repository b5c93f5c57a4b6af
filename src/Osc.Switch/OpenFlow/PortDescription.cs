using System.Text;

namespace Osc.Switch.OpenFlow;

/// <summary>A port as the bridge itself describes it (OpenFlow 1.5.1 section 7.3.5.15, OFPMP_PORT_DESC).</summary>
/// <param name="Number">What flows call it.</param>
/// <param name="Name">The interface's name, of which OpenFlow keeps no more than 15 bytes.</param>
/// <param name="IsDown">Administratively down, or without link.</param>
public readonly record struct PortDescription(uint Number, string Name, bool IsDown)
{
    private const uint PortDown = 1;
    private const uint LinkDown = 1;

    internal static PortDescription Read(ref WireReader reader)
    {
        var number = reader.UInt32();
        var length = reader.UInt16();
        var body = reader.Part(length - 6);
        body.Take(2 + 6 + 2);
        var name = body.Take(16);
        var config = body.UInt32();
        var state = body.UInt32();
        if (body.Error is { } error)
        {
            reader.Fail($"a port description is cut short: {error}");
        }

        var end = name.IndexOf((byte)0);
        return new(number, Encoding.UTF8.GetString(end < 0 ? name : name[..end]), (config & PortDown) != 0 || (state & LinkDown) != 0);
    }
}

/// <summary>Reads the descriptions of a bridge's ports.</summary>
internal sealed class PortDump : IReplyReader
{
    private const ushort More = 1;

    private readonly uint transaction;
    private readonly List<PortDescription> ports = [];
    private readonly TaskCompletionSource<IReadOnlyList<PortDescription>> done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private PortDump(uint transaction) => this.transaction = transaction;

    /// <exception cref="ConnectionLostException">The connection broke, or the switch sent what is no port description.</exception>
    public static async Task<IReadOnlyList<PortDescription>> RunAsync(OpenFlowConnection connection, CancellationToken cancellation)
    {
        var dump = new PortDump(connection.NextTransaction());
        using var request = new MessageBuffer();
        MessageHeader.Write(request, MessageType.MultipartRequest, dump.transaction, 8 + 8);
        request.UInt16((ushort)MultipartType.PortDescription);
        request.UInt16(0);
        request.UInt32(0);
        request.UInt32(Protocol.AnyPort);
        request.UInt32(0);
        connection.Begin(dump);
        await connection.SendAsync(request.Memory, cancellation);
        return await dump.done.Task.WaitAsync(cancellation);
    }

    public void Read(MessageHeader header, ref WireReader message)
    {
        if (header.Transaction != transaction)
        {
            return;
        }

        if (header.Type != MessageType.MultipartReply)
        {
            message.Fail(header.Type == MessageType.Error ? $"the switch refused to describe its ports: {OpenFlowError.Read(ref message)}" : "no port description");
            return;
        }

        message.Take(2);
        var flags = message.UInt16();
        message.Take(4);
        while (!message.IsEmpty)
        {
            ports.Add(PortDescription.Read(ref message));
        }

        if (message.Error is null && (flags & More) == 0)
        {
            done.TrySetResult(ports);
        }
    }

    public void Lose(ConnectionLostException reason)
    {
        done.TrySetException(reason);

        // No news, where nobody waits any longer.
        _ = done.Task.Exception;
    }
}
