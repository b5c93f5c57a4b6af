using System.Globalization;

namespace Osc.Xen.Xenstore;

/// <summary>
/// Requests that count together or not at all, and see the store as it was at the beginning. If somebody else changed what they
/// looked at, <see cref="CommitAsync"/> says <see cref="XenstoreError.Conflict"/> and the caller begins anew. Disposing gives up
/// what was not committed. A transaction dies with its connection. One caller at a time.
/// </summary>
public sealed class XenstoreTransaction : IXenstoreCaller, IAsyncDisposable
{
    private readonly XenstoreConnection connection;
    private readonly uint number;
    private bool isOver;

    private XenstoreTransaction(XenstoreConnection connection, uint number)
    {
        this.connection = connection;
        this.number = number;
    }

    internal static async Task<Reply<XenstoreTransaction>> BeginAsync(XenstoreConnection connection, CancellationToken cancellation)
    {
        var answer = await connection.CallAsync(MessageType.TransactionStart, 0, Payload.Empty, cancellation);
        return answer.Then<XenstoreTransaction>(payload =>
            uint.TryParse(Payload.Text(payload).TrimEnd('\0'), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number != 0
                ? new XenstoreTransaction(connection, number)
                : new XenstoreFailure(XenstoreError.Other, "TransactionStart: an answer of an unknown form"));
    }

    Task<Reply<byte[]>> IXenstoreCaller.CallAsync(MessageType type, ReadOnlyMemory<byte> payload, CancellationToken cancellation) =>
        isOver ? throw new InvalidOperationException("the transaction is over") : connection.CallAsync(type, number, payload, cancellation);

    /// <summary>Makes all of it count. Null: it does. Afterwards the transaction is over in any case.</summary>
    public Task<XenstoreFailure?> CommitAsync(CancellationToken cancellation = default) => EndAsync("T", cancellation);

    public async ValueTask DisposeAsync()
    {
        if (!isOver)
        {
            // If this fails the connection is gone, and the transaction with it.
            await EndAsync("F", CancellationToken.None);
        }
    }

    private async Task<XenstoreFailure?> EndAsync(string how, CancellationToken cancellation)
    {
        var ending = XenstoreOperations.DoAsync(this, MessageType.TransactionEnd, Payload.Of([how]), cancellation);
        isOver = true;
        return await ending;
    }
}
