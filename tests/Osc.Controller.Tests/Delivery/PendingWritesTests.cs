using Osc.Controller.Delivery;
using Osc.Store;
using Xunit;

namespace Osc.Controller.Tests.Delivery;

public sealed class PendingWritesTests
{
    private readonly List<int> written = [];
    private readonly PendingWrites pending;
    private bool isFull;
    private int failures;

    public PendingWritesTests() => pending = new(_ => failures++);

    [Fact]
    public void What_the_store_does_not_take_is_written_later_and_in_order()
    {
        Write(1);
        isFull = true;
        Write(2);
        Write(3);
        Assert.False(pending.Flush());
        Assert.Equal([1], written);

        isFull = false;
        Write(4);
        Assert.True(pending.Flush());
        Assert.Equal([1, 2, 3, 4], written);
        Assert.Equal(3, failures);
    }

    [Fact]
    public void Oldest_are_given_up_where_too_many_wait()
    {
        isFull = true;
        for (var i = 0; i <= PendingWrites.MaxWaiting; i++)
        {
            Write(i);
        }

        isFull = false;
        Assert.True(pending.Flush());
        Assert.Equal(Enumerable.Range(1, PendingWrites.MaxWaiting), written);
    }

    private void Write(int number) => pending.Write(() => written.Add(isFull ? throw new StoreException(StoreFault.Full, "osc.db", "is full") : number));
}
