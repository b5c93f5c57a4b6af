using System.Net;
using System.Net.Sockets;
using Osc.Model;

namespace Osc.Lab.Probes;

/// <summary>Osc's addresses as sockets take them.</summary>
public static class Endpoints
{
    public static AddressFamily Family(this IpAddress address) => address.IsIPv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;

    public static IPEndPoint At(this IpAddress address, int port) => new(IPAddress.Parse(address.ToString()), port);
}
