using System.Buffers.Binary;
using System.Net.Sockets;
using Osc.Model;
using Osc.Switch.OpenFlow;

namespace Osc.Switch.Tests;

/// <summary>Something at the other end of a management socket that greets like a switch and then does what a test says.</summary>
internal sealed class FakeSwitch : IAsyncDisposable
{
    public static readonly PortName Bridge = PortName.Parse("br0");

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc");
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Task serving;

    /// <param name="answer">What to send for a message of a type, after the greeting; null closes the connection.</param>
    /// <param name="version">The version byte of the greeting.</param>
    public FakeSwitch(Func<MessageType, byte[], byte[]?> answer, byte version = 6)
    {
        File.WriteAllText(Sockets.Database, "");
        listener.Bind(new UnixDomainSocketEndPoint(Sockets.Management(Bridge)));
        listener.Listen();
        serving = ServeAsync(answer, version);
    }

    public SwitchSockets Sockets => SwitchSockets.In(directory.FullName);

    public static byte[] Message(MessageType type, byte[] request, params byte[] body)
    {
        var message = new byte[8 + body.Length];
        message[0] = 6;
        message[1] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), (ushort)message.Length);
        request.AsSpan(4, 4).CopyTo(message.AsSpan(4));
        body.CopyTo(message, 8);
        return message;
    }

    /// <summary>A dump of no flows.</summary>
    public static byte[] NoFlows(byte[] request) => Message(MessageType.MultipartReply, request, 0, 1, 0, 0, 0, 0, 0, 0);

    public async ValueTask DisposeAsync()
    {
        listener.Dispose();
        await serving;
        directory.Delete(recursive: true);
    }

    private async Task ServeAsync(Func<MessageType, byte[], byte[]?> answer, byte version)
    {
        try
        {
            while (true)
            {
                using var socket = await listener.AcceptAsync();
                await ServeAsync(socket, answer, version);
            }
        }
        catch (SocketException)
        {
            // The test is over.
        }
        catch (ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static async Task ServeAsync(Socket socket, Func<MessageType, byte[], byte[]?> answer, byte version)
    {
        await using var stream = new NetworkStream(socket);
        try
        {
            while (true)
            {
                var header = new byte[8];
                await stream.ReadExactlyAsync(header);
                var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(2))];
                header.CopyTo(message, 0);
                await stream.ReadExactlyAsync(message.AsMemory(8));
                var reply = (MessageType)header[1] switch
                {
                    MessageType.Hello => [version, 0, 0, 8, 0, 0, 0, 1],
                    MessageType.SetConfig or MessageType.MeterMod => [],
                    MessageType.MultipartRequest when BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(4)) == PacketMessages.Transaction => [],
                    MessageType.FeaturesRequest => Message(MessageType.FeaturesReply, message, new byte[24]),
                    var type => answer(type, message),
                };
                if (reply is null)
                {
                    return;
                }

                await stream.WriteAsync(reply);
            }
        }
        catch (IOException)
        {
            // The client has closed.
        }
    }
}
