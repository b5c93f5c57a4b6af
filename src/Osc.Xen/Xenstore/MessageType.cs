namespace Osc.Xen.Xenstore;

/// <summary>What a message asks for or is: enum xsd_sockmsg_type of Xen's io/xs_wire.h. Only what a client may send or get is named.</summary>
public enum MessageType : uint
{
    Directory = 1,
    Read = 2,
    GetPermissions = 3,
    Watch = 4,
    Unwatch = 5,
    TransactionStart = 6,
    TransactionEnd = 7,
    Introduce = 8,
    Release = 9,
    GetDomainPath = 10,
    Write = 11,
    MakeDirectory = 12,
    Remove = 13,
    SetPermissions = 14,

    /// <summary>Comes unasked.</summary>
    WatchEvent = 15,

    /// <summary>The answer to any request that failed.</summary>
    Error = 16,

    IsDomainIntroduced = 17,
    ResetWatches = 21,
    DirectoryPart = 22,
}
