namespace Osc.Xen.Xenstore;

/// <summary>Where a xenstore server is to be had.</summary>
/// <param name="Path">A unix socket, or the device.</param>
/// <param name="IsDevice">Whether it is the device: one asks as one's own domain, whichever that is.</param>
public sealed record XenstoreEndpoint(string Path, bool IsDevice)
{
    /// <summary>Linux's device, in every domain whose kernel has xenfs or the xenbus driver.</summary>
    public const string Device = "/dev/xen/xenbus";

    /// <summary>The socket of a xenstored that runs in this domain, which is dom0 but for rare set-ups.</summary>
    public const string Socket = "/var/run/xenstored/socket";

    /// <summary>The endpoint that a path means: what lies below /dev or /proc is the device.</summary>
    public static XenstoreEndpoint Of(string path) =>
        new(path, path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal));

    /// <summary>What this machine has: the socket before the device, as Xen's own library has it; null where there is no Xen.</summary>
    public static XenstoreEndpoint? Find() => new[] { Socket, Device }.Where(File.Exists).Select(Of).FirstOrDefault();

    /// <exception cref="IOException">It cannot be opened.</exception>
    internal IXenstoreChannel Open() => IsDevice ? DeviceChannel.Open(Path) : SocketChannel.Open(Path);
}
