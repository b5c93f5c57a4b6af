using System.Net.Sockets;

namespace Osc.Lab.Frames;

/// <summary>Sends frames as they are out of a link, as a workload with a raw socket can.</summary>
public sealed class FrameSender : IDisposable
{
    private readonly Socket socket;

    private FrameSender(Socket socket) => this.socket = socket;

    public static FrameSender Open(Netns netns, string link) => new(LinkSocket.Open(netns, link));

    public void Send(ReadOnlySpan<byte> frame) => socket.Send(frame);

    public void Dispose() => socket.Dispose();
}
