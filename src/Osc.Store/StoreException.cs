namespace Osc.Store;

/// <summary>What is wrong with a store.</summary>
public enum StoreFault
{
    /// <summary>Another process has the store open.</summary>
    InUse,

    /// <summary>The path leads to something else than a store.</summary>
    NotAStore,

    /// <summary>The store was written by a newer Osc.</summary>
    Newer,

    /// <summary>The file is damaged.</summary>
    Corrupt,

    /// <summary>The path cannot be read or written.</summary>
    Inaccessible,

    /// <summary>The disk is full.</summary>
    Full,

    /// <summary>The disk failed.</summary>
    Failed,
}

/// <summary>
/// The store cannot be opened, or an operation on it cannot be done; nothing was changed. The message is one sentence or two
/// for the operator: the path, what is wrong, what to do.
/// </summary>
public sealed class StoreException : Exception
{
    public StoreException(StoreFault fault, string path, string problem, Exception? cause = null)
        : base($"the store {path} {problem}", cause)
    {
        Fault = fault;
        Path = path;
    }

    public StoreFault Fault { get; }

    /// <summary>The database file.</summary>
    public string Path { get; }
}
