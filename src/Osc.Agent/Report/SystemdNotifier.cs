using System.Net.Sockets;
using System.Text;

namespace Osc.Agent.Report;

/// <summary>Tells systemd how the service fares (sd_notify(3)): one datagram to the socket that NOTIFY_SOCKET names.</summary>
/// <param name="socketPath">A path, or an abstract name that begins with '@'; null or empty: nobody wants to know.</param>
public sealed class SystemdNotifier(string? socketPath)
{
    public const string Ready = "READY=1";

    public const string Stopping = "STOPPING=1";

    /// <returns>null, or why the word did not get through.</returns>
    public string? Notify(string state)
    {
        if (string.IsNullOrEmpty(socketPath))
        {
            return null;
        }

        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(socketPath[0] == '@' ? '\0' + socketPath[1..] : socketPath));
            socket.Send(Encoding.UTF8.GetBytes(state));
            return null;
        }
        catch (SocketException e)
        {
            return $"{socketPath}: {e.Message}";
        }
    }
}
