using System.Net.Sockets;

namespace Osc.Fuzz.Targets;

/// <summary>What is at the other end of a unix socket: it waits for so many bytes, says something, and so on; then it says no more.</summary>
internal sealed class RawPeer
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public RawPeer(string path)
    {
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
    }

    /// <summary>Plays one connection.</summary>
    /// <param name="client">Connects, and ends by itself however the peer behaves. One that does not is a finding.</param>
    public T Play<T>(Func<Task<T>> client, params (int Await, byte[] Say)[] script)
    {
        var serving = Task.Run(() => ServeAsync(script));
        try
        {
            return client().WaitAsync(Patience).GetAwaiter().GetResult();
        }
        finally
        {
            serving.WaitAsync(Patience).GetAwaiter().GetResult();
        }
    }

    private async Task ServeAsync((int Await, byte[] Say)[] script)
    {
        using var socket = await listener.AcceptAsync();
        var buffer = new byte[4096];
        try
        {
            var got = 0;
            foreach (var (wanted, said) in script)
            {
                for (; got < wanted; got += await ReceiveAsync(socket, buffer))
                {
                }

                got -= wanted;
                for (ReadOnlyMemory<byte> left = said; !left.IsEmpty;)
                {
                    left = left[await socket.SendAsync(left)..];
                }
            }

            socket.Shutdown(SocketShutdown.Send);
            while (await socket.ReceiveAsync(buffer) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // The client has heard enough.
        }
    }

    private static async Task<int> ReceiveAsync(Socket socket, byte[] buffer) =>
        await socket.ReceiveAsync(buffer) is var count and > 0 ? count : throw new SocketException((int)SocketError.ConnectionReset);
}
