namespace Osc.Xen.Xenstore;

/// <summary>The protocol's limits (Xen's io/xs_wire.h and docs/misc/xenstore.txt), in bytes.</summary>
public static class XenstoreLimits
{
    /// <summary>XENSTORE_PAYLOAD_MAX, in either direction. Who sends more is disconnected at once, so nothing longer is ever sent.</summary>
    public const int Payload = 4096;

    /// <summary>XENSTORE_ABS_PATH_MAX.</summary>
    public const int AbsolutePath = 3072;

    /// <summary>XENSTORE_REL_PATH_MAX.</summary>
    public const int RelativePath = 2048;
}
