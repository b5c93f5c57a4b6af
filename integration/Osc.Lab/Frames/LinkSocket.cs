using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Osc.Lab.Frames;

/// <summary>Whole frames to and from the links of a namespace, past its IP stack (packet(7)).</summary>
internal static class LinkSocket
{
    // Linux: AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, ETH_P_ALL, and struct sockaddr_ll up to its end.
    private const ushort AddressFamilyPacket = 17;
    private const int RawCloseOnExec = 3 | 0x80000;
    private const ushort AllProtocols = 3;
    private const int AddressBytes = 20;
    private const int BufferBytes = 16 << 20;

    // SOL_SOCKET, SO_RCVBUFFORCE.
    private const int SocketLevel = 1;
    private const int ReceiveBufferForce = 33;

    /// <param name="link">A link of the namespace; null: all of them, to listen only.</param>
    /// <exception cref="LabException">The kernel refuses, or there is no such link.</exception>
    public static Socket Open(Netns netns, string? link) => netns.Enter(() =>
    {
        var index = link is null ? 0 : InterfaceIndex(link);
        if (link is not null && index == 0)
        {
            throw new LabException($"{netns.Name} has no link {link}");
        }

        var protocol = (ushort)IPAddress.HostToNetworkOrder((short)AllProtocols);
        var descriptor = OpenSocket(AddressFamilyPacket, RawCloseOnExec, protocol);
        Span<byte> address = stackalloc byte[AddressBytes];
        address.Clear();
        MemoryMarshal.Write(address, AddressFamilyPacket);
        MemoryMarshal.Write(address[2..], protocol);
        MemoryMarshal.Write(address[4..], index);
        if (descriptor < 0 || Bind(descriptor, ref MemoryMarshal.GetReference(address), AddressBytes) != 0)
        {
            throw new LabException($"no packet socket in {netns.Name}: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
        socket.SetRawSocketOption(SocketLevel, ReceiveBufferForce, BitConverter.GetBytes(BufferBytes));
        return socket;
    });

    [DllImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static extern nint OpenSocket(int family, int type, int protocol);

    [DllImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static extern int Bind(nint descriptor, ref byte address, int length);

    [DllImport("libc", EntryPoint = "if_nametoindex", SetLastError = true)]
    private static extern int InterfaceIndex([MarshalAs(UnmanagedType.LPUTF8Str)] string name);
}
