namespace Osc.Xen.Xenstore;

/// <summary>Why a request failed: the errors of Xen's io/xs_wire.h that have a meaning for callers, and what may befall a client.</summary>
public enum XenstoreError
{
    /// <summary>Any error that is not named here; its name is in <see cref="XenstoreFailure.Detail"/>.</summary>
    Other,

    /// <summary>ENOENT: there is no such path, or no such transaction.</summary>
    NotFound,

    /// <summary>EACCES, EPERM: the asking domain may not.</summary>
    AccessDenied,

    /// <summary>EINVAL: the server does not understand the request.</summary>
    Invalid,

    /// <summary>EEXIST: for instance a watch that is set already.</summary>
    Exists,

    /// <summary>EAGAIN: somebody changed what the transaction looked at; the caller begins it anew.</summary>
    Conflict,

    /// <summary>ENOSPC, and E2BIG for a watch: the asking domain's quota of nodes, bytes, watches or transactions is used up.</summary>
    QuotaExceeded,

    /// <summary>E2BIG: the answer, or the node, is longer than allowed.</summary>
    TooLong,

    /// <summary>EBUSY.</summary>
    Busy,

    /// <summary>ENOSYS: the server does not know the request.</summary>
    NotSupported,

    /// <summary>The server cannot be reached, or the connection to it ended before the answer. Whether the request was carried out is not known.</summary>
    ConnectionLost,
}

/// <summary>Why a request failed.</summary>
/// <param name="Detail">For people.</param>
public sealed record XenstoreFailure(XenstoreError Error, string Detail)
{
    /// <summary>Reads the server's error: the name of an errno value.</summary>
    internal static XenstoreFailure Read(ReadOnlySpan<byte> payload, MessageType request)
    {
        var name = Payload.Text(payload).TrimEnd('\0');
        var error = name switch
        {
            "ENOENT" => XenstoreError.NotFound,
            "EACCES" or "EPERM" => XenstoreError.AccessDenied,
            "EINVAL" => XenstoreError.Invalid,
            "EEXIST" => XenstoreError.Exists,
            "EAGAIN" => XenstoreError.Conflict,
            "ENOSPC" => XenstoreError.QuotaExceeded,
            "E2BIG" when request == MessageType.Watch => XenstoreError.QuotaExceeded,
            "E2BIG" => XenstoreError.TooLong,
            "EBUSY" => XenstoreError.Busy,
            "ENOSYS" => XenstoreError.NotSupported,
            _ => XenstoreError.Other,
        };
        return new(error, $"{request}: {(name.Length is > 0 and <= 64 ? name : "an error without a name")}");
    }

    public override string ToString() => Detail;
}
