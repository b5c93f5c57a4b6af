namespace Osc.Switch.OpenFlow;

/// <summary>
/// A change of flows that takes effect whole or not at all (OpenFlow 1.5.1 section 6.9):
/// <code>
///  open, add, add, ..., close  -->          everything is sent without waiting
///                              &lt;--  errors of messages that the switch cannot take, then the close reply
///  commit, barrier             -->          only when there was none; else discard
///                              &lt;--  the commit reply and the barrier, or the first flow that failed
/// </code>
/// A bundle that is not committed is dropped by the switch, at the latest when the connection closes.
/// </summary>
internal sealed class Bundle : IReplyReader, IDisposable
{
    /// <summary>How much is collected before it is sent.</summary>
    private const int FlushBytes = 60 * 1024;

    /// <summary>Only so many refused messages are remembered; a switch that refuses one often refuses all.</summary>
    private const int MaxErrors = 1000;

    private static uint lastId;

    private readonly OpenFlowConnection connection;
    private readonly MessageBuffer buffer = new(2 * FlushBytes);
    private readonly uint id = Interlocked.Increment(ref lastId);
    private readonly uint firstTransaction;
    private readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<BundleError> errors = [];
    private uint nextTransaction;

    /// <param name="count">How many messages will be added at most.</param>
    public Bundle(OpenFlowConnection connection, int count)
    {
        this.connection = connection;
        firstTransaction = connection.NextTransaction(count + 1);
        nextTransaction = firstTransaction;
        connection.Begin(this);
        Control(BundleControl.Open, connection.NextTransaction());
    }

    /// <summary>Whether <see cref="FlushAsync"/> is due.</summary>
    public bool IsFull => buffer.Length >= FlushBytes;

    /// <summary>Adds a flow_mod; its place among the added ones, from 0, is what <see cref="BundleError.Index"/> counts.</summary>
    public void Add(FlowCommand command, in FlowEntry entry, ulong cookieMask)
    {
        var transaction = nextTransaction++;
        var start = buffer.Length;
        MessageHeader.Write(buffer, MessageType.BundleAdd, transaction, 0);
        buffer.UInt32(id);
        buffer.UInt16(0);
        buffer.UInt16((ushort)(BundleFlags.Atomic | BundleFlags.Ordered));
        FlowMod.Write(buffer, transaction, command, entry, cookieMask);
        buffer.SetLength(start + 2, buffer.Length - start);
    }

    /// <exception cref="ConnectionLostException">The connection broke.</exception>
    public async ValueTask FlushAsync(CancellationToken cancellation)
    {
        await connection.SendAsync(buffer.Memory, cancellation);
        buffer.Clear();
    }

    /// <summary>Has the switch do it.</summary>
    /// <returns>Nothing when it is done and a barrier confirmed it; else the messages that it refused, and nothing has changed.</returns>
    /// <exception cref="ConnectionLostException">The connection broke; before the answer, it is not known whether it was done.</exception>
    public async Task<IReadOnlyList<BundleError>> CommitAsync(CancellationToken cancellation)
    {
        Control(BundleControl.Close, connection.NextTransaction());
        await FlushAsync(cancellation);
        await closed.Task.WaitAsync(cancellation);
        if (errors.Count == 0)
        {
            Control(BundleControl.Commit, connection.NextTransaction());
        }
        else
        {
            Control(BundleControl.Discard, connection.NextTransaction());
        }

        MessageHeader.Write(buffer, MessageType.BarrierRequest, connection.NextTransaction(), 0);
        await FlushAsync(cancellation);
        await finished.Task.WaitAsync(cancellation);
        return errors;
    }

    /// <summary>Forgets the bundle: nothing of it takes effect.</summary>
    public async Task DiscardAsync(CancellationToken cancellation)
    {
        Control(BundleControl.Discard, connection.NextTransaction());
        MessageHeader.Write(buffer, MessageType.BarrierRequest, connection.NextTransaction(), 0);
        await FlushAsync(cancellation);
        await finished.Task.WaitAsync(cancellation);
    }

    public void Read(MessageHeader header, ref WireReader message)
    {
        switch (header.Type)
        {
            case MessageType.Error:
                ReadError(header, ref message);
                break;
            case MessageType.BundleControl:
                message.Take(4);
                if ((BundleControl)message.UInt16() == BundleControl.CloseReply)
                {
                    closed.TrySetResult();
                }

                break;
            case MessageType.BarrierReply:
                finished.TrySetResult();
                break;
        }
    }

    public void Lose(ConnectionLostException reason)
    {
        closed.TrySetException(reason);
        finished.TrySetException(reason);

        // Whichever of the two nobody came to wait for is no news.
        _ = closed.Task.Exception;
        _ = finished.Task.Exception;
    }

    public void Dispose() => buffer.Dispose();

    private void ReadError(MessageHeader header, ref WireReader message)
    {
        var error = OpenFlowError.Read(ref message);
        var index = header.Transaction - firstTransaction;
        var isAdded = index < nextTransaction - firstTransaction;
        if (errors.Count < MaxErrors && (isAdded || errors.Count == 0))
        {
            // After a flow that failed comes one for the commit itself, which says no more.
            errors.Add(new(isAdded ? (int)index : null, error));
        }

        if (!isAdded)
        {
            // Open, close or commit failed: a close reply may never come.
            closed.TrySetResult();
        }
    }

    private void Control(BundleControl control, uint transaction)
    {
        MessageHeader.Write(buffer, MessageType.BundleControl, transaction, 8);
        buffer.UInt32(id);
        buffer.UInt16((ushort)control);
        buffer.UInt16((ushort)(BundleFlags.Atomic | BundleFlags.Ordered));
    }
}

/// <summary>A message of a bundle that the switch refused.</summary>
/// <param name="Index">Which added message; null where the bundle itself was refused.</param>
internal readonly record struct BundleError(int? Index, OpenFlowError Error);
