using System.Globalization;

namespace Osc.Xen.Xenstore;

/// <summary>
/// What a domain may ask (docs/misc/xenstore.txt). Every failure is a value: without an answer's value, null says that it is done.
/// </summary>
public static class XenstoreOperations
{
    private const string Done = "OK";

    /// <summary>The longest list that is put together, in bytes: every domain that there can be, several times.</summary>
    private const int MaxList = 4 << 20;

    /// <summary>How often a list may change under the reader before it gives up.</summary>
    private const int MaxBeginnings = 100;

    /// <summary>The value of a node, as Latin-1 text; by convention ASCII.</summary>
    public static async Task<Reply<string>> ReadAsync(this IXenstoreCaller store, XenstorePath path, CancellationToken cancellation = default) =>
        (await store.CallAsync(MessageType.Read, Payload.Of([path.Value]), cancellation)).Then<string>(static p => Payload.Text(p));

    /// <summary>Sets the value of a node and makes it, and those above it, if they are not there.</summary>
    public static Task<XenstoreFailure?> WriteAsync(this IXenstoreCaller store, XenstorePath path, ReadOnlyMemory<byte> value, CancellationToken cancellation = default) =>
        DoAsync(store, MessageType.Write, Payload.Of([path.Value], value.Span), cancellation);

    /// <summary>Makes a node, and those above it; nothing if it is there.</summary>
    public static Task<XenstoreFailure?> MakeDirectoryAsync(this IXenstoreCaller store, XenstorePath path, CancellationToken cancellation = default) =>
        DoAsync(store, MessageType.MakeDirectory, Payload.Of([path.Value]), cancellation);

    /// <summary>Removes a node with all below it. NotFound only if the node above it is not there either.</summary>
    public static Task<XenstoreFailure?> RemoveAsync(this IXenstoreCaller store, XenstorePath path, CancellationToken cancellation = default) =>
        DoAsync(store, MessageType.Remove, Payload.Of([path.Value]), cancellation);

    /// <summary>Who may do what with a node: "n5" its owner, then "r9", "w9", "b9" for others.</summary>
    public static async Task<Reply<IReadOnlyList<string>>> GetPermissionsAsync(this IXenstoreCaller store, XenstorePath path, CancellationToken cancellation = default) =>
        (await store.CallAsync(MessageType.GetPermissions, Payload.Of([path.Value]), cancellation)).Then(static p => Names(p, MessageType.GetPermissions));

    /// <param name="permissions">As <see cref="GetPermissionsAsync"/> gives them.</param>
    public static Task<XenstoreFailure?> SetPermissionsAsync(
        this IXenstoreCaller store, XenstorePath path, IReadOnlyList<string> permissions, CancellationToken cancellation = default) =>
        DoAsync(store, MessageType.SetPermissions, Payload.Of([path.Value, .. permissions]), cancellation);

    /// <summary>The path that a domain's relative paths begin at.</summary>
    public static async Task<Reply<string>> GetDomainPathAsync(this IXenstoreCaller store, ushort domain, CancellationToken cancellation = default) =>
        (await store.CallAsync(MessageType.GetDomainPath, Payload.Of([Text(domain)]), cancellation)).Then<string>(static p => Payload.Text(p).TrimEnd('\0'));

    /// <summary>The names of the nodes right below a node, however many.</summary>
    public static async Task<Reply<IReadOnlyList<string>>> ListAsync(this IXenstoreCaller store, XenstorePath path, CancellationToken cancellation = default)
    {
        var whole = await store.CallAsync(MessageType.Directory, Payload.Of([path.Value]), cancellation);
        return whole is { Failure.Error: XenstoreError.TooLong }
            ? await ListInPartsAsync(store, path, cancellation)
            : whole.Then(static p => Names(p, MessageType.Directory));
    }

    /// <summary>
    /// A list that is longer than an answer may be, part by part. Each part says which generation of the node it is of; if that changes
    /// in between, all begins anew.
    /// </summary>
    private static async Task<Reply<IReadOnlyList<string>>> ListInPartsAsync(IXenstoreCaller store, XenstorePath path, CancellationToken cancellation)
    {
        var list = new List<byte>();
        string? generation = null;
        for (var beginnings = 1; beginnings <= MaxBeginnings && list.Count <= MaxList;)
        {
            var answer = await store.CallAsync(MessageType.DirectoryPart, Payload.Of([path.Value, Text(list.Count)]), cancellation);
            if (!answer.IsGiven)
            {
                return answer.Failure;
            }

            var part = answer.Value.AsSpan();
            var mark = part.IndexOf((byte)0);
            if (mark < 0)
            {
                return Nonsense(MessageType.DirectoryPart);
            }

            var read = Payload.Text(part[..mark]);
            var names = part[(mark + 1)..];
            if (generation is not null && generation != read)
            {
                list.Clear();
                generation = null;
                beginnings++;
                continue;
            }

            generation = read;
            // The end is marked by one zero byte more, which counts for no name.
            var isLast = names.IsEmpty || (names[^1] == 0 && (names.Length == 1 || names[^2] == 0));
            list.AddRange(isLast && !names.IsEmpty ? names[..^1] : names);
            if (isLast)
            {
                return Names([.. list], MessageType.DirectoryPart);
            }
        }

        return new XenstoreFailure(XenstoreError.Busy, $"DirectoryPart: the list of {path} never rests, or never ends");
    }

    internal static async Task<XenstoreFailure?> DoAsync(IXenstoreCaller store, MessageType type, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        var answer = await store.CallAsync(type, payload, cancellation);
        return !answer.IsGiven ? answer.Failure : Payload.Text(answer.Value).TrimEnd('\0') == Done ? null : Nonsense(type);
    }

    internal static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static Reply<IReadOnlyList<string>> Names(byte[] payload, MessageType type) => Payload.Texts(payload) is { } names ? names : Nonsense(type);

    private static XenstoreFailure Nonsense(MessageType type) => new(XenstoreError.Other, $"{type}: an answer of an unknown form");
}
