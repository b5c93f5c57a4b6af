using System.Net.Sockets;
using Osc.Model;

namespace Osc.Lab.Probes;

/// <summary>TCP connections to a <see cref="Responder"/>, and whether they still carry anything.</summary>
public static class TcpEcho
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <exception cref="OperationCanceledException">Nobody answered in time.</exception>
    public static async Task<Socket> OpenAsync(Station from, IpAddress to, ushort port)
    {
        var socket = from.Netns.OpenSocket(to.Family(), SocketType.Stream, ProtocolType.Tcp);
        using var timeout = new CancellationTokenSource(Patience);
        await socket.ConnectAsync(to.At(port), timeout.Token);
        return socket;
    }

    /// <summary>Whether what is sent comes back in time.</summary>
    /// <exception cref="LabException">The other end closed the connection.</exception>
    public static async Task<bool> ComesBackAsync(Socket socket)
    {
        using var timeout = new CancellationTokenSource(Patience);
        var sent = Guid.NewGuid().ToByteArray();
        var got = new byte[sent.Length];
        try
        {
            await socket.SendAsync(sent, timeout.Token);
            for (var count = 0; count < got.Length;)
            {
                count += await socket.ReceiveAsync(got.AsMemory(count), timeout.Token) is > 0 and var more ? more : throw new LabException("the other end closed the connection");
            }

            return got.AsSpan().SequenceEqual(sent);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
