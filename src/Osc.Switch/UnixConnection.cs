using System.Net.Sockets;

namespace Osc.Switch;

/// <summary>Connects to the switch's unix sockets and says in plain words why that did not work.</summary>
internal static class UnixConnection
{
    /// <summary>Connects. To a unix socket that either works at once or not at all.</summary>
    /// <param name="path">The socket's path.</param>
    /// <param name="absent">What it means when the socket is not there.</param>
    /// <exception cref="ConnectionLostException">It did not work.</exception>
    public static Socket Connect(string path, string absent)
    {
        if (!File.Exists(path))
        {
            throw new ConnectionLostException($"{absent}: {path} does not exist");
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new ConnectionLostException(e.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => $"nothing listens on {path}: Open vSwitch has stopped or crashed",
                SocketError.AccessDenied => $"{path} may not be opened: permission denied",
                _ => $"{path}: {e.Message}",
            }, e);
        }
        catch (ArgumentException e)
        {
            socket.Dispose();
            throw new ConnectionLostException($"{path}: the path is too long for a unix socket", e);
        }
    }
}
