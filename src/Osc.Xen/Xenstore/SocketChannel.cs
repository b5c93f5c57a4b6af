using System.Net.Sockets;

namespace Osc.Xen.Xenstore;

/// <summary>The unix socket of a xenstored in the same domain: dom0's, or that of a lab.</summary>
internal sealed class SocketChannel : IXenstoreChannel
{
    private readonly NetworkStream stream;

    private SocketChannel(NetworkStream stream) => this.stream = stream;

    public int MaxPayload => XenstoreLimits.Payload;

    public bool IsOneAtATime => false;

    /// <summary>Connects, which with a unix socket works at once or not at all.</summary>
    /// <exception cref="IOException">Nobody listens there, or one may not connect.</exception>
    public static SocketChannel Open(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return new(new(socket, ownsSocket: true));
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // ArgumentException: the path is too long for a unix socket.
            socket.Dispose();
            throw new IOException($"{path}: {e.Message}", e);
        }
    }

    public async ValueTask<int> ReadAsync(Memory<byte> bytes)
    {
        try
        {
            return await stream.ReadAsync(bytes);
        }
        catch (ObjectDisposedException)
        {
            return 0;
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> message)
    {
        try
        {
            await stream.WriteAsync(message);
        }
        catch (ObjectDisposedException e)
        {
            throw new IOException("the connection was closed", e);
        }
    }

    public void Dispose() => stream.Dispose();
}
